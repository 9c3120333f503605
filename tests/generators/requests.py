"""UpdateFlow requests for Hypothesis, derived from botocore's model and independent of the project's own.

``update_flow_requests`` draws requests that the model allows. With ``coherent`` they are meaningful to AppFlow as well:
one destination, properties under the connector's own key, tasks of that source, a schedule only for a scheduled flow.
``flow_documents`` adds the members that documents have beyond the request.
"""

import re
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from hypothesis import strategies as st

Request = dict[str, Any]

SAFE_INTEGER = 2**53 - 1
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799
"""The years 1 to 9999, the range of SDKs."""

_YEAR_2100 = 4_102_444_800
_MOST_MEMBERS = 3
_SHORT = 10

ALPHABET = "".join(map(chr, range(128))) + "\x85\xa0éß²Ωж中\u0301\u200b\u2028\ufeff\ufffd\ufffe\uffff😀"
"""ASCII, and one character of each kind that a pattern may handle wrongly."""

PLAIN_PATTERNS = {
    r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*": (
        "[\t\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*"
    )
}
"""Patterns that Python cannot compile, with their surrogate pairs as single characters."""


@cache
def appflow_model() -> ServiceModel:
    """Return botocore's model of the AppFlow API."""
    return ServiceModel(Loader().load_service_model("appflow", "service-2", "2020-08-23"), "appflow")


def shape_of(name: str = "UpdateFlowRequest") -> Any:
    """Return a shape by its name; botocore's stubs do not type its members."""
    return appflow_model().shape_for(name)


def pattern_of(shape: Any) -> str:
    """Return the shape's pattern as Python's ``re`` compiles it."""
    pattern = str(shape.metadata["pattern"])
    return PLAIN_PATTERNS.get(pattern, pattern)


def update_flow_requests(
    *, coherent: bool = True, flow_name: st.SearchStrategy[str] | None = None
) -> st.SearchStrategy[Request]:
    """Draw valid requests; without ``coherent``, any that botocore's model allows, clientToken included."""
    name = flow_name or values_of("FlowName")
    if coherent:
        return _coherent_requests(name)
    return st.tuples(values_of("UpdateFlowRequest"), name).map(
        lambda drawn: drawn[0] | {"flowName": drawn[1]}
    )


@st.composite
def flow_documents(
    draw: st.DrawFn, *, coherent: bool = True, flow_name: st.SearchStrategy[str] | None = None
) -> Request:
    """Draw valid documents: requests without a token, some with kmsArn, tags and flowStatus."""
    document = draw(update_flow_requests(coherent=coherent, flow_name=flow_name))
    document.pop("clientToken", None)
    extras = {
        "kmsArn": values_of("KMSArn"),
        "tags": values_of("TagMap"),
        "flowStatus": st.sampled_from(["Active", "Suspended"]),
    }
    return document | draw(st.fixed_dictionaries({}, optional=extras))


@cache
def values_of(name: str) -> st.SearchStrategy[Any]:
    """Draw values of the shape with this name, within all its constraints."""
    shape = shape_of(name)
    return _BY_TYPE[shape.type_name](shape)


def _strings(shape: Any) -> st.SearchStrategy[str]:
    return (
        st.sampled_from(shape.enum) if shape.enum else _texts(pattern_of(shape), shape.metadata.get("min", 0))
    )


def _texts(pattern: str, least: int) -> st.SearchStrategy[str]:
    """Draw texts that match the whole pattern. ``st.from_regex`` needs a second for each Unicode class."""
    atoms = _ATOM.findall(re.sub(r"\(\?!.*?\)", "", pattern))
    texts = st.tuples(*(_characters(one, quantifier) for one, quantifier in atoms)).map("".join)
    return texts.map(lambda text: text + "0" * (least - len(text))).filter(re.compile(pattern).fullmatch)


def _characters(one: str, quantifier: str) -> st.SearchStrategy[str]:
    characters = [character for character in ALPHABET if re.fullmatch(one, character)]
    if not quantifier:
        return st.sampled_from(characters)
    return st.text(characters, min_size=int(quantifier == "+"), max_size=_SHORT)


_ATOM = re.compile(r"(\[(?:\\.|[^\]\\])+\]|\\\w|[^\\^$()])([*+]?)")
"""A character or class of a pattern and its quantifier; groups and anchors are skipped."""


def _integers(shape: Any) -> st.SearchStrategy[int]:
    return st.integers(shape.metadata.get("min", -SAFE_INTEGER), shape.metadata.get("max", SAFE_INTEGER))


def _times(_: Any) -> st.SearchStrategy[float]:
    return st.integers(0, _YEAR_2100) | st.floats(0, _YEAR_2100)


def _lists(shape: Any) -> st.SearchStrategy[list[Any]]:
    least = shape.metadata.get("min", 0)
    return st.lists(values_of(shape.member.name), min_size=least, max_size=least + _MOST_MEMBERS)


def _maps(shape: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(values_of(shape.key.name), values_of(shape.value.name), max_size=_MOST_MEMBERS)


@st.composite
def _structures(draw: st.DrawFn, shape: Any) -> dict[str, Any]:
    """Draw a few of the optional members: some structures have seventeen, one for each connector."""
    optional = [name for name in shape.members if name not in shape.required_members]
    chosen = (
        draw(st.lists(st.sampled_from(optional), unique=True, max_size=_MOST_MEMBERS)) if optional else []
    )
    return {name: draw(values_of(shape.members[name].name)) for name in [*shape.required_members, *chosen]}


_BY_TYPE = {
    "structure": _structures,
    "list": _lists,
    "map": _maps,
    "string": _strings,
    "integer": _integers,
    "long": _integers,
    "boolean": lambda _: st.booleans(),
    "timestamp": _times,
}

# Requests that make sense

_WITHOUT_PROFILE = {"S3", "EventBridge", "LookoutMetrics", "Upsolver", "CustomerProfiles"}
_FIELDS = st.text("abcdefgXYZ_12", min_size=1, max_size=8)


@st.composite
def _coherent_requests(draw: st.DrawFn, flow_name: st.SearchStrategy[str]) -> Request:
    source = draw(st.sampled_from(_connectors("SourceConnectorProperties")))
    trigger = draw(_triggers(events=source == "Salesforce"))
    by_event = trigger["triggerType"] == "Event"
    destinations = [
        name for name in _connectors("DestinationConnectorProperties") if name != "EventBridge" or by_event
    ]
    destination = draw(st.sampled_from(destinations))
    request = {
        "flowName": draw(flow_name),
        "triggerConfig": trigger,
        "sourceFlowConfig": draw(_sources(source, trigger)),
        "destinationFlowConfigList": [draw(_destinations(destination))],
        "tasks": draw(_task_lists(source)),
    }
    optional = {"description": values_of("FlowDescription")}
    if destination == "S3":
        optional["metadataCatalogConfig"] = values_of("MetadataCatalogConfig")
    return request | draw(st.fixed_dictionaries({}, optional=optional))


def _connectors(structure: str) -> list[str]:
    return list(shape_of(structure).members)


def connector_type(member: str) -> str:
    """Return the connectorType that goes with a member of the connector properties: ServiceNow's is Servicenow."""
    types: list[str] = shape_of("ConnectorType").enum
    return next(name for name in types if name.casefold() == member.casefold())


@st.composite
def _triggers(draw: st.DrawFn, *, events: bool) -> Request:
    kind = draw(st.sampled_from(["OnDemand", "Scheduled", *(["Event"] if events else [])]))
    if kind != "Scheduled":
        return {"triggerType": kind}
    start = draw(st.integers(_YEAR_2100, 2 * _YEAR_2100))
    schedule = draw(
        st.fixed_dictionaries(
            {"scheduleExpression": st.sampled_from(["rate(1days)", "rate(2days)", "rate(7days)"])},
            optional={
                "dataPullMode": values_of("DataPullMode"),
                "scheduleStartTime": st.just(start),
                "scheduleEndTime": st.integers(start + 1, start + _YEAR_2100),
                "timezone": st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
                "scheduleOffset": values_of("ScheduleOffset"),
                "firstExecutionFrom": values_of("Date"),
                "flowErrorDeactivationThreshold": values_of("FlowErrorDeactivationThreshold"),
            },
        )
    )
    return {"triggerType": kind, "triggerProperties": {"Scheduled": schedule}}


@st.composite
def _sources(draw: st.DrawFn, member: str, trigger: Request) -> Request:
    properties = draw(values_of(_properties_shape("SourceConnectorProperties", member)))
    source = _connector(draw, member) | {"sourceConnectorProperties": {member: properties}}
    if "Incremental" in str(trigger):
        source["incrementalPullConfig"] = {"datetimeTypeFieldName": draw(_FIELDS)}
    return source


@st.composite
def _destinations(draw: st.DrawFn, member: str) -> Request:
    properties = draw(values_of(_properties_shape("DestinationConnectorProperties", member)))
    if properties.get("writeOperationType") in {"UPSERT", "UPDATE", "DELETE"}:
        properties["idFieldNames"] = draw(st.lists(_FIELDS, min_size=1, max_size=2, unique=True))
    output = properties.get("s3OutputFormatConfig", {})
    if output.get("fileType") != "PARQUET":
        output.pop("preserveSourceDataTyping", None)
    return _connector(draw, member) | {"destinationConnectorProperties": {member: properties}}


def _properties_shape(structure: str, member: str) -> str:
    return str(shape_of(structure).members[member].name)


def _connector(draw: st.DrawFn, member: str) -> Request:
    connector: Request = {"connectorType": connector_type(member)}
    if member not in _WITHOUT_PROFILE:
        connector["connectorProfileName"] = draw(values_of("ConnectorProfileName"))
    if member == "CustomConnector":
        connector["apiVersion"] = draw(values_of("ApiVersion"))
    return connector


@st.composite
def _task_lists(draw: st.DrawFn, source: str) -> list[Any]:
    """Draw the mapping, of all fields or of some by name, and other tasks."""
    fields = draw(st.lists(_FIELDS, min_size=1, max_size=3, unique=True))
    mapping = _map_all(source, draw(st.booleans())) if draw(st.booleans()) else _maps_of(source, fields)
    steps = [_step(source, operator, fields[0]) for operator in _STEPS if _knows(source, operator)]
    beside = draw(st.lists(st.sampled_from(steps), unique_by=str, max_size=2)) if steps else []
    return draw(st.permutations([*mapping, *beside]))


def _map_all(source: str, without_some: bool) -> list[Any]:
    properties = {"EXCLUDE_SOURCE_FIELDS_LIST": '["secret"]'} if without_some else {}
    return [_task(source, "Map_all", "NO_OP", [], properties)]


def _maps_of(source: str, fields: list[str]) -> list[Any]:
    types = {"SOURCE_DATA_TYPE": "string", "DESTINATION_DATA_TYPE": "string"}
    maps = [
        _task(source, "Map", "NO_OP", [field], types) | {"destinationField": f"to_{field}"}
        for field in fields
    ]
    projection = [_task(source, "Filter", "PROJECTION", fields, {})] if _knows(source, "PROJECTION") else []
    return [*projection, *maps]


_STEPS = {
    "EQUAL_TO": ("Filter", {"VALUE": "1", "DATA_TYPE": "string"}),
    "GREATER_THAN": ("Filter", {"VALUE": "1609459200000", "DATA_TYPE": "datetime"}),
    "BETWEEN": ("Filter", {"LOWER_BOUND": "1", "UPPER_BOUND": "2", "DATA_TYPE": "integer"}),
    "MASK_ALL": ("Mask", {"MASK_VALUE": "*"}),
    "MASK_LAST_N": ("Mask", {"MASK_VALUE": "*", "MASK_LENGTH": "4"}),
    "VALIDATE_NON_NULL": ("Validate", {"VALIDATION_ACTION": "DropRecord"}),
}
"""Type and properties of the other tasks, by operator."""


def _step(source: str, operator: str, field: str) -> Request:
    kind, properties = _STEPS[operator]
    return _task(source, kind, operator, [field], properties)


def _task(source: str, kind: str, operator: str, fields: list[str], properties: dict[str, str]) -> Request:
    task: Request = {"sourceFields": list(fields), "taskType": kind}
    if _knows(source, operator):
        task["connectorOperator"] = {source: operator}
    if properties:
        task["taskProperties"] = dict(properties)
    return task


def _knows(source: str, operator: str) -> bool:
    return operator in list(shape_of("ConnectorOperator").members[source].enum)
