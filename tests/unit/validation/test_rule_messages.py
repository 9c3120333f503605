"""What the findings of the rules say: the message of each distinction, and its hint."""

import json
from typing import Any

import pytest

from appflow_gitops.validation.rules.connectors import DESTINATION_KEYS, RETIRED, SOURCE_KEYS
from appflow_gitops.validation.validate import validate
from unit.validation.rule_cases import document


def tasks(*each: dict[str, Any]) -> str:
    return f"tasks: {json.dumps(each)}\n"


def task(kind: str, *fields: str, **members: Any) -> dict[str, Any]:
    return {"taskType": kind, "sourceFields": [*fields], **members}


def source(connector: str, settings: dict[str, Any] | None = None, **members: Any) -> str:
    properties = {} if settings is None else {connector: settings}
    each = {"connectorType": connector, "sourceConnectorProperties": properties, **members}
    return f"sourceFlowConfig: {json.dumps(each)}\n"


def destination(connector: str, settings: dict[str, Any] | None = None, **members: Any) -> str:
    properties = {} if settings is None else {connector: settings}
    each = {"connectorType": connector, "destinationConnectorProperties": properties, **members}
    return f"destinationFlowConfigList: {json.dumps([each])}\n"


def names(keys: Any) -> str:
    return ", ".join(f"'{name}'" for name in sorted(keys))


MAP_ALL = task("Map_all")
PROFILE = "set it to the connector profile that AppFlow logs in with"
VERSION = 'set a version that the connector supports, in quotes: apiVersion: "1.0"'
REMOVE = "remove it"
EVENTS = "set the source to Salesforce and triggerType to Event, or use another destination"
PARQUET = "set fileType to PARQUET, or remove preserveSourceDataTyping"
NO_TYPES = "'preserveSourceDataTyping' has no effect for"
SCHEDULE = 'for example "triggerProperties": {"Scheduled": {"scheduleExpression": "rate(1days)"}}'
UNSCHEDULE = "remove triggerProperties, or set triggerType to Scheduled"
PULL = 'for example "incrementalPullConfig": {"datetimeTypeFieldName": "LastModifiedDate"}'
CRON = "minutes, hours, day of month, month, day of week, year: cron(0 7 ? * TUE *)"


def scheduled(**members: Any) -> str:
    schedule = {"scheduleExpression": "rate(1days)", **members}
    trigger = {"triggerType": "Scheduled", "triggerProperties": {"Scheduled": schedule}}
    return f"triggerConfig: {json.dumps(trigger)}\n"


@pytest.mark.parametrize(
    ("rule", "members", "message", "hint"),
    [
        (
            "AFG201",
            source("Redshift"),
            "'Redshift' cannot be a source",
            f"expected one of: {names(SOURCE_KEYS)}",
        ),
        (
            "AFG201",
            destination("Slack"),
            "'Slack' cannot be a destination",
            f"expected one of: {names(DESTINATION_KEYS)}",
        ),
        ("AFG202", source("Slack"), "missing properties of 'Slack'", "add them under 'Slack'"),
        (
            "AFG203",
            source(
                "Slack",
                sourceConnectorProperties={name: {"object": "x"} for name in ("Slack", "S3", "Veeva")},
            ),
            "expected properties of exactly one connector, got 3",
            "remove 'S3', 'Veeva'",
        ),
        ("AFG204", source("Slack", {}), "missing 'connectorProfileName' for the source 'Slack'", PROFILE),
        (
            "AFG204",
            destination("Zendesk", {}),
            "missing 'connectorProfileName' for the destination 'Zendesk'",
            PROFILE,
        ),
        (
            "AFG206",
            source("CustomConnector", {}),
            "missing 'apiVersion' for the custom connector of the source",
            VERSION,
        ),
        (
            "AFG207",
            source("S3", {"bucketName": "Orders"}),
            "invalid S3 bucket name 'Orders'",
            "use lower-case letters, digits, dots and hyphens, with a letter or digit at both ends",
        ),
        ("AFG208", source("S3", {"bucketPrefix": "/"}), "'bucketPrefix' starts with a slash", REMOVE),
        (
            "AFG209",
            source("Slack", {}, connectorProfileName="éaéü"),
            "connectorProfileName has characters that AppFlow may reject: 'é', 'ü'",
            "use ASCII letters",
        ),
        (
            "AFG210",
            "destinationFlowConfigList: []\n",
            "expected exactly one destination, got none",
            "add one",
        ),
        (
            "AFG210",
            "destinationFlowConfigList: [{}, {}]\n",
            "expected exactly one destination, got 2",
            "declare a flow for each destination",
        ),
        (
            "AFG211",
            destination("Zendesk", {"object": "t", "writeOperationType": "DELETE"}),
            "missing 'idFieldNames' for the write operation 'DELETE'",
            "name the fields that identify a record in Zendesk, such as [Id]",
        ),
        *(
            (
                "AFG212",
                destination("S3", {"s3OutputFormatConfig": {"preserveSourceDataTyping": True, **kind}}),
                f"{NO_TYPES} {described}",
                PARQUET,
            )
            for kind, described in (
                ({"fileType": "CSV"}, "'CSV'"),
                ({"fileType": "JSON"}, "'JSON'"),
                ({}, "the default file type"),
            )
        ),
        (
            "AFG214",
            destination("EventBridge", {"object": "x"}),
            "EventBridge requires the events of Salesforce, got the source 'S3'",
            EVENTS,
        ),
        (
            "AFG214",
            source("Salesforce", {"object": "x"}) + destination("EventBridge", {"object": "x"}),
            "EventBridge requires the events of Salesforce, got the trigger 'OnDemand'",
            EVENTS,
        ),
        (
            "AFG215",
            source("Googleanalytics"),
            f"the source 'Googleanalytics' no longer works: {RETIRED['Googleanalytics']}",
            "use a custom connector for Google Analytics 4",
        ),
        (
            "AFG215",
            destination("Honeycode"),
            f"the destination 'Honeycode' no longer works: {RETIRED['Honeycode']}",
            "use another connector",
        ),
        ("AFG216", source("Slack", {}, apiVersion="1"), "'apiVersion' has no effect for 'Slack'", REMOVE),
        (
            "AFG216",
            source("Salesforce", {}, apiVersion="1"),
            "'apiVersion' has no effect for 'Salesforce'",
            "remove it; 'dataTransferApi' in the properties of Salesforce selects the transfer API",
        ),
        (
            "AFG225",
            tasks(task("Map_all", connectorOperator={"S3": "NO_OP", "Slack": "NO_OP", "Veeva": "NO_OP"})),
            "a task takes exactly one operator, got 3",
            "remove 'Slack', 'Veeva'",
        ),
        (
            "AFG224",
            tasks(task("Filter", "a", connectorOperator={"Slack": "PROJECTION", "Veeva": "PROJECTION"})),
            "expected the operator of the source 'S3', got that of 'Slack', 'Veeva'",
            'write {"S3": "PROJECTION"}',
        ),
        ("AFG226", tasks(task("Mask", "a")), "missing 'connectorOperator' in a Mask task", None),
        (
            "AFG226",
            tasks(task("Mask", "a", connectorOperator={"S3": "NO_OP"})),
            "a Mask task has no effect with 'NO_OP'",
            "operators of S3 for a Mask task: 'MASK_ALL', 'MASK_FIRST_N', 'MASK_LAST_N'",
        ),
        (
            "AFG226",
            tasks(task("Map_all", connectorOperator={"S3": "PROJECTION"})),
            "invalid operator 'PROJECTION' for a Map_all task",
            "operators of S3 for a Map_all task: 'NO_OP'",
        ),
        (
            "AFG226",
            source("Nothing") + tasks(task("Mask", "a")),
            "missing 'connectorOperator' in a Mask task",
            "operators for a Mask task: 'MASK_ALL', 'MASK_FIRST_N', 'MASK_LAST_N'",
        ),
        *(
            (
                "AFG228",
                tasks(task("Map", *fields)),
                f"a Map task takes exactly one source field, got {got}",
                hint,
            )
            for fields, got, hint in (
                (["a", "b"], "2", "write a Map task for each field"),
                (["a", ""], "2", "write a Map task for each field"),
                ([], "none", "name the field to copy"),
                ([""], "none", "name the field to copy"),
                (["", ""], "none", "name the field to copy"),
            )
        ),
        *(
            ("AFG229", tasks(*each), "missing 'destinationField' in a Map task", hint)
            for each, hint in (
                ([task("Map", "id")], "to keep the name, set it to 'id'"),
                ([task("Map", "id", destinationField="")], "to keep the name, set it to 'id'"),
                ([task("Map")], "set it to the name to write"),
                ([task("Map", "")], "set it to the name to write"),
                ([task("Map", "*")], "set it to the name to write"),
                *(
                    (
                        [task("Map", "a,b"), task(kind, "a", "b", destinationField="a,b")],
                        "set it to the name to write",
                    )
                    for kind in ("Merge", "Arithmetic")
                ),
            )
        ),
        (
            "AFG230",
            tasks(MAP_ALL, task("Map", "a", destinationField="x"), task("Map", "b", destinationField="x")),
            "duplicate destinationField 'x': tasks[1] writes it too",
            "remove one of the two tasks, or change its destinationField",
        ),
        (
            "AFG231",
            tasks(
                task("Filter", "a", connectorOperator={"S3": "PROJECTION"}),
                *(task("Map", name, destinationField=name) for name in "cabc"),
            ),
            "fields that other tasks use are missing in the projection: 'c', 'b'",
            "add them to its sourceFields",
        ),
        (
            "AFG232",
            tasks(task("Filter", "a", connectorOperator={"S3": "BETWEEN"})),
            "missing 'LOWER_BOUND', 'UPPER_BOUND' in a BETWEEN filter",
            None,
        ),
        (
            "AFG232",
            tasks(
                task(
                    "Filter",
                    "a",
                    connectorOperator={"S3": "BETWEEN"},
                    taskProperties={"LOWER_BOUND": "2", "UPPER_BOUND": "1"},
                )
            ),
            "'LOWER_BOUND' is above 'UPPER_BOUND'",
            "swap the two values",
        ),
        (
            "AFG236",
            tasks(task("Mask", "a", connectorOperator={"S3": "MASK_FIRST_N"})),
            "missing 'MASK_VALUE', 'MASK_LENGTH' in a Mask task",
            'for example MASK_VALUE: "*", MASK_LENGTH: "4"',
        ),
        (
            "AFG236",
            tasks(task("Mask", "a", connectorOperator={"S3": "MASK_ALL"})),
            "missing 'MASK_VALUE' in a Mask task",
            'for example MASK_VALUE: "*"',
        ),
        (
            "AFG237",
            tasks(task("Truncate", "a")),
            "missing 'TRUNCATE_LENGTH' in a Truncate task",
            'for example TRUNCATE_LENGTH: "80"',
        ),
        (
            "AFG237",
            tasks(task("Truncate", "a", taskProperties={"TRUNCATE_LENGTH": "-1"})),
            "'TRUNCATE_LENGTH' must be a positive number, got '-1'",
            'for example TRUNCATE_LENGTH: "80"',
        ),
        (
            "AFG238",
            tasks(task("Validate", "a")),
            "missing 'VALIDATION_ACTION' in a Validate task",
            "set 'DropRecord' or 'DropDataset'",
        ),
        *(
            (rule, tasks(*each), message, hint)
            for rule, kind, name, fix in (
                ("AFG239", "Merge", "CONCAT_FORMAT", "set the format of the result: '${a} ${b}'"),
                (
                    "AFG240",
                    "Arithmetic",
                    "MATH_OPERATION_FIELDS_ORDER",
                    "set the fields in their order: 'a,b'",
                ),
            )
            for each, message, hint in (
                ([task(kind, "a")], f"a {kind} task takes at least two source fields, got 1", None),
                ([task(kind)], f"a {kind} task takes at least two source fields, got none", None),
                ([task(kind, "a", "b")], f"missing '{name}' in a {kind} task", fix),
                (
                    [task(kind, "a", "b")],
                    f"missing 'destinationField' in a {kind} task",
                    "set it to the usual name of the result: 'a,b'",
                ),
                (
                    [task(kind, "a", "b", destinationField="")],
                    f"missing 'destinationField' in a {kind} task",
                    "set it to the usual name of the result: 'a,b'",
                ),
                (
                    [task(kind, "a", "b", destinationField="x"), task("Map", "x", "y")],
                    "missing Map task for the result 'x'",
                    'add {"taskType": "Map", "sourceFields": ["x"], "destinationField": "..."}',
                ),
            )
        ),
        (
            "AFG250",
            "triggerConfig: {triggerType: Scheduled}\n",
            "missing schedule for the trigger 'Scheduled'",
            SCHEDULE,
        ),
        (
            "AFG251",
            "triggerConfig: {triggerType: OnDemand, triggerProperties: {Scheduled: {}}}\n",
            "the trigger 'OnDemand' does not take 'triggerProperties'",
            UNSCHEDULE,
        ),
        (
            "AFG252",
            "triggerConfig: {triggerType: Event, triggerProperties: {Scheduled: {}}}\n",
            "'triggerProperties' has no effect for the trigger 'Event'",
            UNSCHEDULE,
        ),
        (
            "AFG253",
            scheduled(scheduleExpression="rate(0days)"),
            "invalid schedule 'rate(0days)'",
            "for example rate(5minutes) or rate(1days)",
        ),
        (
            "AFG253",
            scheduled(scheduleExpression="cron(0 7 * * * * *)"),
            "a cron expression takes 6 fields, got 7",
            CRON,
        ),
        (
            "AFG254",
            scheduled(scheduleExpression="cron(0 7 ? * TUE *)"),
            "the AppFlow console can neither show nor save a cron expression",
            "if a rate is sufficient, write rate(1days)",
        ),
        (
            "AFG254",
            scheduled(scheduleExpression="rate(1 day)"),
            "the AppFlow console can neither show nor save this form of a rate",
            "write rate(1days)",
        ),
        (
            "AFG255",
            scheduled(scheduleExpression="rate(1hours)") + source("Amplitude", {}),
            "the source 'Amplitude' supports one run per day",
            "write rate(1days), or longer",
        ),
        (
            "AFG256",
            scheduled(scheduleStartTime=5, scheduleEndTime=5),
            "'scheduleEndTime' must be after 'scheduleStartTime'",
            "move the end, or remove it",
        ),
        (
            "AFG257",
            scheduled(dataPullMode="Incremental") + source("Slack", {}),
            "missing 'datetimeTypeFieldName' for the pull mode 'Incremental'",
            PULL,
        ),
        (
            "AFG258",
            "triggerConfig: {triggerType: Event}\n",
            "the source 'S3' does not emit events",
            "set triggerType to Scheduled or OnDemand",
        ),
        ("AFG259", "flowStatus: Suspended\n", "'flowStatus' has no effect on an OnDemand flow", REMOVE),
        (
            "AFG260",
            scheduled() + "# flowStatus: missing\n",
            "missing 'flowStatus' for the trigger 'Scheduled': a new flow stays in Draft",
            "set it to 'Active', or to 'Suspended'",
        ),
        (
            "AFG270",
            "kmsArn: arn:aws:kms:eu-west-1:111122223333:alias/a:b\n",
            "expected the ARN of a key, found that of the alias 'alias/a:b'",
            "write arn:aws:kms:<region>:<account>:key/<id>",
        ),
        (
            "AFG271",
            f"tags: {json.dumps({f't{number}': 'x' for number in range(50)})}\n",
            "50 tags, expected at most 41: AppFlow allows 50, 9 are reserved",
            "remove tags",
        ),
        (
            "AFG272",
            "tags: {'appflow-gitops:x': y}\n",
            "tag 'appflow-gitops:x' is reserved and has no effect",
            REMOVE,
        ),
    ],
)
def test_a_finding_says_what_is_wrong_and_how_to_fix_it(
    rule: str, members: str, message: str, hint: str | None
) -> None:
    findings = validate(document(members).encode(), "flow.yaml").findings
    said = {each.message: each.hint for each in findings if each.rule == rule}
    assert message in said
    assert hint is None or said[message] == hint


@pytest.mark.parametrize(("number", "shown"), [(40, 40), (41, 40)])
def test_a_hint_shows_forty_fields_of_a_projection(number: int, shown: int) -> None:
    fields = [f"f{index:02}" for index in range(number)]
    members = tasks(*(task("Map", name, destinationField=name) for name in fields))
    [hint] = [
        each.hint
        for each in validate(document(members).encode(), "flow.yaml").findings
        if each.rule == "AFG223"
    ]
    listed = json.loads((hint or "").removeprefix("add "))["sourceFields"]
    assert listed == fields[:shown] + ["..."] * (number > shown)
