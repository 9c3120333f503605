"""The whole check of a document in one pass: reading, shape, rules. Intake, apply and the command call it."""

from dataclasses import dataclass

from appflow_gitops.documents.read import FlowSource, ReadDocument, read_document, read_value
from appflow_gitops.findings import Finding, Json, Path, has_errors, located
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.shape import check_shape


@dataclass(frozen=True, slots=True)
class CheckedFlow:
    """One flow that a document declares. ``document`` is there when its shape is right; ``name`` when it has one."""

    name: str | None
    path: Path
    document: FlowDocument | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A document with everything there is to say about it, in the order of the file."""

    flows: tuple[CheckedFlow, ...]
    findings: tuple[Finding, ...]

    @property
    def valid(self) -> bool:
        """Whether the document may be applied: it has flows and no errors."""
        return bool(self.flows) and not has_errors(self.findings)


def check(source: bytes, name: str) -> CheckedDocument:
    """Everything there is to say about a document's bytes. ``name`` tells by its ending whether it is JSON or YAML."""
    return _checked(read_document(source, name))


def check_value(value: Json) -> CheckedDocument:
    """The same for a flow, or a list of flows, that came as a value and not as a file."""
    return _checked(read_value(value))


def _checked(read: ReadDocument) -> CheckedDocument:
    flows = tuple(_checked_flow(source) for source in read.flows)
    findings = [*read.findings, *(finding for flow in flows for finding in flow.findings)]
    return CheckedDocument(flows, tuple(findings))


def _checked_flow(source: FlowSource) -> CheckedFlow:
    document, found = check_shape(source.value, source.path)
    name = source.value.get("flowName") if isinstance(source.value, dict) else None
    return CheckedFlow(
        name=name if isinstance(name, str) else None,
        path=source.path,
        document=document,
        findings=tuple(located(found, source.locator)),
    )
