"""Normalise flows so that changes made by AppFlow itself do not show as differences.

``diff`` compares normalised flows; ``canonical`` computes the live flow's digest from one. Three kinds of change are
covered here:

- *spelling*: two forms of one value (``canonicalised``);
- *defaults*: a member with the value that its absence implies (``is_default``);
- *edits*: members that AppFlow drops or rewrites, which show only beside the request (``undo_service_edits``).

``tasks`` covers the order of tasks and those that Map_all generates.

Only observed changes are covered, so that no difference is hidden by a guess: a start time, apiVersion, prefixType or
NO_OP operator that AppFlow added by itself would be reported. ``TF#n`` is an issue of hashicorp/terraform-provider-aws.
"""

import json
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from appflow_gitops.findings import Json, Path
from appflow_gitops.flows.live import UPDATE_MEMBERS
from appflow_gitops.flows.schedule import is_rolled

DEFAULTS: Mapping[Path, Json] = MappingProxyType(
    {
        # TF#37478: DescribeFlow leaves it out when false.
        ("s3OutputFormatConfig", "preserveSourceDataTyping"): False,
        # Observed in DescribeFlow responses after requests without them.
        ("Salesforce", "dataTransferApi"): "AUTOMATIC",
        ("Salesforce", "enableDynamicFieldUpdate"): False,
        ("Salesforce", "includeDeletedRecords"): False,
        ("errorHandlingConfig", "failOnFirstDestinationError"): False,
        ("Scheduled", "scheduleOffset"): 0,
        ("aggregationConfig", "aggregationType"): "None",
        # In exported flows without a chosen size.
        ("aggregationConfig", "targetFileSize"): 0,
        # Inferred: the console's default, and what AppFlow writes when the request has no file type.
        ("s3OutputFormatConfig", "fileType"): "JSON",
        # Inferred: non-null booleans of the model, as for Salesforce above.
        ("Veeva", "includeAllVersions"): False,
        ("Veeva", "includeRenditions"): False,
        ("Veeva", "includeSourceFiles"): False,
        # An empty list of exceptions.
        ("taskProperties", "EXCLUDE_SOURCE_FIELDS_LIST"): "[]",
    }
)
"""Default values by object and member: a member with this value equals an absent one."""

PARTNER_SOURCE = "aws.partner/appflow/"

_FREE_MAPS = frozenset({"taskProperties", "customProperties"})
_UNIONS = frozenset({"sourceConnectorProperties", "destinationConnectorProperties"})
# A filter for "" is still a filter, and {"LookoutMetrics": {}} selects a connector.
_EMPTY_IS_A_VALUE = _FREE_MAPS | _UNIONS


def normalise(configuration: Mapping[str, Json]) -> dict[str, Json]:
    """Return the members of UpdateFlow, canonicalised and without defaults, as a deep copy. Idempotent.

    Tasks keep their order, because pointers refer to their indexes; a caller that ignores the order sorts them.
    """
    return {
        name: without_defaults((name,), value)
        for name, value in canonicalised(configuration).items()
        if not is_default((name,), value)
    }


def canonicalised(configuration: Mapping[str, Json]) -> dict[str, Json]:
    """Return the members of UpdateFlow with every value in one form and without nulls, as a deep copy.

    Times are whole seconds, blank source fields ``[]`` and never ``[""]`` (TF#35992), and the fields of a projection
    and of an exclusion list sorted, because their order is irrelevant. Other lists keep their order: it matters for the
    source fields of a Merge, and may matter for idFieldNames and pathPrefixHierarchy.
    """
    members = {
        name: _canonicalised("", name, value)
        for name, value in configuration.items()
        if name in UPDATE_MEMBERS and value is not None
    }
    tasks = members.get("tasks")
    for task in tasks if isinstance(tasks, list) else ():
        if isinstance(task, dict):
            _canonicalise_task(task)
    return members


def is_default(path: Path, value: Json) -> bool:
    """Return whether a member at ``path`` with this value equals an absent one.

    True for null, "", [] and {}, for the values in ``DEFAULTS``, and for objects of such members only. False where
    empty is a value: in taskProperties and customProperties, and for a connector without properties.
    """
    if value is None or _is_known_default(path, value):
        return True
    if len(path) > 1 and path[-2] in _EMPTY_IS_A_VALUE:
        return False
    if isinstance(value, dict):
        return all(is_default((*path, name), member) for name, member in value.items())
    return value in ("", [])


def without_defaults(path: Path, value: Json) -> Json:
    """Return the value at ``path`` without the members that have their default."""
    if isinstance(value, dict):
        return {
            name: without_defaults((*path, name), member)
            for name, member in value.items()
            if not is_default((*path, name), member)
        }
    if isinstance(value, list):
        return [without_defaults((*path, index), entry) for index, entry in enumerate(value)]
    return value


def undo_service_edits(desired: Mapping[str, Json], live: dict[str, Json], updated_at: float | None) -> None:
    """Reset known changes by AppFlow, and a rolled start time, in ``live`` to ``desired``.

    Both sides must be canonicalised. ``updated_at`` is the live flow's lastUpdatedAt in epoch seconds, see
    ``schedule.is_rolled``.
    """
    _undo_schedule_edits(
        object_at(dict(desired), "triggerConfig", "triggerProperties", "Scheduled"),
        object_at(live, "triggerConfig", "triggerProperties", "Scheduled"),
        updated_at,
    )
    for sent, described in zip(_event_buses(desired), _event_buses(live), strict=False):
        if _names_partner_source(sent.get("object"), described.get("object")):
            described["object"] = sent["object"]


def live_partner_sources(desired: Mapping[str, Json], live: Mapping[str, Json]) -> dict[int, Json]:
    """Return the live object of each EventBridge destination whose partner event source ``desired`` names by its last
    part, by index of the destination.
    """
    return {
        index: described["object"]
        for index, (sent, described) in enumerate(
            zip(_event_buses(desired), _event_buses(live), strict=False)
        )
        if _names_partner_source(sent.get("object"), described.get("object"))
    }


def equal(one: Json, other: Json) -> bool:
    """Return whether two JSON values are equal; unlike in Python, 0 and false are not."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def object_at(value: Json, *path: str) -> dict[str, Json]:
    """Return the object at ``path``, or a new empty one."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def operators(task: Mapping[str, Json]) -> frozenset[str]:
    """Return the operators of a task, for any connector."""
    return frozenset(
        name for name in object_at(dict(task), "connectorOperator").values() if isinstance(name, str)
    )


def is_projection(task: Mapping[str, Json]) -> bool:
    """Return whether the task is the Filter that selects the source fields."""
    return task.get("taskType") == "Filter" and "PROJECTION" in operators(task)


def field_list(value: Json) -> list[str] | None:
    """Return the fields of a JSON array in a string (EXCLUDE_SOURCE_FIELDS_LIST); None for any other value."""
    try:
        fields = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, list) and all(isinstance(field, str) for field in fields) else None


def _is_known_default(path: Path, value: Json) -> bool:
    return path[-2:] in DEFAULTS and equal(value, DEFAULTS[path[-2:]])


def _canonicalised(parent: str, name: str, value: Json) -> Json:
    """Return the value of the member ``name`` of the object ``parent``, in one form."""
    if isinstance(value, dict):
        return {
            inner: _canonicalised(name, inner, member)
            for inner, member in value.items()
            if member is not None
        }
    if isinstance(value, list):
        return [_canonicalised(name, "", entry) for entry in value]
    canonicalise = _CANONICALISERS.get((parent, name))
    return canonicalise(value) if canonicalise else value


def _canonicalise_task(task: dict[str, Json]) -> None:
    fields = task.get("sourceFields")
    if fields == [""]:
        task["sourceFields"] = []
    elif isinstance(fields, list) and is_projection(task):
        task["sourceFields"] = sorted(fields, key=str)


def _whole_seconds(value: Json) -> Json:
    # AppFlow's own times have no reliable fraction, and 1735689600.0 equals 1735689600.
    return math.floor(value) if isinstance(value, float) and math.isfinite(value) else value


def _sorted_field_list(value: Json) -> Json:
    fields = field_list(value)
    return value if fields is None else json.dumps(sorted(fields), ensure_ascii=False)


_CANONICALISERS: Mapping[Path, Callable[[Json], Json]] = MappingProxyType(
    {
        ("Scheduled", "scheduleStartTime"): _whole_seconds,
        ("Scheduled", "scheduleEndTime"): _whole_seconds,
        ("Scheduled", "firstExecutionFrom"): _whole_seconds,
        ("taskProperties", "EXCLUDE_SOURCE_FIELDS_LIST"): _sorted_field_list,
    }
)


def _undo_schedule_edits(sent: dict[str, Json], described: dict[str, Json], updated_at: float | None) -> None:
    if "firstExecutionFrom" in sent:  # AppFlow accepts it but never returns it: TF#41670
        described.setdefault("firstExecutionFrom", sent["firstExecutionFrom"])
    start, live_start = sent.get("scheduleStartTime"), described.get("scheduleStartTime")
    expression = sent.get("scheduleExpression")
    if (
        isinstance(expression, str)
        and isinstance(start, int | float)
        and isinstance(live_start, int | float)
        and is_rolled(live_start, start, expression, updated_at)
    ):
        described["scheduleStartTime"] = start


def _event_buses(configuration: Mapping[str, Json]) -> list[dict[str, Json]]:
    """Return the EventBridge properties of every destination, empty for other connectors."""
    destinations = configuration.get("destinationFlowConfigList")
    entries = destinations if isinstance(destinations, list) else []
    return [object_at(entry, "destinationConnectorProperties", "EventBridge") for entry in entries]


def _names_partner_source(sent: Json, described: Json) -> bool:
    """Return whether AppFlow expanded the partner event source whose last part was sent. Inferred, so kept narrow."""
    return (
        isinstance(sent, str)
        and isinstance(described, str)
        and sent != ""
        and described.startswith(PARTNER_SOURCE)
        and described.endswith(f"/{sent}")
    )
