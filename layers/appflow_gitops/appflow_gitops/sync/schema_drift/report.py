"""Schema drift as a value, and the port it is reported to."""

from dataclasses import dataclass
from typing import Protocol

from appflow_gitops.sync.change import change_id
from appflow_gitops.sync.schema_drift.state import state_key
from appflow_gitops.sync.schema_drift.usage import Usage
from appflow_gitops.validation.fields.changes import FieldChange
from appflow_gitops.validation.fields.entity import EntityKey


@dataclass(frozen=True, slots=True)
class ConcernedChange:
    """The change of a field, and the flows that it concerns."""

    change: FieldChange
    usages: tuple[Usage, ...]


@dataclass(frozen=True, slots=True)
class SchemaDriftReport:
    """The changes of one object that concern flows. Times are in epoch seconds.

    ``changed_before`` is when a change of the object was reported before, so that the same change has another id when
    it happens again.
    """

    correlation_id: str
    detected_at: float
    key: EntityKey
    changes: tuple[ConcernedChange, ...]
    changed_before: float | None = None

    @property
    def id(self) -> str:
        """Identifies the changes: the same for every repeat of the report."""
        changes = ",".join(f"{each.change.kind} {each.change}" for each in self.changes)
        return change_id(f"schema {state_key(self.key)} {self.changed_before} {changes}", None)


class SchemaDriftReporter(Protocol):
    """Where schema drift is reported."""

    def report(self, report: SchemaDriftReport) -> None:
        """Report the changes of one object. Raises ``SyncError``."""
        ...
