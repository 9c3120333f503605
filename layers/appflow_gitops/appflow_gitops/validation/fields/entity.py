"""Entities: the objects of connectors and their fields, as DescribeConnectorEntity describes them.

A member that a connector leaves out is unknown: no check fails because of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from appflow_gitops.findings import Json


@dataclass(frozen=True, slots=True, order=True)
class EntityKey:
    """Names one object: what DescribeConnectorEntity is called with. A missing API version is ""."""

    connector: str
    profile: str
    name: str
    api_version: str = ""


@dataclass(frozen=True, slots=True)
class EntityField:
    """One field. ``members`` are those of ConnectorEntityField."""

    members: Mapping[str, Json]

    @property
    def identifier(self) -> str:
        """The name of the field in tasks."""
        return str(self.members["identifier"])

    @property
    def parent(self) -> str | None:
        """The identifier of the field that contains this one."""
        return _text(self.members.get("parentIdentifier"))

    @property
    def type(self) -> str | None:
        """The type, in the connector's own words."""
        return _text(self._type_details.get("fieldType"))

    @property
    def filter_operators(self) -> tuple[str, ...]:
        """The operators of the field; none if unknown."""
        return _texts(self._type_details.get("filterOperators"))

    @property
    def supported_values(self) -> tuple[str, ...]:
        """The values that the field can have; none if it can have any."""
        return _texts(self._type_details.get("supportedValues"))

    @property
    def is_key(self) -> bool | None:
        """Whether the field identifies a record."""
        return _flag(self.members.get("isPrimaryKey"))

    @property
    def is_deprecated(self) -> bool:
        """Whether the connector says that the field is deprecated."""
        return self.members.get("isDeprecated") is True

    @property
    def key_operations(self) -> tuple[str, ...]:
        """The write operations for which idFieldNames may contain the field; none if unknown."""
        return _texts(_object(self.members.get("destinationProperties")).get("supportedWriteOperations"))

    def at_source(self, flag: str) -> bool | None:
        """Return a flag of the sourceProperties, None if unknown."""
        return _flag(_object(self.members.get("sourceProperties")).get(flag))

    def at_destination(self, flag: str) -> bool | None:
        """Return a flag of the destinationProperties, None if unknown."""
        return _flag(_object(self.members.get("destinationProperties")).get(flag))

    @property
    def _type_details(self) -> Mapping[str, Json]:
        return _object(_object(self.members.get("supportedFieldTypeDetails")).get("v1"))


@dataclass(frozen=True)
class Entity:
    """An object and its fields by identifier."""

    fields: Mapping[str, EntityField]

    def field(self, name: str) -> EntityField | None:
        """Return the field that a task means by ``name``. A nested one may be named by its path: ``address.city``."""
        return self.fields.get(name) or self._nested.get(name.replace("/", "."))

    @cached_property
    def _nested(self) -> Mapping[str, EntityField]:
        return {
            f"{each.parent}.{each.identifier}".replace("/", "."): each
            for each in self.fields.values()
            if each.parent
        }


@dataclass(frozen=True, slots=True)
class MissingEntity:
    """The connector does not have the object. ``names`` are those that it has."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownEntity:
    """The object could not be described. ``reason`` is the error's code and message."""

    reason: str


Description = Entity | MissingEntity | UnknownEntity
"""What is known of an object."""


def parse_entity(fields: Iterable[Json]) -> Entity:
    """Return the entity with these members of ConnectorEntityField. Entries without an identifier are left out."""
    found = (EntityField(each) for each in fields if isinstance(each, dict) and _text(each.get("identifier")))
    return Entity({each.identifier: each for each in found})


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _flag(value: Json) -> bool | None:
    return value if isinstance(value, bool) else None
