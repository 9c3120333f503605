"""What all parts of the request build on: base class, members that may be left out, lists, whole patterns."""

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, Strict
from pydantic_core import CoreSchema

from appflow_gitops.findings import Json

_T = TypeVar("_T")


def _drop_default_nulls(schema: dict[str, Any]) -> None:
    """Keep ``"default": null`` out of the JSON Schema: a member may be absent, it is never null."""
    for member in schema.get("properties", {}).values():
        member.pop("default", None)


class Structure(BaseModel):
    """A structure of the API: frozen, strict about types, closed to unknown members.

    Models are built on first use, so that importing them costs little.
    """

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        defer_build=True,
        regex_engine="python-re",
        json_schema_extra=_drop_default_nulls,
    )

    def to_wire(self) -> dict[str, Json]:
        """Return the structure as the API's JSON has it, without the members that were left out."""
        return self.model_dump(mode="json", exclude_unset=True)


@dataclass(frozen=True, slots=True)
class _NeverNull:
    """Takes null out of the values that may be written, and leaves it the default of a member that is not."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        nullable = handler(source)
        schema: CoreSchema = nullable["schema"] if nullable["type"] == "nullable" else nullable
        return schema


Omittable = Annotated[_T | None, _NeverNull()]
"""A member that may be left out; reading it then gives None. Null is refused: the API knows no null."""

Items = Annotated[tuple[_T, ...], Strict(strict=False)]
"""A list of the API, kept as a tuple; built from a list as well, and strict about its items."""


def whole(pattern: str) -> str:
    r"""Return the pattern that matches a value only as a whole, as ``re.fullmatch`` would.

    In Python a bare ``$`` also matches before a final newline, and JSON Schema does not know ``\Z``.
    """
    return rf"^(?:{pattern})$(?!\n)"
