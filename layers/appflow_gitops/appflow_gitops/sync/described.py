"""An enumeration whose members have a colour and a meaning, which events, metrics, docs and the command use."""

from enum import StrEnum
from typing import Self


class Described(StrEnum):
    """Members are declared as value, colour (``None``: plain) and meaning; they compare and serialise as the value."""

    colour: str | None
    meaning: str

    def __new__(cls, value: str, colour: str | None, meaning: str) -> Self:
        """Build a member that compares and serialises as ``value``."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.colour = colour
        member.meaning = meaning
        return member
