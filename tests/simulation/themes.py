"""Themes: each history has a few of them, so that rare sequences become likely."""

from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from hypothesis.stateful import precondition

if TYPE_CHECKING:
    from simulation.deployment import Deployment

Rule = Callable[..., Any]


class Theme(Enum):
    """What happens in a history beside documents, faults and scans."""

    MOVES = auto()
    """Flows move between documents."""
    REQUESTS = auto()
    """Automation sends requests, from clocks that may be wrong."""
    CONSOLE = auto()
    """Flows are edited, switched, deleted and tagged in the console."""
    ENVIRONMENTS = auto()
    """The policy and the variables change."""
    STACKS = auto()
    """Another stack has the same flows."""
    OBJECTS = auto()
    """Objects are archived, keys are too long, invalid versions pile up."""
    LOST_EVENTS = auto()
    """Intake fails on an event until Lambda retries it no more."""
    HOLDS = auto()
    """Flows are paused and resumed, and the policy has windows."""
    RETRIES = auto()
    """Failures last until the retries are exhausted, and end after that."""


def during(theme: Theme) -> Callable[[Rule], Rule]:
    """Restrict a rule to histories with a theme."""

    def has_theme(history: "Deployment") -> bool:
        return theme in history.themes

    return precondition(has_theme)


def has_documents(history: "Deployment") -> bool:
    """Whether a document was dropped."""
    return bool(history.ledger.drops)
