"""The use case of schema drift: compare the objects that documents use with the last scan, and report each change once.

``detect_drift`` calls it with the declarations of its scan, if the stack's parameter CheckFields is not ``off``. An
object costs one call, which AppFlow answers from its cache for an hour; only an object that changed is described again,
past the cache.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from appflow_gitops.quoting import listed, quoted
from appflow_gitops.service import service
from appflow_gitops.sync.declaration import Declaration
from appflow_gitops.sync.field_check import FieldChecker, one_by_one
from appflow_gitops.sync.schema_drift.report import ConcernedChange, SchemaDriftReport, SchemaDriftReporter
from appflow_gitops.sync.schema_drift.state import (
    BrokenFlow,
    ObjectState,
    SchemaState,
    SchemaStateStore,
    read_schema_state,
    state_key,
)
from appflow_gitops.sync.schema_drift.usage import Usage, usages
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.fields.changes import ChangeKind, FieldChange, compare_entities
from appflow_gitops.validation.fields.entity import (
    Description,
    Entity,
    EntityKey,
    MissingEntity,
    UnknownEntity,
)
from appflow_gitops.validation.policy.model import BrokenPolicy, Policy

_BREAKING = (ChangeKind.REMOVED, ChangeKind.RETYPED)


@dataclass(slots=True)
class SchemaScan:
    """The result of a scan: the drift that it reported, and why objects could not be described, by name."""

    reported: list[SchemaDriftReport] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Concern:
    """Which flows a change of a field concerns, under the policy."""

    policy: Policy | BrokenPolicy | None

    def of(self, changes: Iterable[FieldChange], used: Sequence[Usage]) -> Iterator[ConcernedChange]:
        """Yield the changes that concern a flow."""
        for change in changes:
            concerned = tuple(usage for usage in used if self._concerns(change, usage))
            if concerned:
                yield ConcernedChange(change, concerned)

    def _concerns(self, change: FieldChange, usage: Usage) -> bool:
        """A new field concerns flows that transfer all fields, and those for which the policy asks."""
        if usage.concerns(change.field):
            return usage.reads_all or change.kind in _BREAKING
        return change.kind is ChangeKind.ADDED and usage.reads and self._asks(usage.flow)

    def _asks(self, flow_name: str) -> bool:
        objective = self.policy.objective_for(flow_name) if self.policy else None
        return bool(objective and objective.newFields)


@service
class SchemaDriftDetector:
    """Detects schema drift. ``clock`` returns epoch seconds."""

    checker: FieldChecker
    reporter: SchemaDriftReporter
    state: SchemaStateStore
    clock: Callable[[], float]

    def scan(
        self,
        declarations: Iterable[Declaration],
        environment: Environment,
        correlation_id: str,
        *,
        complete: bool,
    ) -> SchemaScan:
        """Compare every object that the declared flows use. Reports come before the state: a crash repeats them.

        The policy of the ``environment`` says for which flows new fields are reported, besides those with Map_all.
        ``complete``: these are the declarations of all documents, so that the state of other objects can be dropped.

        Raises ``SyncError`` when the state cannot be read or written, or a report cannot be sent.
        """
        used, before, scan = usages(declarations), read_schema_state(self.state.read()), SchemaScan()
        concern = Concern(environment.policy)
        described = self._described(used, before, concern)
        objects = {} if complete else dict(before.objects)
        broken = {} if complete else dict(before.flows)
        for key, description in described.items():
            known = before.objects.get(state_key(key))
            entity = _entity(description)
            if entity is None:
                scan.failed[state_key(key)] = _reason(description)
                objects |= {state_key(key): known} if known else {}
                broken |= {use.flow: before.flows[use.flow] for use in used[key] if use.flow in before.flows}
                continue
            changes = tuple(concern.of(_changes(known, entity, used[key]), used[key]))
            if changes:
                self._report(scan, key, changes, known, correlation_id)
            changed_at = self.clock() if changes else known.changedAt if known else None
            objects[state_key(key)] = ObjectState.of(entity, changed_at)
            broken |= self._broken(changes, entity, used[key], before.flows)
        after = SchemaState(objects=objects, flows=broken)
        if after != before:
            self.state.write(after.model_dump_json(exclude_none=True).encode())
        return scan

    def _described(
        self, used: Mapping[EntityKey, Sequence[Usage]], before: SchemaState, concern: Concern
    ) -> dict[EntityKey, Description]:
        """The descriptions of all objects; those that seem to have changed are read past AppFlow's cache."""
        described = self.checker.known(used, one_by_one)
        suspicious = [
            key
            for key, description in described.items()
            if (entity := _entity(description)) is not None
            and any(concern.of(_changes(before.objects.get(state_key(key)), entity, used[key]), used[key]))
        ]
        return described | self.checker.describe(suspicious, one_by_one)

    def _report(
        self,
        scan: SchemaScan,
        key: EntityKey,
        changes: tuple[ConcernedChange, ...],
        known: ObjectState | None,
        correlation_id: str,
    ) -> None:
        changed_before = known.changedAt if known else None
        report = SchemaDriftReport(correlation_id, self.clock(), key, changes, changed_before)
        self.reporter.report(report)
        scan.reported.append(report)

    def _broken(
        self,
        changes: Sequence[ConcernedChange],
        entity: Entity,
        used: Sequence[Usage],
        before: Mapping[str, BrokenFlow],
    ) -> dict[str, BrokenFlow]:
        """The flows that use a field that is missing, or whose type changed after the document was written."""
        found: dict[str, BrokenFlow] = {}
        for usage in used:
            version = usage.document.label
            missing = sorted(name for name in usage.fields if entity.field(name) is None)
            retyped = [
                each.change
                for each in changes
                if each.change.kind is ChangeKind.RETYPED and each.change.field in usage.fields
            ]
            known = before.get(usage.flow)
            if known and known.version == version and (missing or known.retyped):
                found[usage.flow] = known
            elif missing:
                reason = f"fields that the flow uses were removed: {listed(missing)}"
                found[usage.flow] = BrokenFlow(since=self.clock(), reason=reason, version=version)
            elif retyped:
                reason = f"the type of fields that the flow uses changed: {', '.join(map(str, retyped))}"
                found[usage.flow] = BrokenFlow(
                    since=self.clock(), reason=reason, version=version, retyped=True
                )
        return found


def _changes(known: ObjectState | None, entity: Entity, used: Sequence[Usage]) -> Iterator[FieldChange]:
    """The changes since the last scan; without one, the fields that documents use and that are missing."""
    if known:
        yield from compare_entities(known.entity, ObjectState.of(entity, None).entity)
        return
    names = sorted({name for usage in used for name in usage.fields})
    yield from (FieldChange(ChangeKind.REMOVED, name) for name in names if entity.field(name) is None)


def _entity(description: Description) -> Entity | None:
    """The described object; one without fields if the connector does not have it, ``None`` if that is unknown."""
    if isinstance(description, MissingEntity):
        return Entity({})
    return description if isinstance(description, Entity) else None


def _reason(description: Description) -> str:
    return description.reason if isinstance(description, UnknownEntity) else quoted(description)
