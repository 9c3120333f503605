"""Least privilege for the functions, no access for the public."""

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from appflow_gitops.aws import health_records, state_object
from appflow_gitops.status.envelope import SOURCE
from appflow_gitops.sync import held, takeover
from appflow_gitops.sync.drift.limit import CONFIRMED
from appflow_gitops.sync.intake.request import REQUESTED, RUN_REQUESTED
from template.stack import Stack, as_list, unconditional, under_condition

WITHOUT_RESOURCE_TYPE = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "s3:ListAllMyBuckets",
    "kms:ListKeys",
    "kms:ListAliases",
    "appflow:CreateFlow",
    "appflow:ListFlows",
}
"""Actions without a resource type in AWS's service authorization reference: only ``*`` allows them."""

READING_DOCUMENTS = ("ApplyRole", "DetectDriftRole", "IntakeRole")


def allowed(stack: Stack, holder: str) -> set[str]:
    return {
        action
        for name, statement in stack.statements()
        if name == holder
        for action in as_list(statement["Action"])
    }


def strings(value: Any) -> Iterator[str]:
    """Every string in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def test_no_role_allows_a_wildcard_action(stack: Stack) -> None:
    actions = [action for _, statement in stack.statements() for action in as_list(statement["Action"])]
    assert actions
    assert [action for action in actions if "*" in action] == []


def test_only_actions_without_a_resource_type_are_allowed_on_all_resources(stack: Stack) -> None:
    on_everything = {
        action
        for _, statement in stack.statements()
        if "*" in as_list(statement["Resource"])
        for action in as_list(statement["Action"])
    }
    assert on_everything == WITHOUT_RESOURCE_TYPE


def test_actions_of_appflow_are_allowed_on_the_resource_types_of_the_service_authorization_reference(
    stack: Stack,
) -> None:
    """The reference as cfn-lint has it."""
    package = find_spec(
        "cfnlint"
    )  # not imported: that takes a second in every process that collects the tests
    assert package
    assert package.origin
    file = Path(package.origin).parent / "data/AdditionalSpecs/Policies.json"
    reference = json.loads(file.read_text(encoding="utf-8"))["appflow"]["Actions"]
    for _, statement in stack.statements():
        types = set(re.findall(r":(flow|connectorprofile|connector)/", json.dumps(statement["Resource"])))
        for action in as_list(statement["Action"]):
            service, name = action.split(":")
            if service == "appflow" and statement["Resource"] != "*":
                assert types <= set(reference[name.lower()]["Resources"]), action


def test_no_role_has_a_managed_policy(stack: Stack) -> None:
    roles = stack.of_type("AWS::IAM::Role")
    assert roles.keys() == {"IntakeRole", "ApplyRole", "DetectDriftRole", "WatchRunsRole"}
    assert [name for name, role in roles.items() if "ManagedPolicyArns" in role] == []


def test_every_role_has_the_path_and_the_permissions_boundary_of_the_account(stack: Stack) -> None:
    boundary = {"Fn::If": ["HasPermissionsBoundary", {"Ref": "PermissionsBoundary"}, {"Ref": "AWS::NoValue"}]}
    roles = stack.of_type("AWS::IAM::Role").values()
    assert [role["Path"] for role in roles] == [{"Ref": "RolePath"}] * len(roles)
    assert [role["PermissionsBoundary"] for role in roles] == [boundary] * len(roles)


def test_each_function_has_a_role_of_its_own(stack: Stack) -> None:
    functions = stack.of_type("AWS::Lambda::Function").values()
    roles = [function["Role"]["Fn::GetAtt"][0] for function in functions]
    assert sorted(roles) == sorted(stack.of_type("AWS::IAM::Role"))


def test_intake_cannot_touch_appflow(stack: Stack) -> None:
    assert not {action for action in allowed(stack, "IntakeRole") if action.startswith("appflow:")}


def test_no_function_can_delete_a_flow_or_a_document_or_write_anything_but_state(
    stack: Stack,
) -> None:
    writing = [
        (action, statement["Resource"])
        for _, statement in stack.statements()
        for action in as_list(statement["Action"])
        if action.startswith(("appflow:Delete", "s3:Delete", "s3:Put"))
    ]
    waiting = {"Fn::Sub": f"${{DocumentsBucket.Arn}}/{takeover.FOLDER_PREFIX}*"}
    held_changes = {"Fn::Sub": f"${{DocumentsBucket.Arn}}/{held.HELD_PREFIX}*"}
    assert writing == [
        ("s3:DeleteObject", waiting),
        ("s3:DeleteObject", held_changes),
        ("s3:PutObject", waiting),
        ("s3:PutObject", held_changes),
        ("s3:PutObject", {"Fn::Sub": f"${{DocumentsBucket.Arn}}/{state_object.SCAN_KEY}"}),
        ("s3:PutObject", {"Fn::Sub": f"${{DocumentsBucket.Arn}}/{health_records.PREFIX}*"}),
        ("s3:DeleteObject", {"Fn::Sub": f"${{DocumentsBucket.Arn}}/{health_records.PREFIX}*"}),
        ("s3:PutObject", {"Fn::Sub": f"${{DocumentsBucket.Arn}}/{state_object.SCHEMA_KEY}"}),
    ]


def test_the_drift_scan_cannot_change_flows(stack: Stack) -> None:
    actions = {action for action in allowed(stack, "DetectDriftRole") if action.startswith("appflow:")}
    assert actions == {"appflow:ListFlows", "appflow:DescribeFlow"}


def test_the_health_scan_cannot_change_flows(stack: Stack) -> None:
    actions = {action for action in allowed(stack, "WatchRunsRole") if action.startswith("appflow:")}
    assert actions == {
        "appflow:ListFlows",
        "appflow:DescribeFlow",
        "appflow:DescribeFlowExecutionRecords",
    }


def test_flows_are_created_only_with_create_missing_flows(stack: Stack) -> None:
    assert "appflow:CreateFlow" not in allowed(stack, "ApplyRole")
    assert "appflow:CreateFlow" in allowed(stack, "ApplyCreatesFlowsPolicy")
    assert stack.resources["ApplyCreatesFlowsPolicy"]["Condition"] == "CreatesMissingFlows"


def test_a_role_is_only_passed_to_appflow(stack: Stack) -> None:
    (passing,) = [statement for _, statement in stack.statements() if statement["Action"] == "iam:PassRole"]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "appflow.amazonaws.com"}}
    assert passing["Resource"] == {"Ref": "GlueCatalogRoles"}


def test_documents_are_read_under_the_prefix_of_the_event_rule(stack: Stack) -> None:
    (rule,) = [
        rule for rule in stack.event_rules().values() if rule["EventPattern"].get("source") == ["aws.s3"]
    ]
    prefix = rule["EventPattern"]["detail"]["object"]["key"][0]["prefix"]
    functions = stack.of_type("AWS::Lambda::Function")
    for function in ("IntakeFunction", "DetectDriftFunction"):
        assert functions[function]["Environment"]["Variables"]["DOCUMENTS_PREFIX"] == prefix
    read = [statement for _, statement in stack.statements() if statement["Sid"] == "ReadDocuments"]
    assert [statement["Resource"] for statement in read] == [
        {"Fn::Sub": f"${{DocumentsBucket.Arn}}/{prefix}*"}
    ] * len(READING_DOCUMENTS)
    history = [
        statement for _, statement in stack.statements() if statement["Action"] == "s3:ListBucketVersions"
    ]
    assert [statement["Condition"] for statement in history] == [
        {"StringLike": {"s3:prefix": f"{prefix}*"}}
    ] * len(READING_DOCUMENTS)
    assert stack.statement("WatchRunsRole", "ReadDocumentVersions")["Resource"] == {
        "Fn::Sub": f"${{DocumentsBucket.Arn}}/{prefix}*"
    }


def test_besides_documents_only_policy_variables_and_state_are_read(
    stack: Stack,
) -> None:
    reading = [
        (name, resource["Fn::Sub"])
        for name, statement in stack.statements()
        if "s3:GetObject" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]
    keys = ["flows/*", "policy.yaml", "variables/*"]
    assert sorted(reading) == sorted(
        [
            *((role, f"${{DocumentsBucket.Arn}}/{key}") for role in READING_DOCUMENTS for key in keys),
            *((role, "${DocumentsBucket.Arn}/paused.yaml") for role in ("ApplyRole", "IntakeRole")),
            ("IntakeRole", f"${{DocumentsBucket.Arn}}/{held.HELD_PREFIX}*"),
            ("DetectDriftRole", f"${{DocumentsBucket.Arn}}/{state_object.SCAN_KEY}"),
            ("DetectDriftComparesFieldsPolicy", f"${{DocumentsBucket.Arn}}/{state_object.SCHEMA_KEY}"),
            ("IntakeRole", f"${{DocumentsBucket.Arn}}/{takeover.FOLDER_PREFIX}*"),
            ("WatchRunsReadsSchemaStatePolicy", f"${{DocumentsBucket.Arn}}/{state_object.SCHEMA_KEY}"),
            ("WatchRunsRole", "${DocumentsBucket.Arn}/policy.yaml"),
            ("WatchRunsRole", f"${{DocumentsBucket.Arn}}/{health_records.PREFIX}*"),
        ]
    )


def test_the_documents_bucket_is_private_encrypted_and_tls_only(stack: Stack) -> None:
    bucket = stack.of_type("AWS::S3::Bucket")["DocumentsBucket"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (policy,) = stack.of_type("AWS::S3::BucketPolicy").values()
    statement = policy["PolicyDocument"]["Statement"][0]
    assert (statement["Effect"], statement["Action"], statement["Principal"]) == ("Deny", "s3:*", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


OWN_KEY = {"Fn::If": ["UsesKmsKey", {"Ref": "KmsKey"}, {"Ref": "AWS::NoValue"}]}


def test_every_queue_is_encrypted_with_the_kms_key_parameter(stack: Stack) -> None:
    for queue in stack.of_type("AWS::SQS::Queue").values():
        assert queue["KmsMasterKeyId"] == OWN_KEY
        assert queue["SqsManagedSseEnabled"] == {"Fn::If": ["UsesKmsKey", False, True]}


def test_logs_and_documents_are_encrypted_with_the_kms_key_parameter(stack: Stack) -> None:
    for group in stack.of_type("AWS::Logs::LogGroup").values():
        assert group["KmsKeyId"] == OWN_KEY
    bucket = stack.of_type("AWS::S3::Bucket")["DocumentsBucket"]
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["Fn::If"] == [
        "UsesKmsKey",
        {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Ref": "KmsKey"}},
        {"SSEAlgorithm": "AES256"},
    ]
    # One data key per bucket instead of one per object keeps the calls to KMS, and their cost, low.
    assert rule["BucketKeyEnabled"] == {"Fn::If": ["UsesKmsKey", True, {"Ref": "AWS::NoValue"}]}


@pytest.mark.parametrize(
    ("role", "sid", "services"),
    [
        # Sending to an encrypted queue needs a data key, receiving from it decrypts.
        ("IntakeRole", "ReadDocumentsAndWriteMessages", ["s3", "sqs"]),
        ("ApplyRole", "ReadDocumentsAndWriteMessages", ["s3", "sqs"]),
        ("DetectDriftRole", "ReadDocumentsAndWriteMessages", ["s3", "sqs"]),
        ("WatchRunsRole", "ReadAndWriteObjects", ["s3"]),
    ],
)
def test_roles_may_use_the_kms_key_through_s3_and_sqs_before_the_functions_exist(
    stack: Stack, role: str, sid: str, services: list[str]
) -> None:
    # Part of the role, which the functions and their triggers depend on: a policy of its own could be created too late.
    [policy] = stack.of_type("AWS::IAM::Role")[role]["Policies"]
    assert under_condition(policy["PolicyDocument"]["Statement"], sid) == "UsesKmsKey"
    statement = stack.statement(role, sid)
    assert as_list(statement["Action"]) == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert statement["Resource"] == {"Ref": "KmsKey"}
    found = as_list(statement["Condition"]["StringEquals"]["kms:ViaService"])
    assert [service["Fn::Sub"].partition(".")[0] for service in found] == services


def test_apply_creates_grants_on_keys_for_appflow_only(stack: Stack) -> None:
    through_appflow = {"kms:ViaService": {"Fn::Sub": "appflow.${AWS::Region}.amazonaws.com"}}
    grant = stack.statement("ApplyCreatesFlowsPolicy", "LetAppFlowGrantItselfKeys")
    assert grant["Action"] == "kms:CreateGrant"
    assert grant["Condition"] == {
        "StringEquals": through_appflow,
        "Bool": {"kms:GrantIsForAWSResource": "true"},
    }
    use = stack.statement("ApplyCreatesFlowsPolicy", "LetAppFlowUseKeys")
    assert use["Condition"] == {"StringEquals": through_appflow}
    assert grant["Resource"] == use["Resource"]


def test_buckets_of_flows_are_checked_in_this_account_only(stack: Stack) -> None:
    check = stack.statement("ApplyRole", "LetAppFlowCheckBuckets")
    assert check["Condition"] == {"StringEquals": {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}}}


def test_eventbridge_may_write_to_both_logs_of_events_for_the_status_rule_only(stack: Stack) -> None:
    arn = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"
    groups = [f"{arn}${{StatusLogGroup}}", f"{arn}${{HistoryLogGroup}}"]
    targets = stack.of_type("AWS::Events::Rule")["StatusRule"]["Targets"]
    assert [target["Arn"] for target in targets] == [{"Fn::Sub": group} for group in groups]
    [policy] = stack.of_type("AWS::Logs::ResourcePolicy").values()
    make, keep = json.loads(policy["PolicyDocument"]["Fn::Sub"])["Statement"]
    assert (make["Action"], make["Resource"]) == ("logs:CreateLogStream", [f"{group}:*" for group in groups])
    assert (keep["Action"], keep["Resource"]) == ("logs:PutLogEvents", [f"{group}:*:*" for group in groups])
    assert keep["Condition"] == {"ArnEquals": {"aws:SourceArn": "${StatusRule.Arn}"}}
    for statement in (make, keep):
        assert statement["Principal"] == {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]}


BUS = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${AWS::StackName}"


def bus_statements(stack: Stack) -> dict[str, dict[str, Any]]:
    """Sid -> statement of the bus policy, which is one document: parallel resources would overwrite each other."""
    assert "AWS::Events::EventBusPolicy" not in {each["Type"] for each in stack.resources.values()}
    [bus] = stack.of_type("AWS::Events::EventBus").values()
    assert bus["Name"] == {"Ref": "AWS::StackName"}
    statements = unconditional(bus["Policy"]["Statement"])
    for statement in statements:
        assert statement["Action"] == "events:PutEvents"
        assert statement["Resource"] == {"Fn::Sub": BUS}
    return {statement["Sid"]: statement for statement in statements}


def test_only_the_functions_can_send_status_events(stack: Stack) -> None:
    deny = bus_statements(stack)["OnlyFunctionsSendStatusEvents"]
    assert (deny["Effect"], deny["Principal"]) == ("Deny", "*")
    senders = [
        {"Fn::GetAtt": [role, "Arn"]}
        for role, statement in stack.statements()
        if statement["Action"] == "events:PutEvents"
    ]
    assert deny["Condition"]["ForAnyValue:StringEquals"] == {"events:source": SOURCE}
    assert len(senders) == len(stack.of_type("AWS::Lambda::Function"))
    assert deny["Condition"]["ArnNotEquals"]["aws:PrincipalArn"] == senders


def test_status_events_are_protected_with_and_without_request_senders(stack: Stack) -> None:
    [bus] = stack.of_type("AWS::Events::EventBus").values()
    conditions = {sid: under_condition(bus["Policy"]["Statement"], sid) for sid in bus_statements(stack)}
    assert conditions == {
        "OnlyFunctionsSendStatusEvents": None,
        "RequestSenders": "HasRequestSenders",
        "OnlyRequestSenders": "HasRequestSenders",
    }


def test_with_request_senders_only_they_can_send_requests_and_nothing_else(stack: Stack) -> None:
    statements = bus_statements(stack)
    allow, deny = statements["RequestSenders"], statements["OnlyRequestSenders"]
    requests = {"events:detail-type": [REQUESTED, RUN_REQUESTED, CONFIRMED]}
    assert (allow["Effect"], allow["Principal"]) == ("Allow", {"AWS": {"Ref": "RequestSenders"}})
    assert allow["Condition"] == {"StringEquals": requests}
    assert (deny["Effect"], deny["Principal"]) == ("Deny", "*")
    assert deny["Condition"] == {
        "StringEquals": requests,
        "ArnNotEquals": {"aws:PrincipalArn": {"Ref": "RequestSenders"}},
    }


WRITERS = [
    ("DocumentWriters", {"Fn::Sub": "${DocumentsBucket.Arn}/flows/*"}),
    (
        "PolicyWriters",
        [
            {"Fn::Sub": "${DocumentsBucket.Arn}/policy.yaml"},
            {"Fn::Sub": "${DocumentsBucket.Arn}/paused.yaml"},
            {"Fn::Sub": "${DocumentsBucket.Arn}/variables/*"},
        ],
    ),
]


@pytest.mark.parametrize(("writers", "objects"), WRITERS)
def test_only_writers_can_change_what_the_stack_reads_from_the_bucket(
    stack: Stack, writers: str, objects: Any
) -> None:
    policy = stack.of_type("AWS::S3::BucketPolicy")["DocumentsBucketPolicy"]
    statements = policy["PolicyDocument"]["Statement"]
    [deny] = [each for each in unconditional(statements) if each["Sid"] == f"Only{writers}"]
    assert under_condition(statements, deny["Sid"]) == f"Has{writers}"
    assert (deny["Effect"], deny["Principal"], deny["Resource"]) == ("Deny", "*", objects)
    assert set(deny["Action"]) == {"s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"}
    assert deny["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": {"Ref": writers}}}


def test_only_functions_and_redrive_operators_can_send_to_the_queue_of_changes(stack: Stack) -> None:
    policy = stack.of_type("AWS::SQS::QueuePolicy")["FlowChangesQueuePolicy"]
    assert policy["Queues"] == [{"Ref": "FlowChangesQueue"}]
    [deny] = policy["PolicyDocument"]["Statement"]
    assert (deny["Effect"], deny["Principal"], deny["Action"]) == ("Deny", "*", "sqs:SendMessage")
    assert deny["Resource"] == {"Fn::GetAtt": ["FlowChangesQueue", "Arn"]}
    functions = [{"Fn::GetAtt": ["IntakeRole", "Arn"]}, {"Fn::GetAtt": ["DetectDriftRole", "Arn"]}]
    condition, with_operators, without = deny["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]["Fn::If"]
    assert condition == "HasRedriveOperators"
    assert without == functions
    joined = {"Fn::Join": [",", [*functions, {"Fn::Join": [",", {"Ref": "RedriveOperators"}]}]]}
    assert with_operators == {"Fn::Split": [",", joined]}


def test_only_apply_can_hold_changes_because_released_ones_go_to_the_queue(stack: Stack) -> None:
    held, role = {"Fn::Sub": "${DocumentsBucket.Arn}/held/*"}, {"Fn::GetAtt": ["ApplyRole", "Arn"]}
    policy = stack.of_type("AWS::S3::BucketPolicy")["DocumentsBucketPolicy"]
    statements = policy["PolicyDocument"]["Statement"]
    [deny] = [each for each in statements if each.get("Sid") == "OnlyApplyHoldsChanges"]
    assert (deny["Effect"], deny["Principal"], deny["Action"]) == ("Deny", "*", "s3:PutObject")
    assert deny["Resource"] == held
    assert deny["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": role}}
    holders = {
        name
        for name, statement in stack.statements()
        if statement["Resource"] == held and "s3:PutObject" in as_list(statement["Action"])
    }
    assert holders == {"ApplyRole"}


def test_every_function_that_may_queue_changes_passes_the_queue_policy(stack: Stack) -> None:
    queue = {"Fn::GetAtt": ["FlowChangesQueue", "Arn"]}
    holders = {
        name
        for name, statement in stack.statements()
        if "sqs:SendMessage" in as_list(statement["Action"]) and statement["Resource"] == queue
    }
    assert holders == {"IntakeRole", "DetectDriftRole"}


def test_no_resource_names_an_account_region_or_partition(stack: Stack) -> None:
    written = [text for text in strings(stack.resources) if "arn:aws" in text or "us-east-1" in text]
    assert written == []
