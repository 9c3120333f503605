"""The base of all request models: structures, optional members, lists and full-match patterns."""

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, Strict
from pydantic_core import CoreSchema

from appflow_gitops.findings import Json

_T = TypeVar("_T")


def _drop_default_nulls(schema: dict[str, Any]) -> None:
    """Remove ``"default": null`` from the JSON Schema: a member may be absent but never null."""
    for member in schema.get("properties", {}).values():
        member.pop("default", None)


class Structure(BaseModel):
    """A structure of the API: frozen, with strict types and without unknown members.

    Models are built on first use to keep imports fast.
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
        """Return the structure as the API's JSON, without absent members."""
        return self.model_dump(mode="json", exclude_unset=True)


@dataclass(frozen=True, slots=True)
class _NeverNull:
    """Rejects null as a value but keeps it as the default of an absent member."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        nullable = handler(source)
        schema: CoreSchema = nullable["schema"] if nullable["type"] == "nullable" else nullable
        return schema


Omittable = Annotated[_T | None, _NeverNull()]
"""An optional member; None if it is absent. Null is rejected, because the API has no null."""

Items = Annotated[tuple[_T, ...], Strict(strict=False)]
"""A list of the API as a tuple; accepts lists, and is strict about its items."""


def whole(pattern: str) -> str:
    r"""Return the pattern anchored at both ends, as for ``re.fullmatch``.

    In Python ``$`` also matches before a final newline, and JSON Schema has no ``\Z``.
    """
    return rf"^(?:{pattern})$(?!\n)"
