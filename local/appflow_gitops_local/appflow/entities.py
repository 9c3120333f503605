"""The objects of connectors and their fields, and AppFlow's cache of them.

The control API describes entities. An entity that is not described has the fields of a standard one of the same name,
or ``Behaviour.source_fields``, and the fields that flows already use.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from .behaviour import Behaviour
from .definition import Members
from .json_values import read_record
from .shapes import read_value

_SALESFORCE = (
    "Id:id Name:string OwnerId:reference CreatedDate:datetime LastModifiedDate:datetime IsDeleted:boolean "
)
_SERVICENOW = "sys_id:string number:string short_description:string state:integer sys_created_on:datetime "
STANDARD_ENTITIES = {
    "Salesforce": {
        "Account": _SALESFORCE
        + "Type:picklist Industry:picklist AnnualRevenue:double NumberOfEmployees:integer "
        "BillingCity:string BillingCountry:string Phone:string Website:url",
        "Contact": _SALESFORCE
        + "AccountId:reference FirstName:string LastName:string Email:email Phone:string",
        "Lead": _SALESFORCE + "FirstName:string LastName:string Company:string Email:email Status:picklist",
        "Opportunity": _SALESFORCE + "AccountId:reference Amount:double CloseDate:date StageName:picklist "
        "Probability:double",
        "Case": _SALESFORCE
        + "AccountId:reference ContactId:reference Subject:string Status:picklist Priority:picklist",
    },
    "Servicenow": {
        "incident": _SERVICENOW + "priority:integer assigned_to:reference sys_updated_on:datetime",
        "task": _SERVICENOW + "assigned_to:reference sys_updated_on:datetime",
    },
    "Zendesk": {
        "tickets": "id:integer subject:string description:string status:string priority:string created_at:datetime "
        "updated_at:datetime",
        "users": "id:integer name:string email:string role:string created_at:datetime updated_at:datetime",
    },
}
"""Connector type -> entity -> identifier:type of each field."""

_KEYS = {"id", "sys_id"}
_CHANGE_TIMES = {"lastmodifieddate", "updated_at", "sys_updated_on"}
_COMPARISONS = ["EQUAL_TO", "NOT_EQUAL_TO"]
_RANGES = ["LESS_THAN", "GREATER_THAN", "BETWEEN", "LESS_THAN_OR_EQUAL_TO", "GREATER_THAN_OR_EQUAL_TO"]
_FILTERS = {
    "string": ["CONTAINS"],
    "email": ["CONTAINS"],
    "url": ["CONTAINS"],
    "boolean": [],
    "id": [],
    "reference": [],
}

Key = tuple[str, "str | None", str]
"""Connector type, connector profile (None: any) and entity."""
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class EntityDescription:
    """The fields of an entity, as the control API sets them. The names are those of the JSON form."""

    connectorType: str
    """As in the API: ``Salesforce``, ``CustomConnector``."""
    entity: str
    """The name of the object."""
    fields: tuple[dict[str, Any], ...] | None
    """As in DescribeConnectorEntity; null: the entity does not exist."""
    connectorProfileName: str | None = None
    """Null: every profile."""


def entity_from_json(members: Any) -> EntityDescription:
    """Read a description. Raises ValueError."""
    description = read_record(EntityDescription, members)
    read_value("ConnectorType", description.connectorType, "connectorType")
    if description.fields is None:
        return description
    fields = read_value("ConnectorEntityFieldList", list(description.fields), "fields")
    return EntityDescription(
        description.connectorType, description.entity, tuple(fields), description.connectorProfileName
    )


class Entities:
    """The described entities, and what AppFlow caches of all."""

    def __init__(self) -> None:
        self._described: dict[Key, EntityDescription] = {}
        self._cache: dict[tuple[Any, ...], tuple[datetime, Any]] = {}

    def describe(self, description: EntityDescription) -> None:
        """Set the fields of an entity. Cached metadata remain until they expire or are reset."""
        key = (description.connectorType, description.connectorProfileName, description.entity)
        self._described[key] = description

    def all(self) -> list[EntityDescription]:
        """Return the descriptions in the order in which they were set."""
        return list(self._described.values())

    def clear(self) -> None:
        """Remove all descriptions and the cache."""
        self._described.clear()
        self._cache.clear()

    def description(self, connector: str, profile: str | None, entity: str) -> EntityDescription | None:
        """Return the description of an entity as it is now, past the cache; None if it was not described."""
        exact = self._described.get((connector, profile, entity))
        return exact or self._described.get((connector, None, entity))

    def fields(
        self, connector: str, profile: str | None, entity: str, behaviour: Behaviour, used: Iterable[str]
    ) -> list[Members] | None:
        """Return the fields that AppFlow knows of an entity; None if it does not exist.

        ``used`` are the fields that flows use, for an entity that is not described.
        """

        def read() -> list[Members] | None:
            if described := self.description(connector, profile, entity):
                return None if described.fields is None else list(described.fields)
            return _default_fields(connector, entity, behaviour, used)

        return self._cached((connector, profile, entity), behaviour, read)

    def names(
        self, connector: str, profile: str | None, behaviour: Behaviour, used: Iterable[str]
    ) -> list[str]:
        """Return the names of the entities of a connector, sorted; ``used`` are those that flows use."""

        def read() -> list[str]:
            names = {*STANDARD_ENTITIES.get(connector, {}), *used}
            for (of, at, name), described in self._described.items():
                if of == connector and at in {None, profile}:
                    if described.fields is None:
                        names.discard(name)
                    else:
                        names.add(name)
            return sorted(names)

        return self._cached((connector, profile), behaviour, read)

    def reset_cache(self, connector: str, profile: str | None, entity: str | None) -> None:
        """Remove the cached fields of an entity, or the cached list of entities."""
        self._cache.pop((connector, profile) if entity is None else (connector, profile, entity), None)

    def _cached(self, key: tuple[Any, ...], behaviour: Behaviour, read: Callable[[], Found]) -> Found:
        now = behaviour.now()
        expires, found = self._cache.get(key, (now, None))
        if now < expires:
            return cast("Found", found)
        current = read()
        self._cache[key] = now + timedelta(seconds=behaviour.metadata_cache_seconds), current
        return current


def _default_fields(connector: str, entity: str, behaviour: Behaviour, used: Iterable[str]) -> list[Members]:
    standard = STANDARD_ENTITIES.get(connector, {}).get(entity)
    types = dict(part.split(":") for part in standard.split()) if standard else {}
    names = [*(types or behaviour.source_fields), *used]
    return [_field(name, types.get(name, _guessed_type(name))) for name in dict.fromkeys(names)]


def _guessed_type(name: str) -> str:
    if name.lower() in _KEYS:
        return "id"
    return "datetime" if name.lower() in _CHANGE_TIMES else "string"


def _field(name: str, kind: str) -> Members:
    """Return a field as DescribeConnectorEntity shows it."""
    key = name.lower() in _KEYS
    writable = not key and kind != "datetime"
    return {
        "identifier": name,
        "label": name,
        "isPrimaryKey": key,
        "isDeprecated": False,
        "supportedFieldTypeDetails": {
            "v1": {"fieldType": kind, "filterOperators": _COMPARISONS + _FILTERS.get(kind, _RANGES)}
        },
        "sourceProperties": {
            "isRetrievable": True,
            "isQueryable": True,
            "isTimestampFieldForIncrementalQueries": name.lower() in _CHANGE_TIMES,
        },
        "destinationProperties": {
            "isCreatable": writable,
            "isNullable": writable,
            "isUpsertable": writable,
            "isUpdatable": writable,
            "isDefaultedOnCreate": not writable,
            "supportedWriteOperations": ["UPSERT", "UPDATE", "DELETE"] if key else [],
        },
    }
