"""Correct misspelled keys and wrong containers in a copy of a flow, so that their contents can be checked as well.

``check`` parses the corrected copy, and reports each correction as a finding.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from appflow_gitops.findings import Json, Path
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.model.outline import structure_of, type_at
from appflow_gitops.validation.shape.messages import Mismatch, describe, pairs_of
from appflow_gitops.validation.shape.rules import WRONG_TYPE
from appflow_gitops.validation.shape.spelling import intended_key


@dataclass(slots=True)
class CorrectedFlow:
    """A copy of a flow with corrections. ``corrections`` are their mismatches, with paths in the document.

    ``_steps`` maps a path in the copy to the steps that the document has in place of its last step.
    """

    value: Json
    corrections: list[tuple[Mismatch, Path]] = field(default_factory=list)
    flow: Any = None
    _steps: dict[Path, Path] = field(default_factory=dict)
    _misspelled: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.flow = deepcopy(self.value)

    def __len__(self) -> int:
        """The number of corrections."""
        return len(self.corrections)

    def correct(self, mismatches: list[Mismatch]) -> bool:
        """Correct what the mismatches are about, where the intent is clear; return whether anything was."""
        return self._correct_keys(mismatches) or self._correct_containers(mismatches)

    def as_written(self, path: Path) -> Path:
        """Return the path in the document of a path in the copy."""
        written: Path = ()
        for depth in range(1, len(path) + 1):
            written += self._steps.get(path[:depth], path[depth - 1 : depth])
        return written

    def remaining(self, mismatches: list[Mismatch]) -> Iterator[Mismatch]:
        """Yield the mismatches without those that another one explains.

        The value of another tool's key may have a type that says nothing about AppFlow's, and the value of an invalid
        map key does not matter.
        """
        invalid_keys = {mismatch.path for mismatch in mismatches if mismatch.of_key}
        for mismatch in mismatches:
            has_invalid_key = mismatch.path in invalid_keys and not mismatch.of_key
            if not has_invalid_key and not self._is_of_other_type(mismatch):
                yield mismatch

    def _is_of_other_type(self, mismatch: Mismatch) -> bool:
        if mismatch.path not in self._misspelled or mismatch.value is None:
            return mismatch.path in self._misspelled
        issue = describe(mismatch)
        return issue.rule is WRONG_TYPE and issue.hint is None

    def _correct_keys(self, mismatches: list[Mismatch]) -> bool:
        found: dict[Path, str] = {}
        for mismatch in mismatches:
            if mismatch.kind != "extra_forbidden":
                continue
            owner, name = mismatch.path[:-1], str(mismatch.path[-1])
            structure = structure_of(type_at(FlowDocument, owner))
            intended = intended_key(structure, name, mismatch.value) if structure else None
            if intended and intended not in _value_at(self.flow, owner):
                found.setdefault((*owner, intended), name)
        for path, name in found.items():
            owner = path[:-1]
            members = _value_at(self.flow, owner)
            mismatch = Mismatch("extra_forbidden", (*owner, name), members[name])
            self.corrections.append((mismatch, (*self.as_written(owner), name)))
            members[path[-1]] = members.pop(name)
            self._steps[path] = (name,)
            self._misspelled.add(path)
        return bool(found)

    def _correct_containers(self, mismatches: list[Mismatch]) -> bool:
        found = [
            (mismatch, _contents(mismatch))
            for mismatch in mismatches
            if mismatch.path and not mismatch.of_key
        ]
        for mismatch, contents in found:
            if contents is not None:
                self.corrections.append((mismatch, self.as_written(mismatch.path)))
                self._replace(mismatch.path, *contents)
        return any(contents is not None for _, contents in found)

    def _replace(self, path: Path, value: Json, steps: Mapping[Path, Path]) -> None:
        _value_at(self.flow, path[:-1])[path[-1]] = value
        for inner, written in steps.items():
            if inner:
                self._steps[(*path, *inner)] = written
            else:
                self._steps[path] = self._steps.get(path, path[-1:]) + written


def _contents(mismatch: Mismatch) -> tuple[Json, Mapping[Path, Path]] | None:
    """Return the value in the expected container, and its steps; None if the intent is unclear."""
    value = mismatch.value
    if mismatch.kind in ("dict_type", "model_type") and isinstance(value, list):
        if pairs := pairs_of(value):
            return dict(pairs), {
                (key,): (index, _value_key(value[index])) for index, (key, _) in enumerate(pairs)
            }
        if len(value) == 1 and isinstance(value[0], dict):
            return value[0], {(): (0,)}
    if (
        mismatch.kind == "tuple_type"
        and value
        and isinstance(value, dict if _holds_objects(mismatch.path) else str)
    ):
        return [value], {(0,): ()}
    return None


def _holds_objects(path: Path) -> bool:
    return structure_of(type_at(FlowDocument, (*path, 0))) is not None


def _value_key(pair: Json) -> str:
    return "Value" if isinstance(pair, dict) and "Value" in pair else "value"


def _value_at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value
