"""The settings of watch_runs, read once from its environment variables, which template.yaml sets."""

from pydantic import BaseModel, ConfigDict, Field


class WatchRunsSettings(BaseModel):
    """One field per environment variable."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    documents_bucket: str = Field(alias="DOCUMENTS_BUCKET")
    check_fields: str = Field(alias="CHECK_FIELDS", default="off")
    event_bus_name: str = Field(alias="EVENT_BUS_NAME")
