"""What a change wants now: the level-triggered reading of a document (design section 6, step 1).

An event says *that* something changed; here is found what the latest valid version *is*. So doubled, late and
reordered events do no harm.
"""

from dataclasses import dataclass

from appflow_gitops.findings import has_errors
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.rules.check import CheckedDocument, CheckedFlow, check, check_value
from appflow_gitops.status.events import StatusFinding, wire_findings
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.ports import DocumentStore


@dataclass(frozen=True, slots=True)
class Desired:
    """The flow as its document wants it, and what was found on reading it (no errors)."""

    flow: FlowDocument
    findings: tuple[StatusFinding, ...]


@dataclass(frozen=True, slots=True)
class Superseded:
    """The change is out of date and nothing is to be done for it; ``reason`` tells why."""

    reason: str


def desired_now(change: Change, documents: DocumentStore) -> Desired | Superseded:
    """What ``change`` wants, or why it no longer counts.

    A newer version counts only when it is valid: an invalid one was rejected, and the flow then still has to match
    the latest valid version.
    """
    if change.document is None:
        return _requested(change)
    for stored in documents.history(change.document.bucket, change.document.key):
        checked = check(stored.content, stored.version.key)
        if stored.version.is_same_version(change.document):
            return _declared(change, checked)
        if not has_errors(checked.findings):
            return Superseded(f"version {stored.version.label} of the document is newer")
    return Superseded("the document is gone")


def latest_declares(bucket: str, key: str, flow_name: str, documents: DocumentStore) -> bool:
    """Whether the latest valid version of the document still declares the flow."""
    for stored in documents.history(bucket, key):
        checked = check(stored.content, stored.version.key)
        if not has_errors(checked.findings):
            return _flow_named(checked, flow_name) is not None
    return False


def _requested(change: Change) -> Desired:
    checked = check_value(change.desired)
    flow = _flow_named(checked, change.flowName)
    if flow is None:
        raise PermanentError("InvalidChange", "The message holds no valid flow of this name.")
    return Desired(flow, change.findings)


def _declared(change: Change, checked: CheckedDocument) -> Desired:
    flow = _flow_named(checked, change.flowName)
    if flow is None:
        raise PermanentError("InvalidChange", "The document version holds no valid flow of this name.")
    return Desired(flow, wire_findings(checked.findings))


def _flow_named(checked: CheckedDocument, name: str) -> FlowDocument | None:
    flows: tuple[CheckedFlow, ...] = checked.flows
    return next((flow.document for flow in flows if flow.document and flow.document.flowName == name), None)
