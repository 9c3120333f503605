"""Compare two descriptions of an object: which fields were removed, added, or are described in another way."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from appflow_gitops.findings import Json
from appflow_gitops.validation.fields.entity import Entity, EntityField

_SOURCE = ("isRetrievable", "isQueryable", "isTimestampFieldForIncrementalQueries")
_DESTINATION = ("isCreatable", "isNullable", "isUpsertable", "isUpdatable", "isDefaultedOnCreate")


class ChangeKind(StrEnum):
    """How a field changed. ``CHANGED``: another property than the type."""

    REMOVED = "removed"
    ADDED = "added"
    RETYPED = "retyped"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """The change of one field. ``properties`` are the changed ones of ``CHANGED``, by their names in the API."""

    kind: ChangeKind
    field: str
    before: str | None = None
    after: str | None = None
    properties: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.kind is ChangeKind.RETYPED:
            return f"{self.field}: {self.before} -> {self.after}"
        if self.kind is ChangeKind.CHANGED:
            return f"{self.field}: {', '.join(self.properties)}"
        kind = self.before or self.after
        return f"{self.field} ({kind})" if kind else self.field


def compare_entities(before: Entity, after: Entity) -> tuple[FieldChange, ...]:
    """Return the changes, ordered by field."""
    names = sorted(before.fields.keys() | after.fields.keys())
    return tuple(
        change for name in names for change in _changes(name, before.fields.get(name), after.fields.get(name))
    )


def _changes(name: str, before: EntityField | None, after: EntityField | None) -> Iterator[FieldChange]:
    if before is None:
        yield FieldChange(ChangeKind.ADDED, name, after=after.type if after else None)
    elif after is None:
        yield FieldChange(ChangeKind.REMOVED, name, before=before.type)
    elif before.type != after.type:
        yield FieldChange(ChangeKind.RETYPED, name, before.type, after.type)
    elif properties := tuple(
        key for key, value in _properties(before).items() if value != _properties(after)[key]
    ):
        yield FieldChange(ChangeKind.CHANGED, name, properties=properties)


def _properties(field: EntityField) -> dict[str, Json | tuple[str, ...] | bool | None]:
    return {
        "isPrimaryKey": field.is_key,
        "isDeprecated": field.is_deprecated,
        "filterOperators": tuple(sorted(field.filter_operators)),
        "supportedValues": tuple(sorted(field.supported_values)),
        **{name: field.at_source(name) for name in _SOURCE},
        **{name: field.at_destination(name) for name in _DESTINATION},
        "supportedWriteOperations": tuple(sorted(field.key_operations)),
    }
