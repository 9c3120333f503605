"""What people paste, brought to AppFlow's words. ``read`` calls it on every flow, before its shape is checked.

DescribeFlow output, the API reference's own samples, ISO 8601 times: each is understood, and each change is told by a
finding at its place in the file. What is not understood stays as it is, for the shape check to refuse; so nothing here
fails on any value.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from appflow_gitops.documents.collector import Collector, excerpt
from appflow_gitops.documents.positions import FlowLocator, Places
from appflow_gitops.documents.reading_rules import (
    BLANK_FIELD,
    CLIENT_TOKEN,
    FILLER,
    ISO_TIME,
    LETTER_CASE,
    NAIVE_TIME,
    NULL_MEMBER,
    OLD_SAMPLE,
    READ_ONLY,
)
from appflow_gitops.findings import Finding, Json, Path, RuleInfo

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
"""The members that connector properties and operators have, as UpdateFlow writes them."""

SCHEDULE_TIMES = ("scheduleStartTime", "scheduleEndTime", "firstExecutionFrom")
"""The members of a schedule that hold a time, in seconds since 1970."""

TIME_MEMBERS = frozenset((*SCHEDULE_TIMES, "createdAt", "lastUpdatedAt", "mostRecentExecutionTime"))
"""Every member of DescribeFlow's answer that holds a time: where YAML may write one without quotes."""

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
"""What DescribeFlow answers, as boto3 prints it, and no request takes."""

_PASSING_STATUSES = ("Draft", "Errored", "Deprecated", "Deleted")
_CONNECTOR_BY_LOWER_CASE = {name.lower(): name for name in CONNECTORS}
_ISO_8601 = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<time>\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(?P<offset>[Zz]|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
_SHOWN_NAMES = 5


@dataclass(frozen=True, slots=True)
class Understood:
    """A flow in AppFlow's words. ``renames``: path in these words -> the name of that member in the file."""

    value: dict[str, Json]
    renames: Mapping[Path, str]
    findings: tuple[Finding, ...]


def understand(flow: dict[str, Json], path: Path, places: Places) -> Understood:
    """``flow``, which stands at ``path`` of its document, in AppFlow's words; ``flow`` itself is not changed."""
    changes = _Changes(path, places)
    value = _without_null_members(flow, (), changes)
    _rename_connectors(value, changes)
    _drop_what_no_request_takes(value, changes)
    _drop_fillers(value, changes)
    _convert_times(value, changes)
    _unblank_map_all(value, changes)
    return Understood(value, changes.renames, tuple(changes.collector.findings))


class _Changes:
    """Makes the changes and tells each at its place; paths lead from the top of the flow."""

    def __init__(self, path: Path, places: Places) -> None:
        self.collector = Collector()
        self.renames: dict[Path, str] = {}
        self._path = path
        self._locator = FlowLocator(places, self.renames)

    def drop(self, members: dict[str, Json], path: Path, name: str, rule: RuleInfo, because: str) -> None:
        """Leaves out the member ``name`` of the object at ``path``, if it is there."""
        if name in members:
            del members[name]
            self.tell_of_name(rule, (*path, name), f"`{name}` {because}: it was left out")

    def rename(self, members: dict[str, Json], path: Path, written: str, name: str) -> None:
        """Gives a member of the object at ``path`` another name; it is found in the file under the old one."""
        members[name] = members.pop(written)
        self.renames[(*self._path, *path, name)] = written
        self.tell_of_name(LETTER_CASE, (*path, name), f"{excerpt(written)} was read as `{name}`")

    def tell_of_name(self, rule: RuleInfo, path: Path, message: str) -> None:
        """A finding about a member as such: it stands at the member's name."""
        full = (*self._path, *path)
        self.collector.tell(
            rule, self._locator.path_as_written(full), self._locator.name_position(full), message
        )

    def tell_of_value(self, rule: RuleInfo, path: Path, message: str, hint: str | None = None) -> None:
        """A finding about a value: it stands at the value."""
        full = (*self._path, *path)
        self.collector.tell(
            rule, self._locator.path_as_written(full), self._locator.position(full), message, hint
        )


def _without_null_members(flow: dict[str, Json], path: Path, changes: _Changes) -> dict[str, Json]:
    """A copy, down to the last list, without the members that are null."""
    nulls = [name for name, value in flow.items() if value is None]
    if len(nulls) == 1:
        message = f"{excerpt(nulls[0])} is null and was left out"
        changes.tell_of_name(NULL_MEMBER, (*path, nulls[0]), message)
    elif nulls:
        shown = ", ".join(map(excerpt, nulls[:_SHOWN_NAMES])) + (", ..." if len(nulls) > _SHOWN_NAMES else "")
        changes.tell_of_value(NULL_MEMBER, path, f"{len(nulls)} members are null and were left out: {shown}")
    return {
        name: _copied(value, (*path, name), changes) if isinstance(value, dict | list) else value
        for name, value in flow.items()
        if value is not None
    }


def _copied(value: Json, path: Path, changes: _Changes) -> Json:
    if isinstance(value, dict):
        return _without_null_members(value, path, changes)
    if isinstance(value, list):
        return [_copied(item, (*path, index), changes) for index, item in enumerate(value)]
    return value


def _rename_connectors(flow: dict[str, Json], changes: _Changes) -> None:
    for path, members, _ in _connector_members(flow):
        for written in [name for name in members if name not in CONNECTORS]:
            name = _CONNECTOR_BY_LOWER_CASE.get(written.lower())
            if name is not None and name not in members:
                changes.rename(members, path, written, name)


def _drop_what_no_request_takes(flow: dict[str, Json], changes: _Changes) -> None:
    described = [name for name in READ_ONLY_MEMBERS if name in flow]
    for name in described:
        changes.drop(flow, (), name, READ_ONLY, "is part of DescribeFlow's answer only")
    if described and flow.get("flowStatus") in _PASSING_STATUSES:
        changes.drop(flow, (), "flowStatus", READ_ONLY, "is a status that nobody can ask for")
    changes.drop(flow, (), "clientToken", CLIENT_TOKEN, "is made anew for each update")
    changes.drop(flow, (), "useDefaultEncryption", OLD_SAMPLE, "is no member of the API")
    for path, members, _ in _connector_members(flow):
        if isinstance(s3 := members.get("S3"), dict):
            changes.drop(
                s3, (*path, "S3"), "bucketKey", OLD_SAMPLE, "is no member of the API (`bucketPrefix` is)"
            )


def _drop_fillers(flow: dict[str, Json], changes: _Changes) -> None:
    trigger = flow.get("triggerConfig")
    if isinstance(trigger, dict) and _has_empty_schedule(trigger):
        because = "is empty, as there is no schedule"
        changes.drop(trigger, ("triggerConfig",), "triggerProperties", FILLER, because)
    for path, task in _objects(flow, "tasks"):
        if task.get("connectorOperator") == {}:
            changes.drop(task, path, "connectorOperator", FILLER, "is empty")
    for path, members, connector in _connector_members(flow):
        for name in _idle_connectors(members, connector):
            changes.drop(members, path, name, FILLER, "is empty, and not the flow's connector")


def _has_empty_schedule(trigger: dict[str, Json]) -> bool:
    return trigger.get("triggerProperties") == {} and trigger.get("triggerType") in ("OnDemand", "Event")


def _idle_connectors(members: dict[str, Json], connector: Json) -> list[str]:
    """The connectors without properties that the flow does not use, unless they are all that is there."""
    used = connector.lower() if isinstance(connector, str) else ""
    idle = [name for name, properties in members.items() if properties == {} and name.lower() != used]
    return idle if len(idle) < len(members) else []


def _convert_times(flow: dict[str, Json], changes: _Changes) -> None:
    path: Path = ("triggerConfig", "triggerProperties", "Scheduled")
    schedule: Json = flow
    for step in path:
        schedule = schedule.get(str(step)) if isinstance(schedule, dict) else None
    if not isinstance(schedule, dict):
        return
    for name in SCHEDULE_TIMES:
        written = schedule.get(name)
        moment = _moment(written) if isinstance(written, str) else None
        if isinstance(written, str) and moment is not None:
            schedule[name] = _tell_time((*path, name), written, moment, changes)


def _tell_time(path: Path, written: str, moment: datetime, changes: _Changes) -> int | float:
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    epoch = int(seconds) if seconds.is_integer() else seconds
    if moment.tzinfo:
        changes.tell_of_value(ISO_TIME, path, f"{excerpt(written)} was read as {epoch} seconds since 1970")
    else:
        message = f"{excerpt(written)} has no offset; it was read as UTC, {epoch} seconds since 1970"
        changes.tell_of_value(
            NAIVE_TIME, path, message, "say which zone is meant: end it in `Z` or in `+01:00`"
        )
    return epoch


def _moment(text: str) -> datetime | None:
    """The moment that an ISO 8601 text names, with the time zone it names, if any; None for any other text."""
    match = _ISO_8601.fullmatch(text.strip())
    if match is None:
        return None
    date, time, offset = match.group("date", "time", "offset")
    try:
        return datetime.fromisoformat(f"{date}T{time or '00:00'}{(offset or '').upper()}")
    except ValueError:  # the thirtieth of February
        return None


def _unblank_map_all(flow: dict[str, Json], changes: _Changes) -> None:
    for path, task in _objects(flow, "tasks"):
        if task.get("taskType") == "Map_all" and task.get("sourceFields") == [""]:
            task["sourceFields"] = []
            changes.tell_of_value(
                BLANK_FIELD, (*path, "sourceFields"), 'Map_all takes all fields: `[""]` was read as `[]`.'
            )


def _connector_members(flow: dict[str, Json]) -> Iterator[tuple[Path, dict[str, Json], Json]]:
    """Every object whose members are named after connectors: its path, itself, the connectorType beside it."""
    holders: list[tuple[Path, Json, str]] = [
        (("sourceFlowConfig",), flow.get("sourceFlowConfig"), "sourceConnectorProperties")
    ]
    for path, destination in _objects(flow, "destinationFlowConfigList"):
        holders.append((path, destination, "destinationConnectorProperties"))
    for path, task in _objects(flow, "tasks"):
        holders.append((path, task, "connectorOperator"))
    for path, holder, name in holders:
        if isinstance(holder, dict) and isinstance(members := holder.get(name), dict):
            yield (*path, name), members, holder.get("connectorType")


def _objects(flow: dict[str, Json], name: str) -> Iterator[tuple[Path, dict[str, Json]]]:
    """The objects in the list ``name``, with their paths."""
    items = flow.get(name)
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield (name, index), item
