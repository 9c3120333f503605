"""The schema state: the fields of every used object as the last scan found them, and the flows that use a missing one.

It may be lost at any time: the next scan then reports only fields that documents use and that are missing.
"""

from collections.abc import Mapping
from typing import Literal, Protocol

from pydantic import Field, ValidationError

from appflow_gitops.origin import Wire
from appflow_gitops.validation.fields.entity import Entity, EntityKey, parse_entity


class ObjectState(Wire):
    """The fields of an object, name -> type ("" if unknown). ``changedAt`` is when a change was reported last."""

    fields: Mapping[str, str]
    changedAt: float | None = None

    @classmethod
    def of(cls, entity: Entity, changed_at: float | None) -> "ObjectState":
        """The state of a described object."""
        fields = {name: field.type or "" for name, field in sorted(entity.fields.items())}
        return cls(fields=fields, changedAt=changed_at)

    @property
    def entity(self) -> Entity:
        """The object as far as it is kept."""
        return parse_entity(
            [
                {
                    "identifier": name,
                    "supportedFieldTypeDetails": {"v1": {"fieldType": kind, "filterOperators": []}},
                }
                for name, kind in self.fields.items()
            ]
        )


class BrokenFlow(Wire):
    """A flow whose next run is expected to fail, since when and why, for this ``version`` of its document.

    ``retyped``: it uses a field whose type changed. Otherwise a field is missing.
    """

    since: float
    reason: str
    version: str
    retyped: bool = False


class SchemaState(Wire):
    """The state of all used objects, by ``state_key``, and the broken flows by name."""

    schemaVersion: Literal["1"] = "1"
    objects: Mapping[str, ObjectState] = Field(default_factory=dict)
    flows: Mapping[str, BrokenFlow] = Field(default_factory=dict)


class SchemaStateStore(Protocol):
    """Where the schema state is kept."""

    def read(self) -> bytes | None:
        """What was written last; ``None`` before the first scan."""
        ...

    def write(self, content: bytes) -> None:
        """Replace it."""
        ...


def read_schema_state(content: bytes | None) -> SchemaState:
    """Parse the state; empty where there is none, or none that can be parsed."""
    try:
        return SchemaState.model_validate_json(content) if content else SchemaState()
    except ValidationError:
        return SchemaState()


def state_key(key: EntityKey) -> str:
    """The key of an object in the state. Names contain no spaces."""
    return " ".join((key.connector, key.profile, key.name, key.api_version)).strip()
