"""Check the fields of flows against their connectors: each object is described once, however many flows use it.

A finding is never based on a stale cache, neither ours nor AppFlow's: before it is reported, the cached metadata of the
object are reset, once, and the object is described again. Metadata that are not available are an info (AFG490).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from appflow_gitops.quoting import quoted
from appflow_gitops.service import service
from appflow_gitops.sync.errors import SyncError
from appflow_gitops.sync.inventory import Each
from appflow_gitops.sync.ports import ConnectorEntities
from appflow_gitops.validation.fields.check import FieldFindings, check_fields, entities_of
from appflow_gitops.validation.fields.entity import Description, EntityKey, MissingEntity, UnknownEntity
from appflow_gitops.validation.fields.field_rules import NOT_CHECKED
from appflow_gitops.validation.result import ValidatedFlow

T = TypeVar("T")
R = TypeVar("R")

KEPT_FOR = 300.0
"""Seconds that a description is used for. AppFlow caches for an hour, so this adds little to its age."""
FRESH_FOR = 60.0
"""Seconds that a description counts as fresh after the cache was reset."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A description and when it was read; ``fresh``: AppFlow's cache was reset before."""

    description: Description
    at: float
    fresh: bool


@service
class FieldChecker:
    """Checks fields. ``clock`` returns seconds; descriptions are kept from one call to the next."""

    connectors: ConnectorEntities
    clock: Callable[[], float]
    _read: dict[EntityKey, _Read] = field(default_factory=dict)

    def check(self, flows: Sequence[ValidatedFlow], each: Each) -> list[FieldFindings]:
        """The findings about each flow, in the order of ``flows``. ``each`` describes the objects."""
        keys = [entities_of(flow) for flow in flows]
        self._describe({key for of_flow in keys for key in of_flow}, each)
        findings = self._findings(flows)
        suspicious = {
            key
            for of_flow, found in zip(keys, findings, strict=True)
            if any(finding.rule != NOT_CHECKED.id for finding in (*found.findings, *found.ignored))
            for key in of_flow
        }
        return self._findings(flows) if self._refresh(suspicious, each) else findings

    def known(self, keys: Iterable[EntityKey], each: Each) -> dict[EntityKey, Description]:
        """The descriptions of these objects, from a cache if there is one."""
        wanted = set(keys)
        self._describe(wanted, each)
        return {key: self._read[key].description for key in sorted(wanted)}

    def describe(self, keys: Iterable[EntityKey], each: Each) -> dict[EntityKey, Description]:
        """The descriptions of these objects, past all caches."""
        wanted = set(keys)
        self._refresh(wanted, each)
        return {key: self._read[key].description for key in sorted(wanted)}

    def _findings(self, flows: Sequence[ValidatedFlow]) -> list[FieldFindings]:
        descriptions = {key: read.description for key, read in self._read.items()}
        return [check_fields(flow, descriptions) for flow in flows]

    def _describe(self, keys: set[EntityKey], each: Each) -> None:
        now = self.clock()
        missing = sorted(key for key in keys if not self._is_kept(key, now))
        for key, description in zip(missing, each(self._description, missing, "Reading fields"), strict=True):
            self._read[key] = _Read(description, now, fresh=False)

    def _refresh(self, keys: set[EntityKey], each: Each) -> bool:
        """Reset and describe the objects that are not fresh; whether there were any."""
        now = self.clock()
        stale = sorted(key for key in keys if not self._is_fresh(key, now))
        for key, description in zip(stale, each(self._reset, stale, "Reading fields again"), strict=True):
            self._read[key] = _Read(description, now, fresh=True)
        return bool(stale)

    def _is_kept(self, key: EntityKey, now: float) -> bool:
        read = self._read.get(key)
        return read is not None and now - read.at < KEPT_FOR

    def _is_fresh(self, key: EntityKey, now: float) -> bool:
        read = self._read.get(key)
        return read is not None and read.fresh and now - read.at < FRESH_FOR

    def _reset(self, key: EntityKey) -> Description:
        try:
            self.connectors.reset(key)
        except SyncError as error:
            return UnknownEntity(str(error))
        return self._description(key)

    def _description(self, key: EntityKey) -> Description:
        try:
            entity = self.connectors.describe(key)
            if entity is None:
                return self._missing(key)
        except SyncError as error:
            return UnknownEntity(str(error))
        return entity if entity.fields else UnknownEntity("the connector describes no fields")

    def _missing(self, key: EntityKey) -> Description:
        """AppFlow's answer is the same for a missing object and a missing profile: the list of objects decides."""
        names = self.connectors.names(key)
        if names is None or key.name in names:
            return UnknownEntity(f"AppFlow does not find {quoted(key.name)}")
        return MissingEntity(names)


def one_by_one(work: Callable[[T], R], items: Sequence[T], doing: str) -> Iterable[R]:  # noqa: ARG001 - as ``Each``
    """Apply ``work`` to the items in order: an ``Each`` without threads or a progress bar."""
    return map(work, items)
