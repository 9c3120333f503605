"""Connectors in memory: the port ``ConnectorEntities``, and fields as DescribeConnectorEntity returns them."""

from collections.abc import Mapping
from typing import Any

from appflow_gitops.sync.errors import SyncError
from appflow_gitops.validation.fields.entity import Entity, EntityKey, parse_entity

Fields = list[dict[str, Any]]


def connector_field(
    identifier: str,
    kind: str = "string",
    *,
    operators: tuple[str, ...] = ("EQUAL_TO", "CONTAINS"),
    values: tuple[str, ...] = (),
    source: Mapping[str, bool] | None = None,
    destination: Mapping[str, Any] | None = None,
    **members: Any,
) -> dict[str, Any]:
    """A field that can be read and written; ``source`` and ``destination`` replace its properties."""
    return {
        "identifier": identifier,
        "supportedFieldTypeDetails": {
            "v1": {"fieldType": kind, "filterOperators": list(operators), "supportedValues": list(values)}
        },
        "sourceProperties": {
            "isRetrievable": True,
            "isQueryable": True,
            "isTimestampFieldForIncrementalQueries": False,
            **(source or {}),
        },
        "destinationProperties": {
            "isCreatable": True,
            "isNullable": True,
            "isUpsertable": True,
            "isUpdatable": True,
            "isDefaultedOnCreate": False,
            **(destination or {}),
        },
        **members,
    }


class FakeConnectors:
    """Objects and their fields, behind a cache that only ``reset`` empties; ``calls`` are the calls in order.

    An object without fields (``None``) is listed and cannot be described.
    """

    def __init__(self, objects: Mapping[EntityKey, Fields | None]) -> None:
        self.objects = dict(objects)
        self.calls: list[tuple[str, EntityKey]] = []
        self.error: SyncError | None = None
        self.nested = False
        self._cache: dict[EntityKey, Entity | None] = {}

    def describe(self, key: EntityKey) -> Entity | None:
        self._called("describe", key)
        return self._cached(key)

    def names(self, key: EntityKey) -> tuple[str, ...] | None:
        self._called("names", key)
        of_profile = (each for each in self.objects if each.profile == key.profile)
        return None if self.nested else tuple(each.name for each in of_profile)

    def reset(self, key: EntityKey) -> None:
        self._called("reset", key)
        self._cache.pop(key, None)

    def expire(self) -> None:
        """What AppFlow does with its cache after an hour."""
        self._cache.clear()

    def count(self, call: str) -> int:
        return sum(name == call for name, _ in self.calls)

    def _called(self, name: str, key: EntityKey) -> None:
        self.calls.append((name, key))
        if self.error:
            raise self.error

    def _cached(self, key: EntityKey) -> Entity | None:
        if key not in self._cache:
            fields = self.objects.get(key)
            self._cache[key] = None if fields is None else parse_entity(fields)
        return self._cache[key]
