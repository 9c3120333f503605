"""Check one flow against the models of the API: a ``FlowDocument``, or every AFG1xx finding in it.

``pipeline`` calls it for each flow of a file, after the dialects and before the rules across fields.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from appflow_gitops.findings import Finding, Issue, Json, Path
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.model.outline import structure_of, type_at
from appflow_gitops.validation.shape.messages import Mismatch, describe
from appflow_gitops.validation.shape.rules import TOO_MANY_ERRORS, UNKNOWN_KEY, WRONG_TYPE
from appflow_gitops.validation.shape.spelling import intended_key

_MAX_MISMATCHES = 200
"""The most mismatches reported, and misspelled keys corrected, in one flow."""

_MAP_KEY = "[key]"
"""The last step in pydantic's location of an invalid map key."""

Written = Callable[[Path], str | None]
"""Returns the scalar at a path as written in the file, quotes included; None for any other value."""

Misspelled = dict[Path, str]
"""Misspelled keys: the path with the key of the API -> the key in the document."""


def check_shape(
    value: Json, path: Path = (), written: Written = lambda _: None
) -> tuple[FlowDocument | None, list[Finding]]:
    """Return the document that ``value`` is, or the findings about its shape. ``path`` leads to the value.

    A misspelled key is one finding: its value is checked as if the key were correct. After 200 mismatches a last
    finding says that there are more.
    """
    document, mismatches = _parse(value)
    if document is not None:
        return document, []
    misspelled, mismatches = _correct_keys(value, mismatches)
    findings = [
        _to_finding(replace(mismatch, written=written(location)), location)
        for mismatch in _independent(mismatches, misspelled)
        for location in [path + _as_written(mismatch.path, misspelled)]
    ]
    if max(len(mismatches), len(misspelled)) >= _MAX_MISMATCHES:
        findings.append(Issue(TOO_MANY_ERRORS, path, "the flow has more errors than listed").to_finding())
    return None, [*_unknown_keys(misspelled, path), *findings]


def _parse(value: Json) -> tuple[FlowDocument | None, list[Mismatch]]:
    try:
        return FlowDocument.model_validate(value), []
    except ValidationError as errors:
        return None, [_mismatch(error) for error in errors.errors(include_url=False)[:_MAX_MISMATCHES]]


def _mismatch(error: ErrorDetails) -> Mismatch:
    kind, path, limits = error["type"], error["loc"], error.get("ctx", {})
    of_key = path[-1:] == (_MAP_KEY,) and path[-2:-1] == (error["input"],) and kind != "extra_forbidden"
    limit = next((limits[name] for name in ("min_length", "max_length", "ge", "le") if name in limits), None)
    return Mismatch(kind, path[:-1] if of_key else path, error["input"], limit, limits.get("pattern"), of_key)


def _correct_keys(value: Json, mismatches: list[Mismatch]) -> tuple[Misspelled, list[Mismatch]]:
    """Correct misspelled keys, level by level, and return them with the mismatches of the corrected flow."""
    flow: Any = deepcopy(value)
    misspelled: Misspelled = {}
    while len(misspelled) < _MAX_MISMATCHES and (found := _misspelled_keys(flow, mismatches)):
        for location, name in found.items():
            owner = _value_at(flow, location[:-1])
            owner[location[-1]] = owner.pop(name)
        misspelled |= found
        _, mismatches = _parse(flow)
    return misspelled, mismatches


def _misspelled_keys(flow: Any, mismatches: list[Mismatch]) -> Misspelled:
    found: Misspelled = {}
    for mismatch in mismatches:
        if mismatch.kind != "extra_forbidden":
            continue
        owner, name = mismatch.path[:-1], str(mismatch.path[-1])
        structure = structure_of(type_at(FlowDocument, owner))
        intended = intended_key(structure, name) if structure else None
        if intended and intended not in _value_at(flow, owner):
            found.setdefault((*owner, intended), name)
    return found


def _value_at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _as_written(path: Path, misspelled: Misspelled) -> Path:
    """Return the path with the keys that the document has."""
    return tuple(misspelled.get(path[: depth + 1], step) for depth, step in enumerate(path))


def _independent(mismatches: list[Mismatch], misspelled: Misspelled) -> Iterator[Mismatch]:
    """Yield the mismatches without those that another finding explains.

    Another tool's key may hold a value of another type than AppFlow's, and the value of an invalid map key does not
    matter.
    """
    invalid_keys = {mismatch.path for mismatch in mismatches if mismatch.of_key}
    for mismatch in mismatches:
        is_of_other_type = mismatch.path in misspelled and describe(mismatch).rule is WRONG_TYPE
        has_invalid_key = mismatch.path in invalid_keys and not mismatch.of_key
        if not is_of_other_type and not has_invalid_key:
            yield mismatch


def _unknown_keys(misspelled: Misspelled, path: Path) -> Iterator[Finding]:
    for location, name in misspelled.items():
        owner = location[:-1]
        mismatch = Mismatch("extra_forbidden", (*owner, name), None)
        yield _to_finding(mismatch, (*path, *_as_written(owner, misspelled), name))


def _to_finding(mismatch: Mismatch, path: Path) -> Finding:
    issue = describe(mismatch)
    return issue._replace(path=path).to_finding(of_name=mismatch.of_key or issue.rule is UNKNOWN_KEY)
