"""Check the fields of a validated flow: the entry point of the package.

It takes two steps, because describing an object is a call to AWS: ``entities_of`` returns what to describe, and
``check_fields`` takes the descriptions. The flow must be validated with ``Environment.checks_fields``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from appflow_gitops.documents.limits import MAX_FINDINGS
from appflow_gitops.findings import Finding, Issue, located
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.validation.fields.destination_checks import check_destination
from appflow_gitops.validation.fields.entity import (
    Description,
    Entity,
    EntityKey,
    MissingEntity,
    UnknownEntity,
)
from appflow_gitops.validation.fields.field_rules import NOT_CHECKED, UNKNOWN_OBJECT
from appflow_gitops.validation.fields.source_checks import check_source
from appflow_gitops.validation.fields.used_fields import entity_key
from appflow_gitops.validation.ignore_comments import split_ignored
from appflow_gitops.validation.result import ValidatedFlow
from appflow_gitops.validation.rules.flow_view import Connection, FlowView, view_flow
from appflow_gitops.validation.shape.spelling import nearest


@dataclass(frozen=True, slots=True)
class FieldFindings:
    """The findings about the fields of one flow, in file order, and those that comments hide."""

    findings: tuple[Finding, ...] = ()
    ignored: tuple[Finding, ...] = ()


NO_FINDINGS = FieldFindings()


def entities_of(flow: ValidatedFlow) -> tuple[EntityKey, ...]:
    """Return the objects that the flow reads and writes, each once."""
    view = view_of(flow)
    return tuple(dict.fromkeys(key for _, key in _entities(view))) if view else ()


def check_fields(flow: ValidatedFlow, descriptions: Mapping[EntityKey, Description]) -> FieldFindings:
    """Return the findings about the fields of a flow, each field reported once per rule."""
    view = view_of(flow)
    if view is None or flow.parsed is None:
        return NO_FINDINGS
    issues: dict[tuple[str, str], Issue] = {}
    for issue in _issues(view, descriptions):
        issues.setdefault((issue.rule.id, issue.message), issue)
    findings = [issue.to_finding() for issue in list(issues.values())[:MAX_FINDINGS]]
    kept, ignored = split_ignored(located(findings, flow.parsed.source.locator), flow.parsed.comments)
    return FieldFindings(tuple(kept), tuple(ignored))


def view_of(flow: ValidatedFlow) -> FlowView | None:
    """Return the view of a flow that was validated with ``checks_fields`` and can be read."""
    parsed = flow.parsed
    return view_flow(parsed.source.value, parsed.source.path, parsed.reported) if parsed else None


def _entities(view: FlowView) -> Iterator[tuple[Connection, EntityKey]]:
    for connection in view.connections:
        if key := entity_key(connection):
            yield connection, key


def _issues(view: FlowView, descriptions: Mapping[EntityKey, Description]) -> Iterator[Issue]:
    source: Entity | None = None
    for connection, key in _entities(view):
        match descriptions.get(key):
            case Entity() as entity if connection.role == "source":
                source = entity
                yield from check_source(view, key, entity)
            case Entity() as entity:
                yield from check_destination(view, connection, key, entity, source)
            case MissingEntity(names):
                yield _unknown_object(connection, key, names)
            case UnknownEntity(reason):
                message = f"fields of {key.connector} {quoted(key.name)} not checked: {reason}"
                yield Issue(NOT_CHECKED, _object_path(connection), message)


def _unknown_object(connection: Connection, key: EntityKey, names: tuple[str, ...]) -> Issue:
    similar = nearest(key.name, names)
    hint = (
        f"did you mean {quoted(similar)}?"
        if similar
        else f"expected one of: {listed(names)}"
        if names
        else None
    )
    message = f"unknown object {quoted(key.name)} in {key.connector} with profile {quoted(key.profile)}"
    return Issue(UNKNOWN_OBJECT, _object_path(connection), message, hint)


def _object_path(connection: Connection) -> tuple[str | int, ...]:
    settings = connection.settings
    member = next(
        (name for name in ("object", "objectPath", "entityName") if settings and settings.has(name)), None
    )
    return settings.at(member) if settings and member else connection.path
