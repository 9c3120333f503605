"""The history of a flow: the versions of its document beside the events about them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from appflow_gitops.aws.status_log import LoggedEvent, LoggedHealth
from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.origin import Provenance
from appflow_gitops.status.events import StatusChange, StatusData
from appflow_gitops.sync.change import timestamp
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.documents.versions import FlowVersion, changes_between

T = TypeVar("T", LoggedEvent, LoggedHealth)
_OF_CHANGES = frozenset(Outcome) - {Outcome.STARTED, Outcome.PLANNED}


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One version, or, without it, a request that contained the flow.

    ``outcomes`` and ``healths`` are the events about it, oldest first. ``changes`` is what it changed in the flow since
    the version before that declares it; ``None`` where that is unknown. ``same_as`` is an older version with the same
    content. ``is_live``: the flow's tags name this version as the one that was applied last.
    """

    version: FlowVersion | None
    outcomes: tuple[LoggedEvent, ...] = ()
    healths: tuple[LoggedHealth, ...] = ()
    changes: tuple[DiffItem, ...] | None = None
    same_as: str | None = None
    is_live: bool = False

    @property
    def at(self) -> float:
        """When it was stored or reported, in epoch seconds."""
        return self.version.listed.at if self.version else self.outcomes[0].at

    @property
    def origin(self) -> Provenance | None:
        """Where the version or the request comes from, as far as that is known."""
        if self.version and self.version.stored:
            return self.version.stored.provenance
        return self.last.provenance if self.last else None

    @property
    def last(self) -> StatusData | None:
        """The last event about its outcome."""
        return self.outcomes[-1].event.data if self.outcomes else None


@dataclass(frozen=True, slots=True)
class FlowHistory:
    """The history of a flow, newest first; ``older`` versions were left out."""

    flow_name: str
    document: str
    entries: tuple[HistoryEntry, ...]
    older: int = 0


def entries_of(
    versions: Sequence[FlowVersion],
    limit: int,
    events: Iterable[LoggedEvent | LoggedHealth],
    live_version: str | None,
) -> tuple[HistoryEntry, ...]:
    """The newest ``limit`` versions, and the requests since the oldest of them, newest first.

    ``versions`` are newest first; those behind the limit are only compared with.
    """
    logged = sorted(events, key=lambda entry: entry.at)
    outcomes = [
        entry
        for entry in logged
        if isinstance(entry, LoggedEvent) and entry.event.data.outcome in _OF_CHANGES
    ]
    healths = [entry for entry in logged if isinstance(entry, LoggedHealth)]
    found = [
        HistoryEntry(
            version,
            tuple(_about(version, outcomes)),
            tuple(_about(version, healths)),
            _changes(version, versions[index + 1 :]),
            _same_as(version, versions[index + 1 :]),
            is_live=version.id == live_version,
        )
        for index, version in enumerate(versions[:limit])
    ]
    oldest = found[-1].at if found else 0.0
    requests = [
        HistoryEntry(None, (entry,))
        for entry in outcomes
        if entry.event.data.document is None and entry.at >= oldest
    ]
    return tuple(sorted([*found, *requests], key=lambda entry: entry.at, reverse=True))


def as_json(history: FlowHistory) -> str:
    """One JSON object."""
    value = {
        "flowName": history.flow_name,
        "document": history.document,
        "entries": [_entry(entry) for entry in history.entries],
        "olderVersions": history.older,
    }
    return json.dumps(value, indent=2)


def _about(version: FlowVersion, logged: Iterable[T]) -> Iterator[T]:
    for entry in logged:
        document = entry.event.data.document
        if document and document.is_same_version(version.listed.version):
            yield entry


def _changes(version: FlowVersion, older: Sequence[FlowVersion]) -> tuple[DiffItem, ...] | None:
    before = next((each.flow for each in older if each.flow), None)
    return changes_between(before, version.flow) if before and version.flow else None


def _same_as(version: FlowVersion, older: Sequence[FlowVersion]) -> str | None:
    """The newest older version with the same content."""
    content = version.stored and version.stored.content
    same = (each.id for each in older if each.stored and each.stored.content == content)
    return next(same, None) if content is not None else None


def _entry(entry: HistoryEntry) -> dict[str, Any]:
    version, origin = entry.version, entry.origin
    return {
        "versionId": version and version.id,
        "time": timestamp(entry.at),
        "deleted": bool(version and version.listed.deleted),
        "live": entry.is_live,
        "provenance": origin.model_dump(exclude_none=True) if origin else {},
        "sameContentAs": entry.same_as,
        "changes": None
        if entry.changes is None
        else [StatusChange.of(item).model_dump() for item in entry.changes],
        "outcomes": [
            {
                "time": timestamp(logged.at),
                **logged.event.data.model_dump(
                    mode="json", include={"outcome", "action", "reason", "findings", "error"}
                ),
            }
            for logged in entry.outcomes
        ],
        "healths": [
            {
                "time": timestamp(logged.at),
                **logged.event.data.model_dump(mode="json", include={"health", "reason"}),
            }
            for logged in entry.healths
        ],
    }
