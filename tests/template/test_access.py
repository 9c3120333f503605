"""Who may do what: least privilege for the functions, nothing for the public."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from appflow_gitops.aws import scan_state as memory
from template.stack import Stack, as_list

NO_RESOURCES_KNOWN = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "s3:ListAllMyBuckets",
    "kms:ListKeys",
    "kms:ListAliases",
    "appflow:CreateFlow",
    "appflow:ListFlows",
}
"""Actions that AWS's service authorization reference gives no resource type, so that only ``*`` allows them."""


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


def test_no_function_may_do_anything_by_a_wildcard_action(stack: Stack) -> None:
    actions = [action for _, statement in stack.statements() for action in as_list(statement["Action"])]
    assert actions
    assert [action for action in actions if "*" in action] == []


def test_only_actions_that_know_no_resources_are_allowed_on_all(stack: Stack) -> None:
    on_everything = {
        action
        for _, statement in stack.statements()
        if "*" in as_list(statement["Resource"])
        for action in as_list(statement["Action"])
    }
    assert on_everything == NO_RESOURCES_KNOWN


def test_no_role_takes_a_managed_policy_along(stack: Stack) -> None:
    for role in stack.of_type("AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role


def test_each_function_has_a_role_of_its_own(stack: Stack) -> None:
    functions = stack.of_type("AWS::Lambda::Function").values()
    roles = [function["Role"]["Fn::GetAtt"][0] for function in functions]
    assert sorted(roles) == sorted(stack.of_type("AWS::IAM::Role"))


def test_intake_cannot_touch_appflow(stack: Stack) -> None:
    assert not {action for action in allowed(stack, "IntakeRole") if action.startswith("appflow:")}


def test_nobody_can_delete_a_flow_or_a_document_and_only_what_drift_remembers_is_written(
    stack: Stack,
) -> None:
    writing = [
        (action, statement["Resource"])
        for _, statement in stack.statements()
        for action in as_list(statement["Action"])
        if action.startswith(("appflow:Delete", "s3:Delete", "s3:Put"))
    ]
    assert writing == [("s3:PutObject", {"Fn::Sub": f"${{DocumentsBucket.Arn}}/{memory.KEY}"})]


def test_whoever_looks_for_drift_can_change_no_flow(stack: Stack) -> None:
    actions = {action for action in allowed(stack, "DetectDriftRole") if action.startswith("appflow:")}
    assert actions == {"appflow:ListFlows", "appflow:DescribeFlow"}


def test_whoever_looks_for_drift_can_ask_for_changes_only_where_the_stack_heals(stack: Stack) -> None:
    assert "sqs:SendMessage" not in allowed(stack, "DetectDriftRole")
    assert allowed(stack, "DetectDriftSelfHealPolicy") == {"sqs:SendMessage"}
    assert stack.resources["DetectDriftSelfHealPolicy"]["Condition"] == "SelfHeals"


def test_flows_are_created_only_where_the_stack_allows_it(stack: Stack) -> None:
    assert "appflow:CreateFlow" not in allowed(stack, "ApplyRole")
    assert "appflow:CreateFlow" in allowed(stack, "ApplyCreatesFlowsPolicy")
    assert stack.resources["ApplyCreatesFlowsPolicy"]["Condition"] == "CreatesMissingFlows"


def test_a_role_is_passed_to_appflow_only(stack: Stack) -> None:
    (passing,) = [statement for _, statement in stack.statements() if statement["Action"] == "iam:PassRole"]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "appflow.amazonaws.com"}}
    assert passing["Resource"] == {"Ref": "GlueCatalogRoles"}


def test_documents_are_read_under_the_one_prefix_that_the_rule_listens_to(stack: Stack) -> None:
    (rule,) = [rule for rule in stack.event_rules().values() if "detail" in rule["EventPattern"]]
    prefix = rule["EventPattern"]["detail"]["object"]["key"][0]["prefix"]
    functions = stack.of_type("AWS::Lambda::Function")
    for function in ("IntakeFunction", "DetectDriftFunction"):
        assert functions[function]["Environment"]["Variables"]["DOCUMENTS_PREFIX"] == prefix
    read = [statement for _, statement in stack.statements() if statement["Sid"] == "ReadDocuments"]
    assert [statement["Resource"] for statement in read] == [
        {"Fn::Sub": f"${{DocumentsBucket.Arn}}/{prefix}*"}
    ] * len(functions)
    history = [
        statement for _, statement in stack.statements() if statement["Action"] == "s3:ListBucketVersions"
    ]
    assert [statement["Condition"] for statement in history] == [
        {"StringLike": {"s3:prefix": f"{prefix}*"}}
    ] * 2


def test_beside_documents_only_the_policy_the_variables_and_what_drift_remembers_are_read(
    stack: Stack,
) -> None:
    reading = [
        (name, resource["Fn::Sub"])
        for name, statement in stack.statements()
        if "s3:GetObject" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]
    keys = ["flows/*", "policy.yaml", "variables/*"]
    roles = ("ApplyRole", "DetectDriftRole", "IntakeRole")
    assert sorted(reading) == sorted(
        [
            *((role, f"${{DocumentsBucket.Arn}}/{key}") for role in roles for key in keys),
            ("DetectDriftRole", f"${{DocumentsBucket.Arn}}/{memory.KEY}"),
        ]
    )


def test_the_documents_bucket_is_private_encrypted_and_closed_to_plain_connections(stack: Stack) -> None:
    bucket = stack.of_type("AWS::S3::Bucket")["DocumentsBucket"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (policy,) = stack.of_type("AWS::S3::BucketPolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Principal"]) == ("Deny", "s3:*", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


OWN_KEY = {"Fn::If": ["UsesKmsKey", {"Ref": "KmsKey"}, {"Ref": "AWS::NoValue"}]}


def test_every_queue_is_encrypted_with_the_accounts_own_key_where_it_gives_one(stack: Stack) -> None:
    for queue in stack.of_type("AWS::SQS::Queue").values():
        assert queue["KmsMasterKeyId"] == OWN_KEY
        assert queue["SqsManagedSseEnabled"] == {"Fn::If": ["UsesKmsKey", False, True]}


def test_logs_and_documents_are_encrypted_with_that_key_too(stack: Stack) -> None:
    for group in stack.of_type("AWS::Logs::LogGroup").values():
        assert group["KmsKeyId"] == OWN_KEY
    bucket = stack.of_type("AWS::S3::Bucket")["DocumentsBucket"]
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["Fn::If"] == [
        "UsesKmsKey",
        {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Ref": "KmsKey"}},
        {"SSEAlgorithm": "AES256"},
    ]


@pytest.mark.parametrize(
    ("policy", "actions"),
    [
        # Whoever sends to an encrypted queue has to make a data key; whoever reads has to decrypt.
        ("IntakeUsesKmsKeyPolicy", {"kms:Decrypt", "kms:GenerateDataKey"}),
        ("ApplyUsesKmsKeyPolicy", {"kms:Decrypt"}),
        ("DetectDriftUsesKmsKeyPolicy", {"kms:Decrypt", "kms:GenerateDataKey"}),
    ],
)
def test_the_key_is_used_through_s3_and_sqs_only_and_only_where_it_is_given(
    stack: Stack, policy: str, actions: set[str]
) -> None:
    assert stack.resources[policy]["Condition"] == "UsesKmsKey"
    assert allowed(stack, policy) == actions
    [statement] = [statement for name, statement in stack.statements() if name == policy]
    assert statement["Resource"] == {"Ref": "KmsKey"}
    services = statement["Condition"]["StringEquals"]["kms:ViaService"]
    assert [service["Fn::Sub"].partition(".")[0] for service in services] == ["s3", "sqs"]


def test_eventbridge_may_write_to_the_status_log_for_the_one_rule_that_copies_to_it(stack: Stack) -> None:
    group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${StatusLogGroup}"
    [target] = stack.of_type("AWS::Events::Rule")["StatusRule"]["Targets"]
    assert target["Arn"] == {"Fn::Sub": group}
    [policy] = stack.of_type("AWS::Logs::ResourcePolicy").values()
    make, keep = json.loads(policy["PolicyDocument"]["Fn::Sub"])["Statement"]
    assert (make["Action"], make["Resource"]) == ("logs:CreateLogStream", f"{group}:*")
    assert (keep["Action"], keep["Resource"]) == ("logs:PutLogEvents", f"{group}:*:*")
    assert keep["Condition"] == {"ArnEquals": {"aws:SourceArn": "${StatusRule.Arn}"}}
    for statement in (make, keep):
        assert statement["Principal"] == {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]}


def test_without_named_senders_the_bus_is_the_accounts_alone(stack: Stack) -> None:
    policies = {
        name: resource
        for name, resource in stack.resources.items()
        if resource["Type"] == "AWS::Events::EventBusPolicy"
    }
    assert policies.keys() == {"RequestSendersPolicy", "OnlyRequestSendersPolicy"}
    assert {policy["Condition"] for policy in policies.values()} == {"HasRequestSenders"}


def test_named_senders_may_send_requests_nothing_else_and_nobody_else_may(stack: Stack) -> None:
    policies = stack.of_type("AWS::Events::EventBusPolicy")
    allow = policies["RequestSendersPolicy"]["Statement"]
    deny = policies["OnlyRequestSendersPolicy"]["Statement"]
    requests = {"events:detail-type": "Flow Change Requested"}
    assert (allow["Effect"], allow["Principal"]) == ("Allow", {"AWS": {"Ref": "RequestSenders"}})
    assert allow["Condition"] == {"StringEquals": requests}
    assert (deny["Effect"], deny["Principal"]) == ("Deny", "*")
    assert deny["Condition"] == {
        "StringEquals": requests,
        "ArnNotEquals": {"aws:PrincipalArn": {"Ref": "RequestSenders"}},
    }
    for statement in (allow, deny):
        assert statement["Action"] == "events:PutEvents"
        assert statement["Resource"] == {"Fn::GetAtt": ["EventBus", "Arn"]}


def test_the_template_names_no_account_region_or_partition(stack: Stack) -> None:
    written = [text for text in strings(stack.resources) if "arn:aws" in text or "us-east-1" in text]
    assert written == []
