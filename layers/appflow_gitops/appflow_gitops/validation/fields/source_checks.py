"""Check the fields that a flow reads against the object of its source."""

from collections.abc import Iterator

from appflow_gitops.findings import Issue
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.validation.fields.entity import Entity, EntityField, EntityKey
from appflow_gitops.validation.fields.field_rules import (
    DEPRECATED_FIELD,
    NOT_INCREMENTAL,
    NOT_QUERYABLE,
    NOT_RETRIEVABLE,
    UNKNOWN_EXCLUSION,
    UNKNOWN_SOURCE_FIELD,
    UNSUPPORTED_OPERATOR,
    UNSUPPORTED_VALUE,
)
from appflow_gitops.validation.fields.used_fields import Use, UsedField, source_fields
from appflow_gitops.validation.rules.flow_view import FlowView, TaskView
from appflow_gitops.validation.shape.spelling import nearest

_MAX_FIELDS = 12
"""Fields that a hint lists."""

_TIMESTAMP = "isTimestampFieldForIncrementalQueries"


def check_source(flow: FlowView, key: EntityKey, entity: Entity) -> Iterator[Issue]:
    """Yield an issue for each use of a field that the source does not support."""
    for used in source_fields(flow):
        field = entity.field(used.name)
        if field is None:
            yield _unknown(used, key, entity)
            continue
        if used.use is not Use.EXCLUDE and field.is_deprecated:
            yield deprecated(used, key)
        if used.use in (Use.READ, Use.PROJECT) and field.at_source("isRetrievable") is False:
            message = f"{described(used, key)} is not retrievable"
            yield Issue(NOT_RETRIEVABLE, used.path, message, "remove it from the tasks, or use another field")
        if used.use is Use.FILTER and used.task:
            yield from _check_filter(used, used.task, key, field)
        if used.use is Use.INCREMENTAL and field.at_source(_TIMESTAMP) is False:
            message = f"{described(used, key)} is not a timestamp for incremental queries"
            yield Issue(NOT_INCREMENTAL, used.path, message, _timestamps(entity))


def described(used: UsedField, key: EntityKey) -> str:
    """Return the field and its object in words."""
    return f"field {quoted(used.name)} of {key.connector} {quoted(key.name)}"


def deprecated(used: UsedField, key: EntityKey) -> Issue:
    """Return the issue about a deprecated field."""
    return Issue(DEPRECATED_FIELD, used.path, f"{described(used, key)} is deprecated", "use another field")


def did_you_mean(name: str, entity: Entity) -> str | None:
    """Return the hint with the most similar field, else with all fields if there are few."""
    similar = nearest(name, entity.fields)
    if similar or len(entity.fields) > _MAX_FIELDS:
        return f"did you mean {quoted(similar)}?" if similar else None
    return f"expected one of: {listed(entity.fields)}"


def _unknown(used: UsedField, key: EntityKey, entity: Entity) -> Issue:
    excluded = used.use is Use.EXCLUDE
    what = "excluded field" if excluded else "source field"
    message = f"unknown {what} {quoted(used.name)} in {key.connector} {quoted(key.name)}"
    rule = UNKNOWN_EXCLUSION if excluded else UNKNOWN_SOURCE_FIELD
    return Issue(rule, used.path, message, did_you_mean(used.name, entity))


def _check_filter(used: UsedField, task: TaskView, key: EntityKey, field: EntityField) -> Iterator[Issue]:
    if field.at_source("isQueryable") is False:
        yield Issue(
            NOT_QUERYABLE, used.path, f"{described(used, key)} cannot be queried", "filter by another field"
        )
        return
    operators = [name for name in field.filter_operators if name != "NO_OP"]
    if operators and task.operator and task.operator not in (*operators, "NO_OP"):
        message = f"{described(used, key)} does not support the operator {quoted(task.operator)}"
        yield Issue(
            UNSUPPORTED_OPERATOR,
            task.view.at("connectorOperator"),
            message,
            f"expected one of: {listed(operators)}",
        )
    yield from _check_values(used, task, key, field)


def _check_values(used: UsedField, task: TaskView, key: EntityKey, field: EntityField) -> Iterator[Issue]:
    """Check the values of a comparison for equality; a range may have other bounds, and a part of a value is none."""
    if not field.supported_values or task.operator not in ("EQUAL_TO", "NOT_EQUAL_TO"):
        return
    supported = {value.casefold() for value in field.supported_values}
    for name in ("VALUE", "VALUES"):
        text = task.property(name)
        values = text.split(",") if text and name == "VALUES" else [text] if text else []
        for value in values:
            if value.strip().casefold() not in supported:
                similar = nearest(value, field.supported_values)
                hint = (
                    f"did you mean {quoted(similar)}?"
                    if similar
                    else f"expected one of: {listed(field.supported_values)}"
                )
                path = task.view.at("taskProperties", name)
                message = f"{described(used, key)} cannot have the value {quoted(value.strip())}"
                yield Issue(UNSUPPORTED_VALUE, path, message, hint)


def _timestamps(entity: Entity) -> str | None:
    names = [name for name, field in entity.fields.items() if field.at_source(_TIMESTAMP)]
    return f"expected one of: {listed(names)}" if names else None
