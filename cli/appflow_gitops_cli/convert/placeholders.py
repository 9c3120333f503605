r"""The variables of converted documents: one for each reference that cannot be resolved without the other tool.

While a file is resolved, a reference is a mark in a string, ``\0NAME\0``. ``written`` replaces the marks by
``${env.NAME}`` and escapes the rest, so that no combination of literal texts is taken for a variable.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import yaml

from appflow_gitops.documents.variables import Variables, VariableValue, escaped
from appflow_gitops_cli.printable import printable

_MAX_LENGTH = 64
_ROOM_FOR_NUMBER = 6
_PLACEHOLDER = re.compile(r"\$\{env\.(\w+)\}")
_MARK = re.compile(r"\0([A-Z0-9_]+)\0")
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
        self._names_in_text: set[str] = set()

    def __iter__(self) -> Iterator[Variable]:
        for variable in self._by_reference.values():
            is_text = variable.name in self._names_in_text and variable.value is not None
            yield replace(variable, value=_as_text(variable.value)) if is_text else variable

    def written(self, text: str, *, is_text: bool) -> str:
        """Return a resolved string as a document spells it; with ``is_text``, the values in it must be strings.

        Raises ValueError for a ``$`` before a reference: ``$${env.NAME}`` is the text ``${env.NAME}``.
        """
        parts = _MARK.split(text)  # literal text and names by turns
        if any(literal.endswith("$") for literal in parts[:-1:2]):
            raise ValueError(text)
        names = parts[1::2]
        if is_text:
            self._names_in_text.update(names)
        parts[::2] = map(escaped, parts[::2])
        parts[1::2] = [f"${{env.{name}}}" for name in names]
        return "".join(parts)

    def add(self, scope: str, reference: str, words: str, value: VariableValue | None = None) -> str:
        """Return the mark for a reference. Equal references in one ``scope``, a file, are one variable.

        ``words`` becomes the name: ``OrdersBucket.Arn`` is ORDERS_BUCKET_ARN, with a number if that name is taken.
        """
        variable = self._by_reference.get((scope, reference))
        if variable is None:
            origin = f"{reference} in {scope}" if scope else reference
            variable = Variable(self._free_name(words), origin, value)
            self._by_reference[scope, reference] = variable
            self._names.add(variable.name)
        return f"\0{variable.name}\0"

    def keep_only(self, texts: Iterable[str]) -> None:
        """Forget the variables that none of the documents uses: their flows were not converted."""
        used = {name for text in texts for name in _PLACEHOLDER.findall(text)}
        kept = {key: each for key, each in self._by_reference.items() if each.name in used}
        self._by_reference, self._names = kept, {each.name for each in kept.values()}

    def to_yaml(self) -> str:
        """The variables file. Variables without a value are null, which ``--vars`` rejects until they are set."""
        lines = [
            "# Variables of converted documents. Set every value that is missing, one file for each environment."
        ]
        for variable in self:
            shown = "" if variable.value is None else f" {_scalar(variable.value)}"
            lines += [f"# {printable(variable.origin)}", f"{variable.name}:{shown}"]
        return "\n".join(lines) + "\n"

    def known(self) -> Variables:
        """The variables that have a value."""
        return Variables({variable.name: variable.value for variable in self if variable.value is not None})

    def _free_name(self, words: str) -> str:
        name = re.sub(r"[^A-Za-z0-9]+", "_", _WORD_START.sub("_", words)).strip("_").upper()
        name = (name if name[:1].isalpha() else f"V_{name}")[: _MAX_LENGTH - _ROOM_FOR_NUMBER].rstrip("_")
        free, number = name, 1
        while free in self._names:
            number += 1
            free = f"{name}_{number}"
        return free


def has_reference(text: str) -> bool:
    """Whether a resolved string contains a reference."""
    return bool(_MARK.search(text))


def shown(text: str) -> str:
    """A resolved string for messages: references as ``${NAME}``."""
    return _MARK.sub(r"${\1}", text)


def _as_text(value: VariableValue | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scalar(value: VariableValue) -> str:
    style = '"' if isinstance(value, str) else None
    return (
        yaml.safe_dump(value, default_style=style, allow_unicode=True, width=float("inf"))
        .split("\n...")[0]
        .strip()
    )
