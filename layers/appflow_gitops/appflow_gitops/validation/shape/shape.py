"""One flow held against AppFlow's request: a ``FlowDocument``, or every AFG1xx finding about its shape.

``rules.judging`` calls it for each flow of a file, after the dialects and before the rules across fields.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from appflow_gitops.findings import Finding, Json, Path
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.model.outline import structure_of, type_at
from appflow_gitops.validation.shape.hints import Problem, told
from appflow_gitops.validation.shape.shape_rules import MORE, SHAPE_RULES, UNKNOWN_MEMBER, WRONG_TYPE
from appflow_gitops.validation.shape.spelling import member_meant

__all__ = ["SHAPE_RULES", "check_shape"]

_MOST_PROBLEMS = 200
"""How many problems are looked at, and how many misspelt members past: nobody reads more of one flow."""

_MAP_KEY = "[key]"
"""How pydantic ends the location of a map's key."""

Written = Callable[[Path], str | None]
"""How the scalar at a path stands in the file, quotes included; None for anything else."""

Respelt = dict[Path, str]
"""Members that stand under another name in the document: where AppFlow has them, and that other name."""


def check_shape(
    value: Json, path: Path = (), written: Written = lambda _: None
) -> tuple[FlowDocument | None, list[Finding]]:
    """Return the document that ``value`` is, or all that is wrong with its shape; ``path`` leads to it.

    ``written`` tells how the scalar at a path stands in the file, for hints that quote it.
    A misspelt member is one finding: what stands under it is checked as if it were spelt right.
    A very long list is cut, which its last finding says.
    """
    document, problems = _parsed(value)
    if document is not None:
        return document, []
    respelt, problems = _looked_past_names(value, problems)
    findings = [
        _finding(replace(problem, written=written(place)), place)
        for problem in _independent(problems, respelt)
        for place in [path + _as_written(problem.path, respelt)]
    ]
    told_all = len(problems) < _MOST_PROBLEMS and len(respelt) < _MOST_PROBLEMS
    return None, [*_unknown(respelt, path), *findings, *([] if told_all else [_more(path)])]


def _parsed(value: Json) -> tuple[FlowDocument | None, list[Problem]]:
    try:
        return FlowDocument.model_validate(value), []
    except ValidationError as errors:
        return None, [_problem(error) for error in errors.errors(include_url=False)[:_MOST_PROBLEMS]]


def _problem(error: ErrorDetails) -> Problem:
    kind, path, limits = error["type"], error["loc"], error.get("ctx", {})
    of_key = path[-1:] == (_MAP_KEY,) and path[-2:-1] == (error["input"],) and kind != "extra_forbidden"
    limit = next((limits[name] for name in ("min_length", "max_length", "ge", "le") if name in limits), None)
    return Problem(kind, path[:-1] if of_key else path, error["input"], limit, limits.get("pattern"), of_key)


def _looked_past_names(value: Json, problems: list[Problem]) -> tuple[Respelt, list[Problem]]:
    """Put members under AppFlow's names, level by level, until that brings no more misspelt ones to light."""
    flow: Any = deepcopy(value)
    respelt: Respelt = {}
    while len(respelt) < _MOST_PROBLEMS and (found := _misspelt(flow, problems)):
        for place, name in found.items():
            owner = _value_at(flow, place[:-1])
            owner[place[-1]] = owner.pop(name)
        respelt |= found
        _, problems = _parsed(flow)
    return respelt, problems


def _misspelt(flow: Any, problems: list[Problem]) -> Respelt:
    found: Respelt = {}
    for problem in problems:
        if problem.kind != "extra_forbidden":
            continue
        owner, name = problem.path[:-1], str(problem.path[-1])
        structure = structure_of(type_at(FlowDocument, owner))
        meant = member_meant(structure, name) if structure else None
        if meant and meant not in _value_at(flow, owner):
            found.setdefault((*owner, meant), name)
    return found


def _value_at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _as_written(path: Path, respelt: Respelt) -> Path:
    """Return the path with the names that the document has."""
    return tuple(respelt.get(path[: depth + 1], step) for depth, step in enumerate(path))


def _independent(problems: list[Problem], respelt: Respelt) -> Iterator[Problem]:
    """Leave out what has the same cause as another finding.

    A misspelt member may well have another type where its name is from, and a map's value counts for nothing
    under a wrong key.
    """
    wrong_keys = {problem.path for problem in problems if problem.of_key}
    for problem in problems:
        mistyped = problem.path in respelt and told(problem).rule is WRONG_TYPE
        keyed_wrong = problem.path in wrong_keys and not problem.of_key
        if not mistyped and not keyed_wrong:
            yield problem


def _unknown(respelt: Respelt, path: Path) -> Iterator[Finding]:
    for place, name in respelt.items():
        owner = place[:-1]
        problem = Problem("extra_forbidden", (*owner, name), None)
        yield _finding(problem, (*path, *_as_written(owner, respelt), name))


def _finding(problem: Problem, path: Path) -> Finding:
    rule, message, hint = told(problem)
    of_name = problem.of_key or rule is UNKNOWN_MEMBER
    return Finding(rule.id, rule.severity, path, message, hint, of_name=of_name)


def _more(path: Path) -> Finding:
    return Finding(MORE.id, MORE.severity, path, "there are more mistakes than the ones listed")
