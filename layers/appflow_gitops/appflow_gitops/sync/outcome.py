"""Outcomes: how a change ended, as values. ``intake`` and ``apply`` return them, ``status`` renders the events."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appflow_gitops.findings import Finding
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.described import Described
from appflow_gitops.sync.errors import ErrorDetail

if TYPE_CHECKING:
    from appflow_gitops.flows.diff import DiffItem
    from appflow_gitops.sync.plan import Adjustment


class Outcome(Described):
    """How a change ended."""

    # The one table of outcomes: name, colour in the terminal, and when it is reported. The metrics, the schemas, the
    # docs, the command and the dashboard's test read it.

    APPLIED = "Applied", "green", "The live flow was created or changed, and now matches its document."
    UNCHANGED = "Unchanged", None, "The live flow already matched its document; AppFlow was not written to."
    REJECTED = (
        "Rejected",
        "red",
        "The document or request is invalid, not allowed, or does not own the flow. Nothing was changed.",
    )
    FAILED = (
        "Failed",
        "red",
        "The change cannot be made, or its retries are exhausted. What was done before is in the event's changes.",
    )
    SUPERSEDED = (
        "Superseded",
        "yellow",
        "A later version or request takes precedence, or the document was deleted.",
    )
    STARTED = "Started", "green", "A run of the flow was requested, and was started."
    PLANNED = "Planned", None, "A plan was requested: what would be done, or why it would be refused."
    OBSERVED = (
        "Observed",
        None,
        "The policy observes the folder of the document: what would be done. Nothing was written, not even a tag.",
    )
    HELD = (
        "Held",
        "yellow",
        "The flow is paused, or its window is closed. A later event with the same id reports how it ends.",
    )


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """The outcome of one change and the facts behind it.

    ``changes`` is what the change set out to do, ``differences`` what AppFlow made otherwise than requested.
    ``client_token`` is the token that UpdateFlow or CreateFlow was called with, ``content_digest`` the digest of the
    desired configuration.
    """

    outcome: Outcome
    flow_name: str | None = None
    arn: str | None = None
    action: Action | None = None
    reason: str | None = None
    client_token: str | None = None
    content_digest: str | None = None
    flow_status: str | None = None
    changes: tuple["DiffItem", ...] = ()
    adjustments: tuple["Adjustment", ...] = ()
    differences: tuple["DiffItem", ...] = ()
    findings: tuple[Finding, ...] = ()
    error: ErrorDetail | None = None
    held_until: float | None = None
    """When a held change may be applied, in epoch seconds; ``None`` where that is open."""
    run: str | None = None
    """The id of the run that was started."""


@dataclass(frozen=True, slots=True)
class OutcomeReport:
    """A result and the change that it is about.

    ``id`` is the same for every repeat of the change; ``reported_at`` is in epoch seconds; ``attempt`` counts from 1.
    """

    id: str
    correlation_id: str
    reported_at: float
    result: ChangeResult
    document: DocumentVersion | None = None
    provenance: Provenance = field(default_factory=Provenance)
    attempt: int = 1
