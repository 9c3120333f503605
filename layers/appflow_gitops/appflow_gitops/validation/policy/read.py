"""Read ``policy.yaml``. The functions and the command line do so when they load an environment."""

from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from appflow_gitops.documents.limits import MAX_FINDINGS
from appflow_gitops.documents.parsing import format_first, read_object
from appflow_gitops.findings import Finding, Issue, Json, Path, located
from appflow_gitops.flows.model.outline import choices_of, members_of, structure_of, type_at
from appflow_gitops.flows.model.structure import Structure
from appflow_gitops.quoting import quoted
from appflow_gitops.validation.policy.hold import FlowPause
from appflow_gitops.validation.policy.model import BrokenPolicy, Pauses, Policy
from appflow_gitops.validation.policy.rules import POLICY_FILE
from appflow_gitops.validation.shape.messages import suggestion, type_name

_EXPECTED = {
    "string_type": "a string",
    "string_too_short": "a name or pattern",
    "int_type": "a whole number",
    "greater_than_equal": "0 or more",
    "tuple_type": "a list",
    "bool_type": "true or false",
    "model_type": "an object",
}

_PATTERNS = {
    "prefix": "a folder of the documents bucket such as 'flows/sales/'",
    "staleAfter": "a time such as '90m', '3h' or '2d'",
    "duration": "a time such as '90m', '3h' or '2d'",
    "start": "a time of the day such as '22:00', or a date with a time such as '2026-12-20T00:00'",
}
"""Key -> what its pattern expects."""

_CHOICES = {"connectors": "connector type", "days": "day", "mode": "mode"}
"""Key -> what its values are."""


def read_policy(source: bytes, name: str) -> tuple[Policy | BrokenPolicy, tuple[Finding, ...]]:
    """Return the policy in the bytes of a file, and the findings in it. Any finding makes the policy a broken one."""
    read = read_object(source, name, POLICY_FILE)
    policy, invalid = _parse(read.value) if read.value is not None else (None, [])
    findings = (*read.findings, *located(invalid, read.locator))
    if policy is None or findings:
        return BrokenPolicy(format_first(findings, name)), findings
    return policy, ()


def read_pauses(source: bytes, name: str) -> tuple[tuple[FlowPause, ...], tuple[Finding, ...]]:
    """Return the pauses in the bytes of ``paused.yaml``, and the findings in it. Any finding pauses all flows."""
    read = read_object(source, name, POLICY_FILE)
    findings = read.findings
    if read.value is not None:
        try:
            pauses = Pauses.model_validate(read.value)
        except ValidationError as errors:
            invalid = [
                _to_finding(error, Pauses) for error in errors.errors(include_url=False)[:MAX_FINDINGS]
            ]
            findings = (*findings, *located(invalid, read.locator))
        else:
            if not findings:
                return tuple(FlowPause(pause.flows, pause.reason) for pause in pauses.paused), ()
    return (FlowPause(("*",), f"invalid pauses: {format_first(findings, name)}"),), findings


def _parse(value: dict[str, Json]) -> tuple[Policy | None, list[Finding]]:
    try:
        policy = Policy.model_validate(value)
    except ValidationError as errors:
        return None, [_to_finding(error) for error in errors.errors(include_url=False)[:MAX_FINDINGS]]
    return policy, [*_duplicates(policy), *_invalid_windows(policy), *_invalid_pointers(policy)]


def _duplicates(policy: Policy) -> Iterator[Finding]:
    """Report a second grant for the same folder: it would be unclear which of them applies."""
    seen: set[str] = set()
    for index, folder in enumerate(policy.documents):
        if folder.prefix in seen:
            path: Path = ("documents", index, "prefix")
            message = f"duplicate prefix {quoted(folder.prefix)}"
            yield Issue(POLICY_FILE, path, message, "merge the two grants").to_finding()
        seen.add(folder.prefix)


def _invalid_windows(policy: Policy) -> Iterator[Finding]:
    """Report windows that cannot be evaluated."""
    if not policy.windows:
        return
    from appflow_gitops.validation.policy.windows import contradiction  # noqa: PLC0415 - few policies have windows

    for index, window in enumerate(policy.windows):
        path: Path = ("windows", index)
        if (window.allow is None) == (window.deny is None):
            found = "both" if window.allow is not None else "none of them"
            yield Issue(POLICY_FILE, path, f"expected one of 'allow' and 'deny', got {found}").to_finding()
        elif problem := contradiction(window):
            key, message = problem
            yield Issue(POLICY_FILE, (*path, key), message).to_finding()


def _invalid_pointers(policy: Policy) -> Iterator[Finding]:
    """Report pointers that do not lead to a member that can be ignored."""
    if not policy.ignore:
        return
    from appflow_gitops.validation.policy.ignored import (  # noqa: PLC0415 - few policies ignore anything
        InvalidPointer,
        parse_member,
    )

    for index, entry in enumerate(policy.ignore):
        for position, pointer in enumerate(entry.pointers):
            found = parse_member(pointer)
            if isinstance(found, InvalidPointer):
                path: Path = ("ignore", index, "pointers", position)
                yield Issue(POLICY_FILE, path, found.message, found.hint).to_finding()


def _to_finding(error: ErrorDetails, top: type[Structure] = Policy) -> Finding:
    """Turn an error of the model into a finding without a position."""
    kind, path, value = error["type"], error["loc"], error["input"]
    match kind:
        case "missing":
            message, hint = f"missing key {quoted(path[-1])}", None
        case "extra_forbidden":
            message, hint = (
                f"unknown key {quoted(path[-1])}",
                suggestion(str(path[-1]), _keys_at(top, path[:-1])),
            )
        case "literal_error":
            key = next(step for step in reversed(path) if isinstance(step, str))
            choices = choices_of(type_at(top, path))
            message, hint = f"unknown {_CHOICES[key]} {quoted(value)}", suggestion(str(value), choices)
        case "string_pattern_mismatch":
            message, hint = f"expected {_PATTERNS[str(path[-1])]}, got {quoted(value)}", None
        case "string_too_short" | "greater_than_equal":
            message, hint = f"expected {_EXPECTED[kind]}, got {quoted(value)}", None
        case _:
            message, hint = f"expected {_EXPECTED[kind]}, got {type_name(value)}", None
    return Issue(POLICY_FILE, path, message, hint).to_finding(of_name=kind == "extra_forbidden")


def _keys_at(top: type[Structure], path: Path) -> tuple[str, ...]:
    structure = structure_of(type_at(top, path))
    return tuple(members_of(structure)) if structure else ()
