"""What a change wants now: documents are read level-triggered.

An event means *that* something changed; this module finds what the latest valid version *is*. Repeated, late and
reordered events therefore do no harm.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appflow_gitops.findings import Finding, has_errors
from appflow_gitops.flows.ownership import Ownership
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.quoting import quoted
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.declaration import OLDER_VERSIONS, newest_versions, read_declaration
from appflow_gitops.sync.outcome import ChangeResult, Outcome
from appflow_gitops.sync.ports import DocumentStore
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.result import ValidatedDocument, ValidatedFlow
from appflow_gitops.validation.validate import validate_value

if TYPE_CHECKING:
    from appflow_gitops.flows.document import FlowDocument


@dataclass(frozen=True, slots=True)
class Desired:
    """The flow as its document declares it, and the findings about the document (no errors).

    ``creation`` are the errors that apply only if the flow does not exist yet. ``passed_over`` are the labels of newer
    versions of the document, all of them invalid. ``validated`` is the flow as validation returned it.
    """

    flow: "FlowDocument"
    findings: tuple[Finding, ...]
    validated: ValidatedFlow
    creation: tuple[Finding, ...] = ()
    passed_over: frozenset[str] = frozenset()


def desired_now(change: Change, documents: DocumentStore, environment: Environment) -> Desired | ChangeResult:
    """What ``change`` wants, validated in the current environment; or its outcome, when it no longer counts.

    A newer version counts only when it is valid: an invalid one was rejected, and the flow must still match the latest
    valid version. In a broken environment no version is applied.
    """
    if change.document is None:
        return _requested(change, environment)
    passed_over: set[str] = set()
    for stored in newest_versions(documents, change.document.bucket, change.document.key):
        validated = stored.validated(environment)
        if stored.version.is_same_version(change.document):
            return _declared(change, validated, frozenset(passed_over))
        if not has_errors(validated.findings):
            return superseded(change, f"version {stored.version.label} of the document is newer")
        if environment.is_broken:
            return _declared(change, validated)
        passed_over.add(stored.version.label)
    if len(passed_over) > OLDER_VERSIONS:
        reason = f"the newest {len(passed_over)} versions of the document are invalid"
        return superseded(change, f"{reason}; older ones are not applied")
    return superseded(change, "the document was deleted")


def superseded(change: Change, reason: str) -> ChangeResult:
    """The change no longer counts."""
    return ChangeResult(Outcome.SUPERSEDED, change.flowName, reason=reason)


def other_owner(
    owner: Ownership,
    document: DocumentVersion,
    flow_name: str,
    documents: DocumentStore,
    environment: Environment,
) -> str | None:
    """The other document that owns the flow and may still declare it, as an S3 URI.

    A document in another bucket cannot be read, and counts as declaring it; so does an undetermined one.
    """
    if owner.document in (None, document.uri):
        return None
    key = owner.key_in(document.bucket)
    if key is None:
        return owner.document
    declaration = read_declaration(document.bucket, key, documents=documents, environment=environment)
    return owner.document if declaration and declaration.may_declare(flow_name) else None


def _requested(change: Change, environment: Environment) -> Desired | ChangeResult:
    """The flow that came with the change; intake has substituted its variables."""
    desired = _declared(change, validate_value(change.desired, environment.without_substitution()))
    return replace(desired, findings=change.findings) if isinstance(desired, Desired) else desired


def _declared(
    change: Change, validated: ValidatedDocument, passed_over: frozenset[str] = frozenset()
) -> Desired | ChangeResult:
    """The declared flow; rejected where the current environment no longer allows what intake queued."""
    if has_errors(validated.findings):
        return ChangeResult(Outcome.REJECTED, change.flowName, findings=validated.findings)
    for flow in validated.flows:
        if flow.document and flow.name == change.flowName:
            creation = (flow.creation,) if flow.creation else ()
            return Desired(flow.document, validated.findings, flow, creation, passed_over)
    return superseded(
        change, f"the document does not declare flow {quoted(change.flowName)} with the current variables"
    )
