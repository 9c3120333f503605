"""The whole check of a document in one pass: reading, shape, rules. Intake, apply and the command call it.

``judging`` does it. It needs the parsers, the request's structures and every rule, which take as long to import as all
else of ours together, so it is imported with the first document and not with the function.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appflow_gitops.findings import Finding, Json, Path, has_errors
from appflow_gitops.validation.environment import NO_ENVIRONMENT, Environment

if TYPE_CHECKING:
    from appflow_gitops.flows.document import FlowDocument


@dataclass(frozen=True, slots=True)
class ValidatedFlow:
    """One flow that a document declares. ``document`` is there when its shape is right; ``name`` when it has one.

    ``creation`` is a further finding, an error, if the flow does not exist yet: that the policy lets none be created.
    """

    name: str | None
    path: Path
    document: "FlowDocument | None"
    findings: tuple[Finding, ...]
    creation: Finding | None = None


@dataclass(frozen=True, slots=True)
class ValidatedDocument:
    """A document with everything there is to say about it, in the order of the file.

    ``ignored`` are the findings that comments in the file hide.
    """

    flows: tuple[ValidatedFlow, ...]
    findings: tuple[Finding, ...]
    ignored: tuple[Finding, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether the document may be applied: it has flows and no errors."""
        return bool(self.flows) and not has_errors(self.findings)


def validate(
    source: bytes, name: str, environment: Environment = NO_ENVIRONMENT, key: str | None = None
) -> ValidatedDocument:
    """Everything there is to say about a document's bytes. ``name`` tells by its ending whether it is JSON or YAML.

    The policy of the ``stage`` judges it by its ``key`` in the documents bucket; without one it is a request.
    """
    from appflow_gitops.validation.pipeline import run_pipeline  # noqa: PLC0415 - with the first document, see above

    return run_pipeline(source, name, environment, key)


def validate_value(value: Json, environment: Environment = NO_ENVIRONMENT) -> ValidatedDocument:
    """The same for a flow, or a list of flows, that a request brings as a value and not as a file."""
    from appflow_gitops.validation.pipeline import run_pipeline_on_value  # noqa: PLC0415 - with the first document, see above

    return run_pipeline_on_value(value, environment)
