"""The entry point of validation, for the functions and the command line.

``pipeline`` does the work. It imports the parsers, the models of the request and every rule, which takes as long as
all other imports of this package together. It is therefore imported with the first document, not at the start of a
function.
"""

from appflow_gitops.findings import Json
from appflow_gitops.validation.environment import NO_ENVIRONMENT, Environment
from appflow_gitops.validation.result import ValidatedDocument


def validate(
    source: bytes, name: str, environment: Environment = NO_ENVIRONMENT, key: str | None = None
) -> ValidatedDocument:
    """Validate the bytes of a document. Its ``name`` ends in .json, .yaml or .yml.

    ``key`` is the document's key in the documents bucket, which selects the policy grant. A request has none.
    """
    from appflow_gitops.validation.pipeline import run_pipeline  # noqa: PLC0415 - deferred, see the module docstring

    return run_pipeline(source, name, environment, key)


def validate_value(value: Json, environment: Environment = NO_ENVIRONMENT) -> ValidatedDocument:
    """Validate a flow, or a list of flows, that a request carries as a value."""
    from appflow_gitops.validation.pipeline import run_pipeline_on_value  # noqa: PLC0415 - deferred, as above

    return run_pipeline_on_value(value, environment)
