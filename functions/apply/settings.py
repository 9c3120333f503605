"""The settings of apply, read once from its environment variables, which template.yaml sets."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ApplySettings(BaseModel):
    """One field per environment variable."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    documents_bucket: str = Field(alias="DOCUMENTS_BUCKET")
    stage: str = Field(alias="STAGE", default="")
    require_policy: bool = Field(alias="REQUIRE_POLICY", default=False)
    flow_changes_queue_url: str = Field(alias="FLOW_CHANGES_QUEUE_URL")
    dead_letter_queue_url: str = Field(alias="DEAD_LETTER_QUEUE_URL")
    release_timers_queue_url: str = Field(alias="RELEASE_TIMERS_QUEUE_URL")
    paused: bool = Field(alias="PAUSED", default=False)
    event_bus_name: str = Field(alias="EVENT_BUS_NAME")
    max_attempts: int = Field(alias="MAX_ATTEMPTS", ge=1)
    create_missing_flows: bool = Field(alias="CREATE_MISSING_FLOWS")
    check_fields: Literal["off", "warn", "refuse"] = Field(alias="CHECK_FIELDS", default="off")
    former_buckets: str = Field(alias="FORMER_BUCKETS", default="")
    """Comma-separated names of documents buckets whose flows may be adopted."""
