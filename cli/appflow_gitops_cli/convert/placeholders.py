"""The variables of converted documents: one for each reference that cannot be resolved without the other tool."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from appflow_gitops.documents.variables import Variables, VariableValue
from appflow_gitops_cli.printable import printable

_MAX_LENGTH = 64
_ROOM_FOR_NUMBER = 6
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable. ``origin`` is the reference that it replaces; ``value`` is None if the file does not contain it."""

    name: str
    origin: str
    value: VariableValue | None


class Placeholders:
    """The variables of all files of one run."""

    def __init__(self) -> None:
        self._by_reference: dict[tuple[str, str], Variable] = {}
        self._names: set[str] = set()

    def __iter__(self) -> Iterator[Variable]:
        return iter(self._by_reference.values())

    def add(self, scope: str, reference: str, words: str, value: VariableValue | None = None) -> str:
        """Return the placeholder for a reference. Equal references in one ``scope``, a file, are one variable.

        ``words`` becomes the name: ``OrdersBucket.Arn`` is ORDERS_BUCKET_ARN, with a number if that name is taken.
        """
        variable = self._by_reference.get((scope, reference))
        if variable is None:
            origin = f"{reference} in {scope}" if scope else reference
            variable = Variable(self._free_name(words), origin, value)
            self._by_reference[scope, reference] = variable
            self._names.add(variable.name)
        return f"${{env.{variable.name}}}"

    def to_yaml(self) -> str:
        """The variables file. Variables without a value are null, which ``--vars`` rejects until they are set."""
        lines = [
            "# Variables of converted documents. Set every value that is missing, one file for each environment."
        ]
        for variable in self:
            shown = "" if variable.value is None else f" {_scalar(variable.value)}"
            lines += [f"# {printable(variable.origin)}", f"{variable.name}:{shown}"]
        return "\n".join(lines) + "\n"

    def known(self) -> Variables | None:
        """The variables, if all of them have a value."""
        values = {variable.name: variable.value for variable in self if variable.value is not None}
        return Variables(values) if len(values) == len(self._names) else None

    def _free_name(self, words: str) -> str:
        name = re.sub(r"[^A-Za-z0-9]+", "_", _WORD_START.sub("_", words)).strip("_").upper()
        name = (name if name[:1].isalpha() else f"V_{name}")[: _MAX_LENGTH - _ROOM_FOR_NUMBER].rstrip("_")
        free, number = name, 1
        while free in self._names:
            number += 1
            free = f"{name}_{number}"
        return free


def _scalar(value: VariableValue) -> str:
    style = '"' if isinstance(value, str) else None
    return (
        yaml.safe_dump(value, default_style=style, allow_unicode=True, width=float("inf"))
        .split("\n...")[0]
        .strip()
    )
