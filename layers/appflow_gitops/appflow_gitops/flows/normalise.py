"""One comparable form for both sides, without the differences that AppFlow itself makes.

``diff`` compares what comes out of here, ``canonical`` takes the live flow's digest from it. Three kinds of
difference:

- *spelling*: one value written in two ways (``canonicalised``);
- *fillers*: a member that says what its absence says (``is_default``);
- *edits*: what AppFlow drops or rewrites, visible only beside what was sent (``undo_service_edits``).

The fourth, tasks in another order and Map_all's generated tasks, is pairing: see ``tasks``.

What nobody has observed stays a difference, so that nothing is hidden by a guess: a start time, an
apiVersion, a prefixType or a NO_OP operator that AppFlow filled in by itself would show. ``TF#n`` is an
issue of hashicorp/terraform-provider-aws.
"""

import copy
import json
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from appflow_gitops.findings import Json, Path
from appflow_gitops.flows.live import UPDATE_MEMBERS
from appflow_gitops.flows.schedule import is_rolled

FILLERS: Mapping[Path, Json] = MappingProxyType(
    {
        # TF#37478: left out of DescribeFlow when false.
        ("s3OutputFormatConfig", "preserveSourceDataTyping"): False,
        # LastSeen in DescribeFlow answers to requests without them.
        ("Salesforce", "dataTransferApi"): "AUTOMATIC",
        ("Salesforce", "enableDynamicFieldUpdate"): False,
        ("Salesforce", "includeDeletedRecords"): False,
        ("errorHandlingConfig", "failOnFirstDestinationError"): False,
        ("Scheduled", "scheduleOffset"): 0,
        ("aggregationConfig", "aggregationType"): "None",
        # As an exported flow has it where no size was chosen.
        ("aggregationConfig", "targetFileSize"): 0,
        # Inferred: the console's default, and what AppFlow writes where the request names no file type.
        ("s3OutputFormatConfig", "fileType"): "JSON",
        # Inferred: the model's non-null booleans, like Salesforce's above.
        ("Veeva", "includeAllVersions"): False,
        ("Veeva", "includeRenditions"): False,
        ("Veeva", "includeSourceFiles"): False,
        # An empty list of exceptions.
        ("taskProperties", "EXCLUDE_SOURCE_FIELDS_LIST"): "[]",
    }
)
"""The value that says the same as its absence, by the names of the object and of the member."""

PARTNER_SOURCE = "aws.partner/appflow/"

_FREE_MAPS = frozenset({"taskProperties", "customProperties"})
_UNIONS = frozenset({"sourceConnectorProperties", "destinationConnectorProperties"})
# A filter for "" is a filter, and {"LookoutMetrics": {}} chooses a connector.
_EMPTY_COUNTS = _FREE_MAPS | _UNIONS


def normalise(configuration: Mapping[str, Json]) -> dict[str, Json]:
    """The members of UpdateFlow in one spelling and without fillers; a deep copy. Idempotent.

    Tasks keep their places, because pointers name them by place; what needs them without order sorts them.
    """
    return {
        name: without_fillers((name,), value)
        for name, value in canonicalised(configuration).items()
        if not is_default((name,), value)
    }


def canonicalised(configuration: Mapping[str, Json]) -> dict[str, Json]:
    """The members of UpdateFlow with every value in one spelling, and nulls left out; a deep copy.

    Times in whole seconds; no source field as ``[]``, never ``[""]`` (TF#35992); the fields of a projection
    and of an exclusion list sorted, since their order means nothing. Other lists keep their order: that of a
    Merge's source fields is meaning, and that of idFieldNames and pathPrefixHierarchy may be.
    """
    return {
        name: _canonicalised((name,), configuration[name])
        for name in configuration
        if name in UPDATE_MEMBERS and configuration[name] is not None
    }


def is_default(path: Path, value: Json) -> bool:
    """Whether a member at ``path`` with this value says the same as one that is not there.

    True for null, "", [] and {}, for a default that AppFlow fills in (``FILLERS``), and for an object of
    such. Not for what is empty on purpose: an empty value of taskProperties or customProperties, and a connector
    without properties.
    """
    if value is None or _is_filler(path, value):
        return True
    if len(path) > 1 and path[-2] in _EMPTY_COUNTS:
        return False
    if isinstance(value, dict):
        return all(is_default((*path, name), member) for name, member in value.items())
    return value in ("", [])


def without_fillers(path: Path, value: Json) -> Json:
    """The value at ``path`` without the members that say nothing."""
    if isinstance(value, dict):
        return {
            name: without_fillers((*path, name), member)
            for name, member in value.items()
            if not is_default((*path, name), member)
        }
    if isinstance(value, list):
        return [without_fillers((*path, index), entry) for index, entry in enumerate(value)]
    return value


def undo_service_edits(
    desired: Mapping[str, Json], live: Mapping[str, Json], updated_at: float | None
) -> dict[str, Json]:
    """A copy of ``live`` that reads as ``desired`` where AppFlow is known to have changed what was sent.

    Where a start was rolled forward, too. Both sides canonicalised. ``updated_at``: the live flow's
    lastUpdatedAt, epoch seconds, see ``schedule.is_rolled``.
    """
    undone = copy.deepcopy(dict(live))
    _undo_schedule_edits(
        object_at(dict(desired), "triggerConfig", "triggerProperties", "Scheduled"),
        object_at(undone, "triggerConfig", "triggerProperties", "Scheduled"),
        updated_at,
    )
    for sent, described in zip(_event_buses(desired), _event_buses(undone), strict=False):
        if _names_partner_source(sent.get("object"), described.get("object")):
            described["object"] = sent["object"]
    return undone


def same(one: Json, other: Json) -> bool:
    """Whether two values are equal to AppFlow, for which 0 and false are not."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def object_at(value: Json, *path: str) -> dict[str, Json]:
    """The object at ``path``; a new empty one where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def operators(task: Mapping[str, Json]) -> frozenset[str]:
    """The operators that a task names, whichever connector they stand under."""
    return frozenset(
        name for name in object_at(dict(task), "connectorOperator").values() if isinstance(name, str)
    )


def is_projection(task: Mapping[str, Json]) -> bool:
    """Whether the task is the Filter that lists the fields to take from the source."""
    return task.get("taskType") == "Filter" and "PROJECTION" in operators(task)


def field_list(value: Json) -> list[str] | None:
    """The fields of a JSON array inside a string (EXCLUDE_SOURCE_FIELDS_LIST); None if it is none."""
    try:
        fields = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, list) and all(isinstance(field, str) for field in fields) else None


def _is_filler(path: Path, value: Json) -> bool:
    return path[-2:] in FILLERS and same(value, FILLERS[path[-2:]])


def _canonicalised(path: Path, value: Json) -> Json:
    if spell := _SPELLINGS.get(path[-2:]):
        return spell(value)
    if isinstance(value, dict):
        members = {
            name: _canonicalised((*path, name), member)
            for name, member in value.items()
            if member is not None
        }
        return _canonicalised_task(members) if path[:-1] == ("tasks",) else members
    if isinstance(value, list):
        return [_canonicalised((*path, index), entry) for index, entry in enumerate(value)]
    return value


def _canonicalised_task(task: dict[str, Json]) -> dict[str, Json]:
    fields = task.get("sourceFields")
    if fields == [""]:
        task["sourceFields"] = []
    elif isinstance(fields, list) and is_projection(task):
        task["sourceFields"] = sorted(fields, key=str)
    return task


def _whole_seconds(value: Json) -> Json:
    # AppFlow's own times carry no fraction that a document could rely on, and 1735689600.0 is 1735689600.
    return math.floor(value) if isinstance(value, float) and math.isfinite(value) else value


def _sorted_field_list(value: Json) -> Json:
    fields = field_list(value)
    return value if fields is None else json.dumps(sorted(fields), ensure_ascii=False)


_SPELLINGS: Mapping[Path, Callable[[Json], Json]] = MappingProxyType(
    {
        ("Scheduled", "scheduleStartTime"): _whole_seconds,
        ("Scheduled", "scheduleEndTime"): _whole_seconds,
        ("Scheduled", "firstExecutionFrom"): _whole_seconds,
        ("taskProperties", "EXCLUDE_SOURCE_FIELDS_LIST"): _sorted_field_list,
    }
)


def _undo_schedule_edits(sent: dict[str, Json], described: dict[str, Json], updated_at: float | None) -> None:
    if "firstExecutionFrom" in sent:  # accepted, then never shown again: TF#41670
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
    """The EventBridge properties of every destination, empty where it is another connector."""
    destinations = configuration.get("destinationFlowConfigList")
    entries = destinations if isinstance(destinations, list) else []
    return [object_at(entry, "destinationConnectorProperties", "EventBridge") for entry in entries]


def _names_partner_source(sent: Json, described: Json) -> bool:
    """Whether AppFlow wrote out the partner event source whose last part was sent. Inferred, so no wider."""
    return (
        isinstance(sent, str)
        and isinstance(described, str)
        and sent != ""
        and described.startswith(PARTNER_SOURCE)
        and described.endswith(f"/{sent}")
    )
