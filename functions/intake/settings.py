"""The settings of intake, read once from its environment variables, which template.yaml sets."""

from pydantic import BaseModel, ConfigDict, Field


class IntakeSettings(BaseModel):
    """One field per environment variable."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    documents_bucket: str = Field(alias="DOCUMENTS_BUCKET")
    documents_prefix: str = Field(alias="DOCUMENTS_PREFIX")
    stage: str = Field(alias="STAGE", default="")
    require_policy: bool = Field(alias="REQUIRE_POLICY", default=False)
    flow_changes_queue_url: str = Field(alias="FLOW_CHANGES_QUEUE_URL")
    event_bus_name: str = Field(alias="EVENT_BUS_NAME")
    release_timers_queue_url: str = Field(alias="RELEASE_TIMERS_QUEUE_URL")
    paused: bool = Field(alias="PAUSED", default=False)
    events_dead_letter_queue_url: str = Field(alias="EVENTS_DEAD_LETTER_QUEUE_URL", default="")
