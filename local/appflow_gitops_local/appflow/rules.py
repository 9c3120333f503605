"""The rules that CreateFlow and UpdateFlow apply beyond the shape of the request.

Each rule is a function that yields problems; ``models`` reports all of them in one ValidationException. A text marked
*reported* was quoted in public reports. The other texts are our own wording, because AWS's is unknown.
"""

from collections.abc import Callable, Iterator

from .behaviour import Behaviour
from .connectors import SHORTEST_INTERVAL, WITH_CHANGE_EVENTS, WITHOUT_PROFILE
from .definition import Connection, Definition, Members, partner_event_source
from .schedules import MINUTES, RATE

Rule = Callable[[Definition, Behaviour], Iterator[str]]

_NEEDING_PROJECTION = {"Salesforce", "CustomConnector"}
_NEEDING_IDS = {"Salesforce", "SAPOData", "Zendesk", "CustomConnector"}


def problems(definition: Definition, behaviour: Behaviour) -> list[str]:
    """Return why a definition is rejected, on creation and on update."""
    return [problem for rule in _RULES for problem in rule(definition, behaviour)]


def replacements(live: Definition, desired: Definition, behaviour: Behaviour, account_id: str) -> list[str]:
    """Return the changes that an update cannot make in place."""
    return [
        *_source_changes(live.source, desired.source, behaviour),
        *(
            problem
            for old, new in zip(live.destinations, desired.destinations, strict=False)
            for problem in _destination_changes(old, new, behaviour, account_id)
        ),
    ]


def _source_changes(live: Connection, desired: Connection, behaviour: Behaviour) -> Iterator[str]:
    if live.connector != desired.connector:
        yield "The source connector can not be updated"
    elif live.object != desired.object:
        yield "Do not update the object for the flow."  # reported
    elif behaviour.refuse_profile_change and live.profile != desired.profile:
        yield "The source connector profile can not be updated"


def _destination_changes(
    live: Connection, desired: Connection, behaviour: Behaviour, account_id: str
) -> Iterator[str]:
    kept = live.object
    if live.connector == "EventBridge" and behaviour.rewrite_event_bridge_object:
        kept = (partner_event_source(live.object[0], account_id),)
    if live.connector != desired.connector:
        yield "The destination connector can not be updated"
    elif kept != desired.object:
        yield "Destination object for the destination connector can not be updated"  # reported
    elif behaviour.refuse_profile_change and live.profile != desired.profile:
        yield "The destination connector profile can not be updated"


def _one_destination(definition: Definition, _behaviour: Behaviour) -> Iterator[str]:
    if len(definition.destinations) != 1:
        yield "A flow must have exactly one destination"


def _connector_properties(definition: Definition, _behaviour: Behaviour) -> Iterator[str]:
    for connection in _connections(definition):
        if connection.properties is None:
            yield f"{connection.properties_member} must hold the properties of {connection.connector}"


def _profiles_named(definition: Definition, _behaviour: Behaviour) -> Iterator[str]:
    for connection in _connections(definition):
        if connection.connector not in WITHOUT_PROFILE and connection.profile is None:
            yield f"A connector profile is required for {connection.connector}"


def _schedule_present(definition: Definition, _behaviour: Behaviour) -> Iterator[str]:
    if definition.trigger_type == "Scheduled" and definition.schedule is None:
        yield "TriggerProps is required for Scheduled Trigger Type."  # reported


def _on_demand_bare(definition: Definition, _behaviour: Behaviour) -> Iterator[str]:
    if definition.trigger_type == "OnDemand" and definition.trigger_properties is not None:
        yield "TriggerProps must not be given for OnDemand Trigger Type."


def _start_ahead(definition: Definition, behaviour: Behaviour) -> Iterator[str]:
    start = (definition.schedule or {}).get("scheduleStartTime")
    if behaviour.refuse_past_start and start is not None and start <= behaviour.now().timestamp():
        yield "Schedule start time must be in the future"


def _end_ahead(definition: Definition, behaviour: Behaviour) -> Iterator[str]:
    schedule = definition.schedule or {}
    end = schedule.get("scheduleEndTime")
    earliest = max(schedule.get("scheduleStartTime", 0), behaviour.now().timestamp())
    if behaviour.refuse_past_end and end is not None and end <= earliest:
        yield "Schedule end time must be in the future and after the start time"


def _slow_enough(definition: Definition, _behaviour: Behaviour) -> Iterator[str]:
    rate = RATE.fullmatch((definition.schedule or {}).get("scheduleExpression", ""))
    shortest = SHORTEST_INTERVAL.get(definition.source.connector, 1)
    if rate and int(rate[1]) * MINUTES[rate[2]] < shortest:
        yield f"{definition.source.connector} flows can run every {shortest} minutes at most"


def _change_events(definition: Definition, _behaviour: Behaviour) -> Iterator[str]:
    if definition.trigger_type == "Event" and definition.source.connector not in WITH_CHANGE_EVENTS:
        yield f"{definition.source.connector} does not support Event Trigger Type"


def _event_bridge(definition: Definition, _behaviour: Behaviour) -> Iterator[str]:
    to_event_bridge = any(end.connector == "EventBridge" for end in definition.destinations)
    from_events = definition.trigger_type == "Event" and definition.source.connector in WITH_CHANGE_EVENTS
    if to_event_bridge and not from_events:
        yield "EventBridge is a destination of event-triggered Salesforce flows only"
    if definition.source.connector == "EventBridge":
        yield "EventBridge can not be a source"


def _identified_records(definition: Definition, _behaviour: Behaviour) -> Iterator[str]:
    for destination in definition.destinations:
        properties = destination.properties or {}
        operation = properties.get("writeOperationType", "INSERT")
        if (
            destination.connector in _NEEDING_IDS
            and operation != "INSERT"
            and not properties.get("idFieldNames")
        ):
            yield f"idFieldNames is required for write operation {operation}"


def _kept_types(definition: Definition, _behaviour: Behaviour) -> Iterator[str]:
    for destination in definition.destinations:
        output = (destination.properties or {}).get("s3OutputFormatConfig", {})
        if output.get("preserveSourceDataTyping") and output.get("fileType") != "PARQUET":
            yield "preserveSourceDataTyping is supported for PARQUET only"


def _catalogued(definition: Definition, _behaviour: Behaviour) -> Iterator[str]:
    catalogued = definition.members.get("metadataCatalogConfig")
    if catalogued and any(end.connector != "S3" for end in definition.destinations):
        yield "metadataCatalogConfig is supported for S3 destinations only"


def _projected(definition: Definition, behaviour: Behaviour) -> Iterator[str]:
    strict = behaviour.strict_tasks
    connectors = _NEEDING_PROJECTION if strict is True else strict or ()
    if definition.source.connector not in connectors:
        return
    if not any(task["taskType"] == "Map_all" or is_projection(definition, task) for task in definition.tasks):
        yield _task_error("You must specify a projection task or a MAP_ALL task")  # reported


def _filters_filter(definition: Definition, _behaviour: Behaviour) -> Iterator[str]:
    for task in definition.tasks:
        if task["taskType"] == "Filter" and definition.operator(task) == "NO_OP":
            yield _task_error(  # reported
                "The operator NO_OP is not valid for filtering tasks. "
                "The task sourceConnectorType is FILTERING and the task operator is NO_OP"
            )


def _bounded(definition: Definition, _behaviour: Behaviour) -> Iterator[str]:
    for task in definition.tasks:
        missing = {"LOWER_BOUND", "UPPER_BOUND"} - set(task.get("taskProperties", {}))
        if definition.operator(task) == "BETWEEN" and missing:
            yield _task_error(f"The operator BETWEEN needs {' and '.join(sorted(missing))}")


_RULES: tuple[Rule, ...] = (
    _one_destination,
    _connector_properties,
    _profiles_named,
    _schedule_present,
    _on_demand_bare,
    _start_ahead,
    _end_ahead,
    _slow_enough,
    _change_events,
    _event_bridge,
    _identified_records,
    _kept_types,
    _catalogued,
    _projected,
    _filters_filter,
    _bounded,
)


def is_projection(definition: Definition, task: Members) -> bool:
    """Return whether a task selects the fields that the flow reads."""
    return task["taskType"] == "Filter" and definition.operator(task) == "PROJECTION"


def _connections(definition: Definition) -> list[Connection]:
    return [definition.source, *definition.destinations]


def _task_error(text: str) -> str:
    return f"Task Validation Error: {text}"
