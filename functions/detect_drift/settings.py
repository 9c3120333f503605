"""The settings of detect_drift, read once from its environment variables, which template.yaml sets."""

from pydantic import BaseModel, ConfigDict, Field


class DetectDriftSettings(BaseModel):
    """One field per environment variable."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    documents_bucket: str = Field(alias="DOCUMENTS_BUCKET")
    documents_prefix: str = Field(alias="DOCUMENTS_PREFIX")
    stage: str = Field(alias="STAGE", default="")
    require_policy: bool = Field(alias="REQUIRE_POLICY", default=False)
    flow_changes_queue_url: str = Field(alias="FLOW_CHANGES_QUEUE_URL")
    dead_letter_queue_url: str = Field(alias="DEAD_LETTER_QUEUE_URL", default="")
    release_timers_queue_url: str = Field(alias="RELEASE_TIMERS_QUEUE_URL")
    event_bus_name: str = Field(alias="EVENT_BUS_NAME")
    self_heal: bool = Field(alias="SELF_HEAL")
    change_at_most: int = Field(alias="CHANGE_AT_MOST", default=0)
    check_fields: str = Field(alias="CHECK_FIELDS", default="off")
    former_buckets: str = Field(alias="FORMER_BUCKETS", default="")
    """Comma-separated names of documents buckets whose flows may be adopted."""
