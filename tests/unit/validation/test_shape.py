"""Each mismatch with the models is one finding at its location, with a message and a fix."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appflow_gitops.findings import Finding, Json, Path, Severity
from appflow_gitops.validation.shape.check import check_shape
from appflow_gitops.validation.shape.rules import SHAPE_RULES

OMITTED = object()


def flow() -> dict[str, Any]:
    """Return a flow with every part that the tests below break."""
    return {
        "flowName": "orders",
        "triggerConfig": {
            "triggerType": "Scheduled",
            "triggerProperties": {"Scheduled": {"scheduleExpression": "rate(1days)"}},
        },
        "sourceFlowConfig": {
            "connectorType": "CustomConnector",
            "connectorProfileName": "shop",
            "sourceConnectorProperties": {
                "CustomConnector": {"entityName": "orders", "customProperties": {"page": "1"}}
            },
        },
        "destinationFlowConfigList": [
            {
                "connectorType": "S3",
                "destinationConnectorProperties": {
                    "S3": {
                        "bucketName": "orders-out",
                        "s3OutputFormatConfig": {
                            "prefixConfig": {"pathPrefixHierarchy": ["EXECUTION_ID"]},
                            "aggregationConfig": {"targetFileSize": 128},
                            "preserveSourceDataTyping": False,
                        },
                    }
                },
            }
        ],
        "tasks": [
            {"sourceFields": [], "taskType": "Map_all"},
            {
                "sourceFields": ["total"],
                "taskType": "Filter",
                "connectorOperator": {"CustomConnector": "EQUAL_TO"},
                "taskProperties": {"VALUE": "1"},
            },
        ],
    }


CUSTOM = "/sourceFlowConfig/sourceConnectorProperties/CustomConnector"
S3 = "/destinationFlowConfigList/0/destinationConnectorProperties/S3"
FORMAT = f"{S3}/s3OutputFormatConfig"
SCHEDULE = "/triggerConfig/triggerProperties/Scheduled"


def path_of(pointer: str) -> Path:
    return tuple(int(step) if step.isdigit() else step for step in pointer.split("/")[1:])


def flow_with(pointer: str, value: object) -> dict[str, Any]:
    """Return the flow with one value changed."""
    changed = flow()
    *owners, last = path_of(pointer)
    parent: Any = changed
    for step in owners:
        parent = parent[step]
    if value is OMITTED:
        del parent[last]
    else:
        parent[last] = value
    return changed


def findings_of(value: Json) -> list[Finding]:
    return check_shape(value)[1]


def only_finding(pointer: str, value: object) -> Finding:
    (finding,) = findings_of(flow_with(pointer, value))
    assert finding.pointer == pointer
    assert finding.severity is Severity.ERROR
    return finding


def test_a_flow_in_the_form_of_the_api_has_no_findings() -> None:
    document, findings = check_shape(flow())

    assert findings == []
    assert document is not None
    assert document.to_wire() == flow()


@pytest.mark.parametrize(
    ("pointer", "value", "message", "hint"),
    [
        ("/description", 5, "expected a string, got a number", 'add quotes: "5"'),
        ("/description", False, "expected a string, got false", 'add quotes: "false"'),
        ("/description", ["text"], "expected a string, got a list", "remove the list around the string"),
        ("/description", None, "expected a string, got null", "remove the key"),
        ("/tasks", '[{"taskType": "Map_all"}]', "expected a list, got a string", "write the list itself"),
        (
            "/tasks",
            {"taskType": "Map_all", "sourceFields": []},
            "expected a list, got an object",
            "wrap the value in a list: [...]",
        ),
        (
            "/tasks/1/sourceFields",
            "total",
            "expected a list, got a string",
            "wrap the value in a list: [...]",
        ),
        ("/tasks/1/taskType", 3, "expected a string, got a number", 'add quotes: "3"'),
        ("/tasks/1/taskProperties", [{"Key": "VALUE", "Value": "1"}], "got a list", "{'VALUE': ...}"),
        (
            "/triggerConfig",
            '{"triggerType": "OnDemand"}',
            "expected an object, got a string",
            "the object itself",
        ),
        (
            "/triggerConfig",
            [{"triggerType": "OnDemand"}],
            "expected an object, got a list",
            "remove the list",
        ),
        (
            f"{FORMAT}/aggregationConfig/targetFileSize",
            "128",
            "an integer, got a string",
            "quotes: 128",
        ),
        (
            f"{FORMAT}/aggregationConfig/targetFileSize",
            128.0,
            "got a number with a decimal point",
            "point: 128",
        ),
        (f"{FORMAT}/aggregationConfig/targetFileSize", True, "expected an integer, got true", None),
        (
            f"{FORMAT}/preserveSourceDataTyping",
            "false",
            "expected true or false, got a string",
            "without quotes",
        ),
        (f"{FORMAT}/preserveSourceDataTyping", 0, "expected true or false, got a number", "true or false"),
        (f"{SCHEDULE}/scheduleStartTime", "tomorrow", "invalid time 'tomorrow'", "ISO 8601"),
        (
            f"{SCHEDULE}/scheduleStartTime",
            "1767225600",
            "a time, got a string",
            "remove the quotes: 1767225600",
        ),
        (f"{SCHEDULE}/scheduleStartTime", True, "expected a time, got true", "ISO 8601"),
    ],
)
def test_a_wrong_type_is_reported_with_the_fix(
    pointer: str, value: object, message: str, hint: str | None
) -> None:
    finding = only_finding(pointer, value)

    assert finding.rule == "AFG101"
    assert message in finding.message
    assert (hint or "") in (finding.hint or "")


@pytest.mark.parametrize("value", [None, "orders", 5, ["orders"], [{"flowName": "orders"}], True])
def test_a_document_that_is_not_an_object_is_one_finding_at_the_top(value: Json) -> None:
    document, findings = check_shape(value)

    assert document is None
    assert [(finding.rule, finding.path) for finding in findings] == [("AFG101", ())]


@pytest.mark.parametrize(
    ("pointer", "hint"),
    [
        ("/triggerConfig", '{"triggerType": "OnDemand"}'),
        ("/tasks/0/sourceFields", "[]"),
        (f"{CUSTOM}/entityName", None),
    ],
)
def test_a_missing_key_is_reported_at_its_path(pointer: str, hint: str | None) -> None:
    finding = only_finding(pointer, OMITTED)

    assert finding.rule == "AFG102"
    assert finding.message == f"missing key '{path_of(pointer)[-1]}'"
    assert (hint or "") in (finding.hint or "")


@pytest.mark.parametrize(
    ("pointer", "right", "wrong"),
    [
        ("/tasks", "tasks", "Tasks"),
        ("/tasks", "tasks", "task"),
        ("/flowName", "flowName", "name"),
        ("/destinationFlowConfigList", "destinationFlowConfigList", "destination_flow_config"),
        ("/destinationFlowConfigList", "destinationFlowConfigList", "destinationFlowConfig"),
        (SCHEDULE, "Scheduled", "scheduledTriggerProperties"),
        (f"{S3}/bucketName", "bucketName", "bucket"),
        (SCHEDULE, "Scheduled", "scheduled"),
        (f"{SCHEDULE}/scheduleExpression", "scheduleExpression", "ScheduleExpression"),
        (S3, "S3", "s3"),
        (f"{FORMAT}/prefixConfig/pathPrefixHierarchy", "pathPrefixHierarchy", "prefixHierarchy"),
        ("/tasks/1/connectorOperator", "connectorOperator", "conectorOperator"),
        ("/tasks/1/connectorOperator", "connectorOperator", "operator"),
        ("/destinationFlowConfigList", "destinationFlowConfigList", "destination"),
        ("/destinationFlowConfigList", "destinationFlowConfigList", "destinationConfig"),
        ("/sourceFlowConfig", "sourceFlowConfig", "source"),
        ("/triggerConfig", "triggerConfig", "flowTriggerConfig"),
        ("/sourceFlowConfig/connectorType", "connectorType", "sourceConnectorType"),
    ],
)
def test_a_misspelled_key_is_one_finding_with_the_key_of_the_api(
    pointer: str, right: str, wrong: str
) -> None:
    owner, _, _ = pointer.rpartition("/")
    document = flow_with(pointer, OMITTED)
    parent: Any = document
    original: Any = flow()
    for step in path_of(owner):
        parent, original = parent[step], original[step]
    parent[wrong] = original[path_of(pointer)[-1]]

    (finding,) = findings_of(document)

    assert (finding.rule, finding.pointer) == ("AFG103", f"{owner}/{wrong}")
    assert (finding.hint or "").startswith(f"did you mean '{right}'?")
    assert ("convert" in (finding.hint or "")) == (wrong in ("Tasks", "destination_flow_config"))


def test_a_list_of_values_is_reported_with_the_property_for_several() -> None:
    finding = only_finding("/tasks/1/taskProperties/VALUE", ["SE", "NO"])

    assert finding.hint == "write VALUES: 'SE,NO'"


def test_an_operator_without_its_connector_is_reported_with_the_object_to_write() -> None:
    finding = only_finding("/tasks/0/connectorOperator", "NO_OP")

    assert (finding.rule, finding.message) == ("AFG101", "expected an object, got a string")
    assert finding.hint == 'write the connector around it, such as {"S3": "NO_OP"}'


@pytest.mark.parametrize(
    ("pointer", "hint"),
    [
        ("/clientToken", "each call gets its own token"),
        ("/triggerType", "move it into 'triggerConfig'"),
        ("/triggerConfig/triggerProperties/scheduleExpression", "move it into 'Scheduled'"),
        ("/triggerConfig/scheduleExpression", "move it into 'triggerProperties.Scheduled'"),
        (
            "/destinationFlowConfigList/0/bucketName",
            "move it into one of: 'destinationConnectorProperties.S3'",
        ),
        (f"{S3}/object", "expected one of: 'bucketName', 'bucketPrefix', 's3OutputFormatConfig'"),
        ("/sourceFlowConfig/connectorLabel", "expected one of: 'connectorType'"),
        (f"{S3}/" + "bucketName" * 50, "expected one of: 'bucketName'"),
    ],
)
def test_an_unknown_key_is_reported_with_its_parent_or_the_known_keys(pointer: str, hint: str) -> None:
    finding = only_finding(pointer, "x")

    assert finding.rule == "AFG103"
    assert hint in (finding.hint or "")


def test_an_object_is_not_suggested_for_a_key_with_a_string() -> None:
    document = flow()
    document["tasks"][0]["Destination"] = "Id"
    (of_text,) = findings_of(document)
    document["tasks"][0]["Destination"] = {"S3": "NO_OP"}
    (of_object,) = findings_of(document)

    assert of_text.hint == "did you mean 'destinationField'?"
    assert (of_object.hint or "").startswith("expected one of: 'sourceFields'")


def test_a_short_name_of_several_keys_is_not_guessed() -> None:
    assert (only_finding(f"{SCHEDULE}/schedule", "x").hint or "").startswith("expected one of: ")


def test_the_value_of_a_misspelled_key_is_checked_in_the_same_pass() -> None:
    document = flow()
    document["Tasks"] = [{"TaskType": "MapAll", "sourceFields": []}]
    del document["tasks"]

    found = {(finding.rule, finding.pointer) for finding in findings_of(document)}

    assert found == {("AFG103", "/Tasks"), ("AFG103", "/Tasks/0/TaskType"), ("AFG104", "/Tasks/0/TaskType")}


def test_a_misspelled_key_beside_the_correct_one_does_not_replace_it() -> None:
    document = flow_with("/tasks/0/taskType", "MapAll") | {"Tasks": flow()["tasks"]}

    assert {finding.pointer for finding in findings_of(document)} == {"/Tasks", "/tasks/0/taskType"}


def test_nothing_inside_the_value_of_a_misspelled_key_is_hidden() -> None:
    document = flow()
    document["destination_flow_config"] = document.pop("destinationFlowConfigList")[0] | {
        "connectorType": "S4"
    }

    assert [(finding.rule, finding.pointer) for finding in findings_of(document)] == [
        ("AFG103", "/destination_flow_config"),
        ("AFG101", "/destination_flow_config"),
        ("AFG104", "/destination_flow_config/connectorType"),
    ]


def test_the_contents_of_a_list_of_one_object_are_checked() -> None:
    document = flow()
    document["triggerConfig"] = [{"trigger_type": "OnDemands"}]

    assert [(finding.rule, finding.pointer) for finding in findings_of(document)] == [
        ("AFG101", "/triggerConfig"),
        ("AFG103", "/triggerConfig/0/trigger_type"),
        ("AFG104", "/triggerConfig/0/trigger_type"),
    ]


def test_the_contents_of_a_list_of_keys_and_values_are_checked() -> None:
    document = flow()
    task = document["tasks"][1]
    task["TaskProperties"] = [{"Key": "DATA_TYPE", "Value": "string"}, {"Key": "VALUEZ", "Value": "1"}]
    del task["taskProperties"]

    assert [(finding.rule, finding.pointer) for finding in findings_of(document)] == [
        ("AFG103", "/tasks/1/TaskProperties"),
        ("AFG101", "/tasks/1/TaskProperties"),
        ("AFG104", "/tasks/1/TaskProperties/1/Value"),
    ]


def test_a_value_of_another_type_without_a_fix_is_explained_by_its_misspelled_key() -> None:
    document = flow()
    document["Tasks"] = 5
    del document["tasks"]

    assert [finding.rule for finding in findings_of(document)] == ["AFG103"]


@pytest.mark.parametrize(
    ("pointer", "value", "message", "hint"),
    [
        ("/tasks/0/taskType", "MapAll", "unknown task type 'MapAll'", "did you mean 'Map_all'?"),
        (
            "/tasks/0/taskType",
            "Projection",
            "unknown task type 'Projection'",
            "expected one of: 'Arithmetic', 'Filter', 'Map',",
        ),
        ("/triggerConfig/triggerType", "ON_DEMAND", "unknown trigger type 'ON_DEMAND'", "'OnDemand'"),
        (
            "/sourceFlowConfig/connectorType",
            "ServiceNow",
            "unknown connector type",
            "did you mean 'Servicenow'?",
        ),
        (
            "/sourceFlowConfig/connectorType",
            "HubSpot",
            "unknown connector type",
            "use 'CustomConnector' and a connector profile",
        ),
        (f"{FORMAT}/fileType", "PARQET", "unknown file type 'PARQET'", "did you mean 'PARQUET'?"),
        (
            f"{FORMAT}/prefixConfig/pathPrefixHierarchy/0",
            "DATE",
            "unknown path prefix hierarchy 'DATE'",
            "expected one of: 'EXECUTION_ID'",
        ),
        (
            "/tasks/1/connectorOperator/S3",
            "CONTAINS",
            "unknown operator 'CONTAINS' for S3",
            "expected one of: 'PROJECTION'",
        ),
        (
            "/tasks/1/connectorOperator/Salesforce",
            "VALIDATE_NOT_NULL",
            "for Salesforce",
            "'VALIDATE_NON_NULL'",
        ),
        (
            "/tasks/1/taskProperties/value",
            "1",
            "unknown key 'value' in taskProperties",
            "did you mean 'VALUE'?",
        ),
        (
            "/tasks/1/taskProperties/",
            "",
            "unknown key '' in taskProperties",
            "expected one of: 'VALUE', 'VALUES'",
        ),
        ("/flowStatus", "Draft", "unknown flow status 'Draft'", "expected one of: 'Active', 'Suspended'"),
    ],
)
def test_an_unknown_value_is_reported_with_the_nearest_choice_or_all(
    pointer: str, value: str, message: str, hint: str
) -> None:
    finding = only_finding(pointer, value)

    assert finding.rule == "AFG104"
    assert message in finding.message
    assert hint in (finding.hint or "")


@pytest.mark.parametrize(
    ("pointer", "value", "message"),
    [
        ("/flowName", "o" * 257, "flowName must have at most 256 characters, got 257"),
        (f"{S3}/bucketName", "my", "bucketName must have at least 3 characters, got 2"),
        ("/tasks/1/sourceFields/0", "f" * 2049, "sourceFields[0] must have at most 2048 characters"),
        (
            f"{CUSTOM}/customProperties",
            {f"k{n}": "1" for n in range(51)},
            "must have at most 50 entries, got 51",
        ),
    ],
)
def test_a_wrong_length_is_reported_with_the_limit(pointer: str, value: Json, message: str) -> None:
    finding = only_finding(pointer, value)

    assert finding.rule == "AFG105"
    assert message in finding.message


@pytest.mark.parametrize(
    ("member", "value", "message", "hint"),
    [
        ("flowErrorDeactivationThreshold", 0, "must be at least 1, got 0", None),
        ("scheduleOffset", 36001, "must be at most 36000, got 36001", None),
        ("scheduleOffset", 10**30, "must be at most 36000, got a number with more than 18 digits", None),
        ("scheduleStartTime", 1_767_225_600_000, "must be in the years 1 to 9999", "looks like milliseconds"),
        ("scheduleStartTime", 10**30, "must be in the years 1 to 9999", "looks like milliseconds"),
    ],
)
def test_a_number_out_of_range_is_reported_with_the_limit(
    member: str, value: int, message: str, hint: str | None
) -> None:
    finding = only_finding(f"{SCHEDULE}/{member}", value)

    assert finding.rule == "AFG106"
    assert message in finding.message
    assert (hint or "") in (finding.hint or "")


@pytest.mark.parametrize(
    ("pointer", "value", "message", "hint"),
    [
        ("/flowName", "sales/orders", "must be two or more letters, digits", "not allowed: '/'"),
        ("/flowName", "_orders", "with a letter or digit first, got '_orders'", None),
        ("/description", "R&D (EU)", "must be letters, digits, white space", "not allowed: '&', '(', ')'"),
        ("/sourceFlowConfig/connectorProfileName", "", "connectorProfileName must not be empty", None),
        (f"{CUSTOM}/entityName", "two words", "must be text without white space", "not allowed: ' '"),
        (
            f"{CUSTOM}/entityName",
            "word\n",
            "must be text without white space, got 'word<U+000A>'",
            "'<U+000A>'",
        ),
        (f"{CUSTOM}/customProperties/page-size", "1", "a key of customProperties must be letters", "'-'"),
        ("/kmsArn", "arn:aws-cn:kms:cn-north-1:1:key/0", "must be the ARN of a KMS key", None),
        (
            "/kmsArn",
            "alias/flows",
            "must be the ARN of a KMS key",
            "describe-key --key-id alias/flows' prints it",
        ),
        ("/kmsArn", "key/0", "must be the ARN of a KMS key", None),
        (f"{S3}/bucketName", "", "bucketName must not be empty", None),
        ("/tags", {"aws:made": "x"}, "not starting with aws:", None),
        ("/description", "\ud800", "half of a surrogate pair", None),
    ],
)
def test_an_invalid_format_is_reported_with_the_rejected_characters(
    pointer: str, value: Json, message: str, hint: str | None
) -> None:
    (finding,) = findings_of(flow_with(pointer, value))

    assert finding.rule == "AFG107"
    assert finding.pointer.startswith(pointer)
    assert message in finding.message
    assert (hint or "") in (finding.hint or "")


@pytest.mark.parametrize("member", ["scheduleOffset", "scheduleStartTime", "timezone"])
def test_a_number_too_long_for_python_to_print_is_reported(member: str) -> None:
    assert only_finding(f"{SCHEDULE}/{member}", 10**5000)


def test_all_mismatches_are_reported_below_the_path_of_the_flow() -> None:
    broken = flow_with("/tasks/0/taskType", "MapAll") | {"flowName": "a/b", "kmsArn": None}
    del broken["triggerConfig"]

    document, findings = check_shape(broken, (2,))

    assert document is None
    expected = {"/2/tasks/0/taskType", "/2/flowName", "/2/kmsArn", "/2/triggerConfig"}
    assert {finding.pointer for finding in findings} == expected


def test_a_message_quotes_only_the_start_of_a_long_value() -> None:
    finding = only_finding(f"{CUSTOM}/customProperties/secret", "s3cr3t " + "x" * 1000)

    assert len(finding.message) < 200


def test_a_finding_quotes_no_other_value() -> None:
    document = flow_with(f"{CUSTOM}/customProperties", {"password": "hunter2", "page size": "1", "limit": 5})

    texts = " ".join(f"{finding.message} {finding.hint}" for finding in findings_of(document))

    assert "hunter2" not in texts


def test_more_than_200_mismatches_end_with_a_finding_that_says_so() -> None:
    document = flow() | {f"member{number}": "x" for number in range(1000)}

    findings = findings_of(document)

    assert len(findings) == 201
    assert findings[-1].rule == "AFG108"
    assert findings[-1].path == ()


def test_more_than_200_misspelled_keys_end_with_a_finding_that_says_so() -> None:
    tasks = [{"taskType": "Map_all", "sourcefields": []} for _ in range(201)]

    findings = findings_of(flow() | {"tasks": tasks})

    assert [finding.rule for finding in findings].count("AFG103") >= 200
    assert (findings[-1].rule, findings[-1].path) == ("AFG108", ())


def test_the_value_is_not_changed() -> None:
    document = flow()
    document["Tasks"] = document.pop("tasks")
    before = deepcopy(document)

    check_shape(document)

    assert document == before


names = st.sampled_from(
    [
        "flowName",
        "Tasks",
        "tasks",
        "taskType",
        "sourceFields",
        "task_properties",
        "connectorOperator",
        "s3",
        "[key]",
        "tags",
        "trigger_config",
        "triggerProperties",
        "scheduled",
        "scheduleStartTime",
        "x",
    ]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(names, anything) | anything)
def test_any_value_can_be_checked(value: Json) -> None:
    document, findings = check_shape(value)

    assert (document is None) == bool(findings)
    assert len({(finding.rule, finding.path) for finding in findings}) == len(findings)


def test_every_rule_has_an_explanation_and_a_unique_id() -> None:
    ids = [rule.id for rule in SHAPE_RULES]

    assert ids == sorted(set(ids))
    assert all(rule.title and rule.explanation for rule in SHAPE_RULES)


def test_the_contents_of_a_list_of_several_objects_are_not_guessed() -> None:
    document = flow()
    document["triggerConfig"] = [{"trigger_type": "OnDemands"}, {"triggerType": "OnDemand"}]
    assert [(finding.rule, finding.pointer) for finding in findings_of(document)] == [
        ("AFG101", "/triggerConfig")
    ]


def test_a_key_with_a_list_that_contains_an_object_is_not_taken_for_a_key_with_texts() -> None:
    document = flow()
    document["tasks"][0]["sourceField"] = ["Id", {"a": 1}]
    del document["tasks"][0]["sourceFields"]
    [hint] = [finding.hint for finding in findings_of(document) if finding.rule == "AFG103"]
    assert hint == "did you mean 'sourceFields'?"
