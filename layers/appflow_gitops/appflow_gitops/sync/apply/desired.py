"""What a change wants now: the level-triggered reading of a document (design section 6, step 1).

An event says *that* something changed; here is found what the latest valid version *is*. So doubled, late and
reordered events do no harm.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appflow_gitops.findings import has_errors
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.status.events import StatusFinding, wire_findings
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.ownership import Ownership
from appflow_gitops.sync.ports import DocumentStore
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.result import ValidatedDocument
from appflow_gitops.validation.validate import validate, validate_value

if TYPE_CHECKING:
    from appflow_gitops.flows.document import FlowDocument


@dataclass(frozen=True, slots=True)
class Desired:
    """The flow as its document wants it, and what was found on reading it (no errors).

    ``creation`` is what to find if the flow does not exist yet and may not be created. ``passed_over`` are the labels
    of newer versions of the document, all of them invalid.
    """

    flow: "FlowDocument"
    findings: tuple[StatusFinding, ...]
    creation: tuple[StatusFinding, ...] = ()
    passed_over: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Superseded:
    """The change is out of date and nothing is to be done for it; ``reason`` tells why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The stage of now does not let the change be made, though it did when the change was queued."""

    findings: tuple[StatusFinding, ...]


def desired_now(
    change: Change, documents: DocumentStore, environment: Environment
) -> Desired | Superseded | Forbidden:
    """What ``change`` wants, or why it no longer counts, judged by the ``stage`` of now.

    A newer version counts only when it is valid: an invalid one was rejected, and the flow then still has to match
    the latest valid version.
    """
    if change.document is None:
        return _requested(change, environment)
    passed_over: set[str] = set()
    for stored in documents.history(change.document.bucket, change.document.key):
        checked = validate(stored.content, stored.version.key, environment, stored.version.key)
        if stored.version.is_same_version(change.document):
            return _declared(change, checked, frozenset(passed_over))
        if not has_errors(checked.findings):
            return Superseded(f"version {stored.version.label} of the document is newer")
        passed_over.add(stored.version.label)
    return Superseded("the document is gone")


def other_owner(
    owner: Ownership,
    document: DocumentVersion,
    flow_name: str,
    documents: DocumentStore,
    environment: Environment,
) -> str | None:
    """The other document that the flow belongs to, as an S3 URI: one that still declares it.

    One in another bucket cannot be read, and counts as if it did.
    """
    if owner.document in (None, document.uri):
        return None
    key = owner.key_in(document.bucket)
    if key is not None and not latest_declares(document.bucket, key, flow_name, documents, environment):
        return None
    return owner.document


def latest_declares(
    bucket: str, key: str, flow_name: str, documents: DocumentStore, environment: Environment
) -> bool:
    """Whether the latest valid version of the document still declares the flow."""
    for stored in documents.history(bucket, key):
        checked = validate(stored.content, stored.version.key, environment, stored.version.key)
        if not has_errors(checked.findings):
            return any(flow.name == flow_name for flow in checked.flows)
    return False


def _requested(change: Change, environment: Environment) -> Desired | Forbidden:
    """The flow that came with the change; intake has put its variables in already."""
    desired = _declared(change, validate_value(change.desired, environment.without_substitution()))
    return replace(desired, findings=change.findings) if isinstance(desired, Desired) else desired


def _declared(
    change: Change, checked: ValidatedDocument, passed_over: frozenset[str] = frozenset()
) -> Desired | Forbidden:
    if has_errors(checked.findings):
        return Forbidden(wire_findings(checked.findings))
    for flow in checked.flows:
        if flow.document and flow.name == change.flowName:
            creation = wire_findings([flow.creation] if flow.creation else [])
            return Desired(flow.document, wire_findings(checked.findings), creation, passed_over)
    raise PermanentError("InvalidChange", "What the change is about declares no flow of this name.")
