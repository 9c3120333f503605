"""Check the fields that a flow writes against the object of a destination."""

from collections.abc import Iterator

from appflow_gitops.findings import Issue
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.validation.fields.entity import Entity, EntityField, EntityKey
from appflow_gitops.validation.fields.field_rules import (
    INCOMPATIBLE_TYPE,
    NOT_A_KEY,
    NOT_WRITABLE,
    REQUIRED_FOR_NEW,
    REQUIRED_NOT_MAPPED,
    UNKNOWN_DESTINATION_FIELD,
)
from appflow_gitops.validation.fields.source_checks import deprecated, described, did_you_mean
from appflow_gitops.validation.fields.used_fields import (
    Use,
    UsedField,
    destination_fields,
    has_map_all,
    id_fields,
)
from appflow_gitops.validation.rules.flow_view import Connection, FlowView

_FLAGS = {"INSERT": "isCreatable", "UPDATE": "isUpdatable", "UPSERT": "isUpsertable"}
"""Write operation -> the flag of a field that it can write. DELETE writes no field."""

_TYPES = {
    "number": "integer int long double float decimal number bigint bigdecimal biginteger currency percent short byte",
    "time": "datetime date timestamp time",
    "boolean": "boolean bool",
    "structure": "struct object map list array bytearray base64",
}
_TYPE_OF = {name: kind for kind, names in _TYPES.items() for name in names.split()}
"""Type of a connector -> the kind of type. A type that is not listed, such as a string, can be mapped to all others."""


def check_destination(
    flow: FlowView, destination: Connection, key: EntityKey, entity: Entity, source: Entity | None
) -> Iterator[Issue]:
    """Yield an issue for each field that the destination cannot write. ``source`` is None if unknown."""
    operation = _operation(destination)
    identifying = set(id_fields(destination.settings))
    for used in destination_fields(flow, destination):
        field = entity.field(used.name)
        if field is None:
            message = f"unknown destination field {quoted(used.name)} in {key.connector} {quoted(key.name)}"
            yield Issue(UNKNOWN_DESTINATION_FIELD, used.path, message, did_you_mean(used.name, entity))
            continue
        if field.is_deprecated:
            yield deprecated(used, key)
        if used.use is Use.IDENTIFY:
            yield from _check_key(used, operation, key, field, entity)
        elif used.name not in identifying:
            yield from _check_writable(used, operation, key, field)
            yield from _check_type(used, key, field, source)
    yield from _check_required(flow, destination, operation, key, entity)


def _operation(destination: Connection) -> str | None:
    """Return the write operation; None for a connector that does not let flows choose it."""
    settings = destination.settings
    if settings is None or destination.connector not in _WITH_OPERATION:
        return None
    return settings.text("writeOperationType") or "INSERT"


_WITH_OPERATION = frozenset({"Salesforce", "Zendesk", "SAPOData", "CustomConnector"})
"""Destinations whose properties contain writeOperationType."""


def _check_writable(
    used: UsedField, operation: str | None, key: EntityKey, field: EntityField
) -> Iterator[Issue]:
    if operation is None:
        refused = all(field.at_destination(flag) is False for flag in _FLAGS.values())
    else:
        refused = field.at_destination(_FLAGS.get(operation, "")) is False
    if refused:
        how = f"by {operation}" if operation else "by any operation"
        message = f"{described(used, key)} cannot be written {how}"
        yield Issue(NOT_WRITABLE, used.path, message, "remove the Map task, or write another field")


def _check_type(
    used: UsedField, key: EntityKey, field: EntityField, source: Entity | None
) -> Iterator[Issue]:
    names = used.task.fields if used.task else None
    read = source.field(names[0]) if source and names and len(names) == 1 else None
    if read is None or read.type is None or field.type is None:
        return
    kinds = [_TYPE_OF.get(each.casefold()) for each in (read.type, field.type)]
    is_structure = kinds[0] == "structure" and field.type.casefold() != read.type.casefold()
    if (all(kinds) and kinds[0] != kinds[1]) or is_structure:
        message = (
            f"{described(used, key)} has the type {quoted(field.type)}, the source field "
            f"{quoted(read.identifier)} has {quoted(read.type)}"
        )
        yield Issue(INCOMPATIBLE_TYPE, used.path, message, "map it to a field of its own type, or to text")


def _check_key(
    used: UsedField, operation: str | None, key: EntityKey, field: EntityField, entity: Entity
) -> Iterator[Issue]:
    if operation is None or _is_key(field, operation) is not False:
        return
    keys = [name for name, each in entity.fields.items() if _is_key(each, operation)]
    message = f"{described(used, key)} does not identify records for {operation}"
    yield Issue(NOT_A_KEY, used.path, message, f"expected one of: {listed(keys)}" if keys else None)


def _is_key(field: EntityField, operation: str) -> bool | None:
    """Return whether idFieldNames may contain the field; None if the connector does not say so."""
    if operation in field.key_operations or field.is_key:
        return True
    return False if field.key_operations or field.is_key is False else None


def _check_required(
    flow: FlowView, destination: Connection, operation: str | None, key: EntityKey, entity: Entity
) -> Iterator[Issue]:
    """Check that new records have all required fields. Map_all may write any field."""
    if operation not in ("INSERT", "UPSERT") or not flow.has_all_tasks or has_map_all(flow):
        return
    written = {used.name for used in destination_fields(flow, destination)}
    missing = [name for name, field in entity.fields.items() if name not in written and _is_required(field)]
    if missing:
        rule = REQUIRED_NOT_MAPPED if operation == "INSERT" else REQUIRED_FOR_NEW
        what = "field" if len(missing) == 1 else "fields"
        message = f"missing Map task for the required {what} {listed(missing)} of {key.connector} {quoted(key.name)}"
        yield Issue(rule, flow.view.at("tasks"), message, "add a Map task with this 'destinationField'")


def _is_required(field: EntityField) -> bool:
    return (
        field.at_destination("isCreatable") is True
        and field.at_destination("isNullable") is False
        and field.at_destination("isDefaultedOnCreate") is False
    )
