"""What is wrong with a policy's form, in plain words: an error of its model as a finding. ``policy`` calls it."""

from pydantic_core import ErrorDetails

from appflow_gitops.findings import Finding, Path
from appflow_gitops.flows.model.outline import choices_of, members_of, structure_of, type_at
from appflow_gitops.flows.model.scalars import ConnectorType
from appflow_gitops.flows.model.structure import Structure
from appflow_gitops.validation.policy.policy_rules import POLICY_FILE
from appflow_gitops.validation.rules.rule import listed
from appflow_gitops.validation.shape.hints import quoted
from appflow_gitops.validation.shape.spelling import nearest

_EXPECTED = {
    "string_type": "a string",
    "string_too_short": "a name or pattern, not an empty string",
    "string_pattern_mismatch": "a folder of the documents bucket such as flows/sales/, with a slash at its end",
    "tuple_type": "a list",
    "bool_type": "true or false",
    "model_type": "an object",
}


def told(error: ErrorDetails, model: type[Structure]) -> Finding:
    """The error of ``model`` as a finding; its position is not filled in."""
    kind, path, value = error["type"], error["loc"], error["input"]
    hint = None
    match kind:
        case "missing":
            message = f"'{path[-1]}' is missing"
        case "extra_forbidden":
            message = f"{quoted(str(path[-1]))} is not known here"
            hint = f"known here: {listed(_members(model, path[:-1]))}"
        case "literal_error":
            connectors = choices_of(ConnectorType)
            meant = nearest(str(value), connectors)
            message = f"{quoted(str(value))} is no connector"
            hint = f"did you mean '{meant}'?" if meant else f"one of {', '.join(connectors)}"
        case _:
            message = f"expected {_EXPECTED[kind]}"
    of_name = kind == "extra_forbidden"
    return Finding(POLICY_FILE.id, POLICY_FILE.severity, path, message, hint, of_name=of_name)


def _members(model: type[Structure], path: Path) -> tuple[str, ...]:
    structure = structure_of(type_at(model, path))
    return tuple(members_of(structure)) if structure else ()
