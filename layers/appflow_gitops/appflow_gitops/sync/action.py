"""What a plan does to a flow, by name."""

from enum import StrEnum


class Action(StrEnum):
    """What is done to a flow."""

    UNCHANGED = "unchanged"
    UPDATE = "update"
    CREATE = "create"
    ACTIVATE = "activate"
    SUSPEND = "suspend"
    TAG = "tag"
    REFUSE = "refuse"
    RUN = "run"
    """Of a requested run; no plan has it."""
