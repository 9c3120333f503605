"""Small flows for the tests of the diff: a sample to edit, random requests and their DescribeFlow responses."""

import copy
import json
import random
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from appflow_gitops.findings import Json, Path

Flow = dict[str, Json]

PARTNER = "aws.partner/appflow/salesforce.com/111122223333/"
START = 1_700_000_000
UPDATED_AT = START + 10 * 86_400


def accounts() -> Flow:
    """Return a request with every part: Salesforce to S3, scheduled, five tasks."""
    return {
        "flowName": "accounts",
        "description": "Accounts to the lake",
        "triggerConfig": {
            "triggerType": "Scheduled",
            "triggerProperties": {
                "Scheduled": {
                    "scheduleExpression": "rate(1days)",
                    "scheduleStartTime": START,
                    "dataPullMode": "Incremental",
                }
            },
        },
        "sourceFlowConfig": {
            "connectorType": "Salesforce",
            "connectorProfileName": "crm",
            "sourceConnectorProperties": {"Salesforce": {"object": "Account"}},
        },
        "destinationFlowConfigList": [
            {
                "connectorType": "S3",
                "destinationConnectorProperties": {
                    "S3": {"bucketName": "lake-bucket", "bucketPrefix": "crm"}
                },
            }
        ],
        "tasks": [
            projection("Id", "Name"),
            mapping("Id", "Id"),
            mapping("Name", "FullName"),
            {
                "taskType": "Filter",
                "sourceFields": ["CreatedDate"],
                "connectorOperator": {"Salesforce": "GREATER_THAN"},
                "taskProperties": {"DATA_TYPE": "datetime", "VALUE": "1612148400000"},
            },
            {
                "taskType": "Mask",
                "sourceFields": ["Phone"],
                "destinationField": "Phone",
                "connectorOperator": {"Salesforce": "MASK_ALL"},
                "taskProperties": {"MASK_VALUE": "*"},
            },
        ],
    }


def projection(*fields: str) -> Flow:
    """Return the Filter that selects these fields of Salesforce."""
    return {
        "taskType": "Filter",
        "sourceFields": [*fields],
        "connectorOperator": {"Salesforce": "PROJECTION"},
    }


def mapping(source: str, target: str) -> Flow:
    """Return a Map of one field to another."""
    return {
        "taskType": "Map",
        "sourceFields": [source],
        "destinationField": target,
        "connectorOperator": {"Salesforce": "NO_OP"},
    }


def map_all(**task_properties: Json) -> Flow:
    """Return a Map_all with these task properties."""
    return {
        "taskType": "Map_all",
        "sourceFields": [],
        "connectorOperator": {"Salesforce": "NO_OP"},
        "taskProperties": task_properties,
    }


def edited(flow: Mapping[str, Json], path: Path, value: Json) -> Flow:
    """Return a copy with ``value`` at ``path``; missing objects are created, the next index of a list appends."""
    result = copy.deepcopy(dict(flow))
    target: Any = result
    for step in path[:-1]:
        target = target[step] if isinstance(step, int) else target.setdefault(step, {})
    if isinstance(target, list) and path[-1] == len(target):
        target.append(value)
    else:
        target[path[-1]] = value
    return result


def without(flow: Mapping[str, Json], path: Path) -> Flow:
    """Return a copy of the flow without the member or entry at ``path``."""
    result = copy.deepcopy(dict(flow))
    target: Any = result
    for step in path[:-1]:
        target = target[step]
    del target[path[-1]]
    return result


_FIELDS = st.sampled_from(["Id", "Name", "Email", "Phone", "City"])
_FIELD_LISTS = st.lists(_FIELDS, min_size=1, max_size=4, unique=True)
_DATA_TYPES = st.fixed_dictionaries({}, optional={"SOURCE_DATA_TYPE": st.sampled_from(["string", "id"])})
_NO_OP: Flow = {"Salesforce": "NO_OP"}

_TASKS: st.SearchStrategy[Flow] = st.one_of(
    st.builds(lambda fields: projection(*fields), _FIELD_LISTS),
    st.builds(
        lambda source, target, types: mapping(source, target) | {"taskProperties": types},
        _FIELDS,
        _FIELDS,
        _DATA_TYPES,
    ),
    st.builds(mapping, _FIELDS, _FIELDS),
    st.fixed_dictionaries(
        {
            "taskType": st.just("Filter"),
            "sourceFields": st.lists(_FIELDS, min_size=1, max_size=1),
            "connectorOperator": st.sampled_from([{"Salesforce": "EQUAL_TO"}, {"Salesforce": "CONTAINS"}]),
            "taskProperties": st.fixed_dictionaries({"VALUE": st.sampled_from(["", "a", "b"])}),
        }
    ),
    st.fixed_dictionaries(
        {
            "taskType": st.just("Merge"),
            "sourceFields": st.lists(_FIELDS, min_size=2, max_size=3, unique=True),
            "destinationField": _FIELDS,
            "taskProperties": st.just({"CONCAT_FORMAT": "${Name} ${City}"}),
        }
    ),
)
_MAP_ALLS: st.SearchStrategy[Flow] = st.builds(
    lambda fields, properties: {
        "taskType": "Map_all",
        "sourceFields": fields,
        "connectorOperator": _NO_OP,
        **properties,
    },
    st.sampled_from([[], [""]]),
    st.sampled_from(
        [
            {},
            {"taskProperties": {}},
            {"taskProperties": {"EXCLUDE_SOURCE_FIELDS_LIST": "[]"}},
            {"taskProperties": {"EXCLUDE_SOURCE_FIELDS_LIST": '["City","Phone"]'}},
        ]
    ),
)

_TRIGGERS: st.SearchStrategy[Flow] = st.one_of(
    st.sampled_from([{"triggerType": "OnDemand"}, {"triggerType": "Event"}]),
    st.fixed_dictionaries(
        {"scheduleExpression": st.sampled_from(["rate(1days)", "rate(5 hour)", "cron(0 7 ? * TUE *)"])},
        optional={
            "scheduleStartTime": st.sampled_from([START, START + 0.868, UPDATED_AT + 999_999]),
            "firstExecutionFrom": st.just(START - 5),
            "scheduleOffset": st.sampled_from([0, 60]),
            "dataPullMode": st.just("Incremental"),
        },
    ).map(lambda props: {"triggerType": "Scheduled", "triggerProperties": {"Scheduled": props}}),
)

_SOURCES: st.SearchStrategy[tuple[str, Flow]] = st.one_of(
    st.fixed_dictionaries(
        {"object": st.just("Account")},
        optional={
            "dataTransferApi": st.sampled_from(["AUTOMATIC", "BULKV2"]),
            "enableDynamicFieldUpdate": st.booleans(),
            "includeDeletedRecords": st.booleans(),
        },
    ).map(lambda props: ("Salesforce", props)),
    st.fixed_dictionaries(
        {"bucketName": st.just("landing-bucket")}, optional={"bucketPrefix": st.sampled_from(["", "in"])}
    ).map(lambda props: ("S3", props)),
    st.fixed_dictionaries({"object": st.just("doc")}, optional={"includeRenditions": st.booleans()}).map(
        lambda props: ("Veeva", props)
    ),
)

_ERROR_HANDLING: st.SearchStrategy[Flow] = st.fixed_dictionaries(
    {}, optional={"failOnFirstDestinationError": st.booleans(), "bucketName": st.just("errors-bucket")}
)
_FORMATS: st.SearchStrategy[Flow] = st.fixed_dictionaries(
    {},
    optional={
        "fileType": st.sampled_from(["JSON", "CSV", "PARQUET"]),
        "preserveSourceDataTyping": st.booleans(),
        "aggregationConfig": st.sampled_from(
            [{}, {"aggregationType": "None"}, {"aggregationType": "SingleFile"}]
        ),
        "prefixConfig": st.sampled_from([{}, {"pathPrefixHierarchy": ["SCHEMA_VERSION", "EXECUTION_ID"]}]),
    },
)
_DESTINATIONS: st.SearchStrategy[tuple[str, Flow]] = st.one_of(
    st.fixed_dictionaries(
        {"bucketName": st.just("lake-bucket")},
        optional={"bucketPrefix": st.sampled_from(["", "out"]), "s3OutputFormatConfig": _FORMATS},
    ).map(lambda props: ("S3", props)),
    st.fixed_dictionaries(
        {"object": st.just("Contact")},
        optional={"idFieldNames": st.sampled_from([[], ["Id"]]), "errorHandlingConfig": _ERROR_HANDLING},
    ).map(lambda props: ("Salesforce", props)),
    st.fixed_dictionaries(
        {"object": st.sampled_from(["accounts", PARTNER + "accounts"])},
        optional={"errorHandlingConfig": _ERROR_HANDLING},
    ).map(lambda props: ("EventBridge", props)),
    st.just(("LookoutMetrics", {})),
)


@st.composite
def requests(draw: st.DrawFn) -> Flow:
    """Draw a request with any variant of each part, with or without Map_all."""
    source, source_properties = draw(_SOURCES)
    destination, destination_properties = draw(_DESTINATIONS)
    tasks: list[Json] = [*draw(st.lists(_TASKS, max_size=5)), *draw(st.lists(_MAP_ALLS, max_size=1))]
    request: Flow = {
        "flowName": "accounts",
        "triggerConfig": draw(_TRIGGERS),
        "sourceFlowConfig": {
            "connectorType": source,
            "connectorProfileName": "crm",
            "sourceConnectorProperties": {source: source_properties},
        },
        "destinationFlowConfigList": [
            {
                "connectorType": destination,
                "destinationConnectorProperties": {destination: destination_properties},
            }
        ],
        "tasks": draw(st.permutations(tasks)),
    }
    optional: Flow = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "description": st.sampled_from(["", "Accounts"]),
                "metadataCatalogConfig": st.just(
                    {"glueDataCatalog": {"databaseName": "lake", "tablePrefix": ""}}
                ),
            },
        )
    )
    # Unlike deepcopy, JSON does not keep shared objects shared.
    unshared: Flow = json.loads(json.dumps(request | optional))
    return unshared


def service_view(request: Mapping[str, Json], chance: random.Random) -> Flow:
    """Return the DescribeFlow response for ``request`` with a random choice of all known changes by AppFlow."""
    view: Any = copy.deepcopy(dict(request))
    _fill(view, chance, "description", "")
    _fill(view, chance, "metadataCatalogConfig", {})
    _describe_trigger(view["triggerConfig"], chance)
    _describe_source(view["sourceFlowConfig"]["sourceConnectorProperties"], chance)
    for destination in view["destinationFlowConfigList"]:
        _describe_destination(destination["destinationConnectorProperties"], chance)
    view["tasks"] = _described_tasks(view["tasks"], chance)
    return dict(view)


def _fill(target: Any, chance: random.Random, member: str, value: Json) -> None:
    if member not in target and chance.random() < 0.5:
        target[member] = value


def _describe_trigger(trigger: Any, chance: random.Random) -> None:
    _fill(trigger, chance, "triggerProperties", {})
    scheduled = trigger.get("triggerProperties", {}).get("Scheduled")
    if not scheduled:
        return
    scheduled.pop("firstExecutionFrom", None)
    if scheduled.get("scheduleOffset") == 0 and chance.random() < 0.5:
        del scheduled["scheduleOffset"]
    _fill(scheduled, chance, "scheduleOffset", 0)
    if "scheduleStartTime" in scheduled:
        steps = chance.randrange(3) if scheduled["scheduleStartTime"] < UPDATED_AT else 0
        scheduled["scheduleStartTime"] = float(int(scheduled["scheduleStartTime"]) + steps * 432_000)


def _describe_source(properties: Any, chance: random.Random) -> None:
    if "Salesforce" in properties:
        _fill(properties["Salesforce"], chance, "dataTransferApi", "AUTOMATIC")
        _fill(properties["Salesforce"], chance, "enableDynamicFieldUpdate", False)
        _fill(properties["Salesforce"], chance, "includeDeletedRecords", False)
    if "Veeva" in properties:
        _fill(properties["Veeva"], chance, "includeRenditions", False)


def _describe_destination(properties: Any, chance: random.Random) -> None:
    ((connector, members),) = properties.items()
    if connector in {"Salesforce", "EventBridge"}:
        _fill(members, chance, "errorHandlingConfig", {})
        _fill(members.get("errorHandlingConfig", {}), chance, "failOnFirstDestinationError", False)
    if connector == "EventBridge" and not members["object"].startswith(PARTNER) and chance.random() < 0.5:
        members["object"] = PARTNER + members["object"]
    if connector == "S3":
        _fill(members, chance, "s3OutputFormatConfig", {})
        output = members.get("s3OutputFormatConfig", {})
        if output.get("preserveSourceDataTyping") is False:
            del output["preserveSourceDataTyping"]
        if "s3OutputFormatConfig" in members:
            _fill(output, chance, "prefixConfig", {})
            _fill(output, chance, "fileType", "JSON")
            _fill(output, chance, "aggregationConfig", {})
            _fill(output.get("aggregationConfig", {}), chance, "aggregationType", "None")


def _described_tasks(tasks: list[Any], chance: random.Random) -> list[Any]:
    generated: list[Any] = []
    for task in tasks:
        _fill(task, chance, "taskProperties", {})
        if task["sourceFields"] == [""]:
            task["sourceFields"] = []
        if task["taskType"] == "Map_all" and chance.random() < 0.7:
            excluded = task.get("taskProperties", {}).get("EXCLUDE_SOURCE_FIELDS_LIST", "[]")
            fields = [field for field in ("Id", "Name", "City", "Age") if field not in excluded]
            generated = [projection(*fields), *(mapping(field, field) for field in fields)]
    described = tasks + [task | {"taskProperties": {}} for task in generated]
    chance.shuffle(described)
    return described
