"""The results of validation: a document and its flows, each with its findings."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appflow_gitops.findings import Finding, Path, has_errors

if TYPE_CHECKING:
    from appflow_gitops.documents.read import FlowSource
    from appflow_gitops.flows.document import FlowDocument
    from appflow_gitops.validation.ignore_comments import IgnoreComment


@dataclass(frozen=True, slots=True)
class ParsedFlow:
    """What ``fields`` needs of a flow: its value and positions, the paths that findings are about, and its comments."""

    source: "FlowSource"
    reported: tuple[Finding, ...]
    comments: "tuple[IgnoreComment, ...]"


@dataclass(frozen=True, slots=True)
class ValidatedFlow:
    """One flow that a document declares.

    ``name`` is None without a readable flowName, ``document`` without a valid shape. ``creation`` is an additional
    error that applies if the flow does not exist yet: the policy does not allow the document to create flows.
    ``parsed`` is set by ``Environment.checks_fields``, for a flow that can be read.
    """

    name: str | None
    path: Path
    document: "FlowDocument | None"
    findings: tuple[Finding, ...]
    creation: Finding | None = None
    parsed: ParsedFlow | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ValidatedDocument:
    """A document, its flows and all its findings in file order. ``ignored`` are the findings hidden by comments."""

    flows: tuple[ValidatedFlow, ...]
    findings: tuple[Finding, ...]
    ignored: tuple[Finding, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether the document may be applied: it declares a flow and has no errors."""
        return bool(self.flows) and not has_errors(self.findings)
