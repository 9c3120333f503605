"""Convert other forms of a flow to UpdateFlow's. ``read`` calls it on every flow, before its shape is checked.

Accepted are DescribeFlow output, the API reference's samples and ISO 8601 times. Every change is reported by a finding.
Anything else is left for the shape check to reject, so no value makes this module fail.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from appflow_gitops.documents.collector import Collector
from appflow_gitops.documents.positions import FlowLocator, SourceMap
from appflow_gitops.documents.reading_rules import (
    BLANK_FIELD,
    CLIENT_TOKEN,
    EMPTY_OBJECT,
    ISO_TIME,
    LETTER_CASE,
    NAIVE_TIME,
    NULL_VALUE,
    READ_ONLY,
    SAMPLE_ONLY,
)
from appflow_gitops.findings import Finding, Issue, Json, Path, RuleInfo
from appflow_gitops.quoting import listed, quoted

CONNECTORS = (
    "Amplitude",
    "CustomConnector",
    "CustomerProfiles",
    "Datadog",
    "Dynatrace",
    "EventBridge",
    "GoogleAnalytics",
    "Honeycode",
    "InforNexus",
    "LookoutMetrics",
    "Marketo",
    "Pardot",
    "Redshift",
    "S3",
    "SAPOData",
    "Salesforce",
    "ServiceNow",
    "Singular",
    "Slack",
    "Snowflake",
    "Trendmicro",
    "Upsolver",
    "Veeva",
    "Zendesk",
)
"""The keys of connector properties and operators, as UpdateFlow spells them."""

SCHEDULE_TIMES = ("scheduleStartTime", "scheduleEndTime", "firstExecutionFrom")
"""The keys of a schedule whose values are times, in epoch seconds."""

TIME_MEMBERS = frozenset((*SCHEDULE_TIMES, "createdAt", "lastUpdatedAt", "mostRecentExecutionTime"))
"""The keys in DescribeFlow output whose values are times: YAML may leave these unquoted."""

READ_ONLY_MEMBERS = (
    "flowArn",
    "flowStatusMessage",
    "createdAt",
    "createdBy",
    "lastUpdatedAt",
    "lastUpdatedBy",
    "lastRunExecutionDetails",
    "lastRunMetadataCatalogDetails",
    "schemaVersion",
    "ResponseMetadata",
)
"""The keys in DescribeFlow output, as boto3 prints it, that no request accepts."""

_READ_ONLY_STATUSES = ("Draft", "Errored", "Deprecated", "Deleted")
_CONNECTOR_BY_LOWER_CASE = {name.lower(): name for name in CONNECTORS}
_ISO_8601 = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<time>\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(?P<offset>[Zz]|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
_SHOWN_KEYS = 5
_CONTAINERS = (dict, list)

_ByConnector = tuple[Path, dict[str, Json], Json]
"""An object whose keys are connectors: its path, the object, and the connectorType beside it."""


@dataclass(frozen=True, slots=True)
class ConvertedFlow:
    """A flow in UpdateFlow's form. ``renames`` maps the path of each renamed key to its spelling in the file."""

    value: dict[str, Json]
    renames: Mapping[Path, str]
    findings: tuple[Finding, ...]


def to_update_form(flow: dict[str, Json], path: Path, source_map: SourceMap) -> ConvertedFlow:
    """Return ``flow``, which is at ``path`` of its document, in UpdateFlow's form, as a copy."""
    changes = _Changes(path, source_map)
    value = _without_nulls(flow, (), changes)
    by_connector = [*_by_connector(value)]
    _rename_connectors(by_connector, changes)
    _drop_unsupported(value, by_connector, changes)
    _drop_empty_objects(value, by_connector, changes)
    _convert_times(value, changes)
    _drop_blank_fields(value, changes)
    return ConvertedFlow(value, changes.renames, tuple(changes.collector.findings))


class _Changes:
    """Changes a flow and reports each change. Paths lead from the top of the flow."""

    def __init__(self, path: Path, source_map: SourceMap) -> None:
        self.collector = Collector()
        self.renames: dict[Path, str] = {}
        self._path = path
        self._locator = FlowLocator(source_map, self.renames)

    def drop(self, parent: dict[str, Json], path: Path, key: str, rule: RuleInfo, reason: str) -> None:
        """Remove ``key`` from ``parent``, the object at ``path``, if it is there."""
        if key in parent:
            del parent[key]
            self.report_key(rule, (*path, key), f"ignored {quoted(key)}: {reason}")

    def rename(self, parent: dict[str, Json], path: Path, written: str, key: str) -> None:
        """Rename a key of ``parent``, the object at ``path``. Findings show the path with the old key."""
        parent[key] = parent.pop(written)
        self.renames[(*self._path, *path, key)] = written
        self.report_key(LETTER_CASE, (*path, key), f"read {quoted(written)} as {quoted(key)}")

    def report_key(self, rule: RuleInfo, path: Path, message: str) -> None:
        """Add a finding about the key at ``path``, at the position of the key."""
        full = (*self._path, *path)
        issue = Issue(rule, self._locator.path_as_written(full), message)
        self.collector.add(issue, self._locator.name_position(full))

    def report_value(self, rule: RuleInfo, path: Path, message: str, hint: str | None = None) -> None:
        """Add a finding about the value at ``path``, at the position of the value."""
        full = (*self._path, *path)
        issue = Issue(rule, self._locator.path_as_written(full), message, hint)
        self.collector.add(issue, self._locator.position(full))


def _without_nulls(flow: dict[str, Json], path: Path, changes: _Changes) -> dict[str, Json]:
    """Return a deep copy without the keys whose value is null."""
    if None in flow.values():
        _report_nulls([key for key, value in flow.items() if value is None], path, changes)
    return {
        key: _copied(value, (*path, key), changes) if isinstance(value, _CONTAINERS) else value
        for key, value in flow.items()
        if value is not None
    }


def _report_nulls(keys: list[str], path: Path, changes: _Changes) -> None:
    if len(keys) == 1:
        changes.report_key(NULL_VALUE, (*path, keys[0]), f"ignored {quoted(keys[0])}: value is null")
    else:
        message = f"ignored {len(keys)} keys with null values: {listed(keys, _SHOWN_KEYS)}"
        changes.report_value(NULL_VALUE, path, message)


def _copied(value: dict[str, Json] | list[Json], path: Path, changes: _Changes) -> Json:
    if isinstance(value, dict):
        return _without_nulls(value, path, changes)
    return [
        _copied(item, (*path, index), changes) if isinstance(item, _CONTAINERS) else item
        for index, item in enumerate(value)
    ]


def _rename_connectors(by_connector: Sequence[_ByConnector], changes: _Changes) -> None:
    for path, parent, _ in by_connector:
        for written in [key for key in parent if key not in CONNECTORS]:
            key = _CONNECTOR_BY_LOWER_CASE.get(written.lower())
            if key is not None and key not in parent:
                changes.rename(parent, path, written, key)


def _drop_unsupported(flow: dict[str, Json], by_connector: Sequence[_ByConnector], changes: _Changes) -> None:
    described = [key for key in READ_ONLY_MEMBERS if key in flow]
    for key in described:
        changes.drop(flow, (), key, READ_ONLY, "read-only in AppFlow")
    if described and (status := flow.get("flowStatus")) in _READ_ONLY_STATUSES:
        changes.drop(flow, (), "flowStatus", READ_ONLY, f"status {quoted(status)} cannot be requested")
    changes.drop(flow, (), "clientToken", CLIENT_TOKEN, "each update gets its own token")
    changes.drop(flow, (), "useDefaultEncryption", SAMPLE_ONLY, "not part of the API")
    for path, parent, _ in by_connector:
        if isinstance(s3 := parent.get("S3"), dict):
            changes.drop(
                s3, (*path, "S3"), "bucketKey", SAMPLE_ONLY, "not part of the API, which has 'bucketPrefix'"
            )


def _drop_empty_objects(
    flow: dict[str, Json], by_connector: Sequence[_ByConnector], changes: _Changes
) -> None:
    trigger = flow.get("triggerConfig")
    if isinstance(trigger, dict) and _has_empty_schedule(trigger):
        changes.drop(trigger, ("triggerConfig",), "triggerProperties", EMPTY_OBJECT, "empty schedule")
    for path, task in _objects(flow, "tasks"):
        if task.get("connectorOperator") == {}:
            changes.drop(task, path, "connectorOperator", EMPTY_OBJECT, "empty object")
    for path, parent, connector in by_connector:
        for key in _unused_connectors(parent, connector):
            changes.drop(parent, path, key, EMPTY_OBJECT, "empty, and not the flow's connector")


def _has_empty_schedule(trigger: dict[str, Json]) -> bool:
    return trigger.get("triggerProperties") == {} and trigger.get("triggerType") in ("OnDemand", "Event")


def _unused_connectors(parent: dict[str, Json], connector: Json) -> list[str]:
    """Return the connectors without properties that the flow does not use, unless all are unused."""
    used = connector.lower() if isinstance(connector, str) else ""
    unused = [key for key, properties in parent.items() if properties == {} and key.lower() != used]
    return unused if len(unused) < len(parent) else []


def _convert_times(flow: dict[str, Json], changes: _Changes) -> None:
    path: Path = ("triggerConfig", "triggerProperties", "Scheduled")
    schedule: Json = flow
    for step in path:
        schedule = schedule.get(str(step)) if isinstance(schedule, dict) else None
    if not isinstance(schedule, dict):
        return
    for key in SCHEDULE_TIMES:
        written = schedule.get(key)
        moment = _parse_time(written) if isinstance(written, str) else None
        if isinstance(written, str) and moment is not None:
            schedule[key] = _report_time((*path, key), written, moment, changes)


def _report_time(path: Path, written: str, moment: datetime, changes: _Changes) -> int | float:
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    epoch = int(seconds) if seconds.is_integer() else seconds
    if moment.tzinfo:
        changes.report_value(ISO_TIME, path, f"read {quoted(written)} as {epoch} epoch seconds")
    else:
        message = f"time {quoted(written)} has no UTC offset, read as UTC ({epoch} epoch seconds)"
        changes.report_value(NAIVE_TIME, path, message, "append 'Z' for UTC, or an offset such as '+01:00'")
    return epoch


def _parse_time(text: str) -> datetime | None:
    """Return the time of an ISO 8601 text, naive if it has no offset; None for any other text."""
    match = _ISO_8601.fullmatch(text.strip())
    if match is None:
        return None
    date, time, offset = match.group("date", "time", "offset")
    try:
        return datetime.fromisoformat(f"{date}T{time or '00:00'}{(offset or '').upper()}")
    except ValueError:  # such as 30 February
        return None


def _drop_blank_fields(flow: dict[str, Json], changes: _Changes) -> None:
    for path, task in _objects(flow, "tasks"):
        if task.get("taskType") == "Map_all" and task.get("sourceFields") == [""]:
            task["sourceFields"] = []
            message = "ignored the blank source field of a Map_all task"
            changes.report_value(BLANK_FIELD, (*path, "sourceFields"), message)


def _by_connector(flow: dict[str, Json]) -> Iterator[_ByConnector]:
    """Yield each object whose keys are connectors."""
    holders: list[tuple[Path, Json, str]] = [
        (("sourceFlowConfig",), flow.get("sourceFlowConfig"), "sourceConnectorProperties")
    ]
    for path, destination in _objects(flow, "destinationFlowConfigList"):
        holders.append((path, destination, "destinationConnectorProperties"))
    for path, task in _objects(flow, "tasks"):
        holders.append((path, task, "connectorOperator"))
    for path, holder, key in holders:
        if isinstance(holder, dict) and isinstance(value := holder.get(key), dict):
            yield (*path, key), value, holder.get("connectorType")


def _objects(flow: dict[str, Json], name: str) -> Iterator[tuple[Path, dict[str, Json]]]:
    """Yield the objects in the list ``name``, with their paths."""
    items = flow.get(name)
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield (name, index), item
