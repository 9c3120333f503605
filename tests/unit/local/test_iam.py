"""Which permissions each call needs, and what a policy grants."""

from typing import Any

import pytest

from appflow_gitops_local.iam import (
    Account,
    Call,
    Grant,
    Operation,
    Role,
    grants,
    needed,
    needed_by_appflow,
    needed_for_a_missing_object,
)

ACCOUNT = Account("eu-west-1", "111122223333")
QUEUE = {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/work"}
FLOW = {"flowName": "orders"}
PROFILE = {"connectorProfileName": "crm"}
FLOW_ARN, QUEUE_ARN, PROFILE_ARN, BUS_ARN = (
    f"arn:aws:{rest}"
    for rest in (
        "appflow:eu-west-1:111122223333:flow/orders",
        "sqs:eu-west-1:111122223333:work",
        "appflow:eu-west-1:111122223333:connectorprofile/crm",
        "events:eu-west-1:111122223333:event-bus/{}",
    )
)
OBJECT = {"Bucket": "lake", "Key": "flows/a.json"}
OBJECT_ARN = "arn:aws:s3:::lake/flows/a.json"


@pytest.mark.parametrize(
    ("operation", "parameters", "calls"),
    [
        ("s3:GetObject", OBJECT, [("s3:GetObject", OBJECT_ARN)]),
        ("s3:GetObject", OBJECT | {"VersionId": "1"}, [("s3:GetObjectVersion", OBJECT_ARN)]),
        ("s3:HeadObject", OBJECT, [("s3:GetObject", OBJECT_ARN)]),
        ("s3:PutObject", OBJECT, [("s3:PutObject", OBJECT_ARN)]),
        ("s3:DeleteObject", OBJECT, [("s3:DeleteObject", OBJECT_ARN)]),
        *(
            (f"s3:{name}", {"Bucket": "lake", **prefix}, [(f"s3:{action}", "arn:aws:s3:::lake", expected)])
            for name, action in (
                ("ListObjectsV2", "ListBucket"),
                ("ListObjectVersions", "ListBucketVersions"),
            )
            for prefix, expected in (({"Prefix": "flows/"}, "flows/"), ({}, ""))
        ),
        ("sqs:SendMessageBatch", QUEUE, [("sqs:SendMessage", QUEUE_ARN)]),
        *(
            (f"sqs:{name}", QUEUE, [(f"sqs:{name}", QUEUE_ARN)])
            for name in (
                "SendMessage",
                "ChangeMessageVisibility",
                "GetQueueAttributes",
                "ReceiveMessage",
                "DeleteMessage",
            )
        ),
        (
            "events:PutEvents",
            {"Entries": [{"EventBusName": "a"}, {}, {"EventBusName": BUS_ARN.format("b")}]},
            [("events:PutEvents", BUS_ARN.format(name)) for name in ("a", "default", "b")],
        ),
        ("appflow:ListFlows", {}, [("appflow:ListFlows", "*")]),
        ("appflow:CreateFlow", FLOW, [("appflow:CreateFlow", "*")]),
        (
            "appflow:CreateFlow",
            FLOW | {"tags": {"a": "b"}},
            [("appflow:CreateFlow", "*"), ("appflow:TagResource", FLOW_ARN)],
        ),
        *(
            (f"appflow:{name}", {"resourceArn": FLOW_ARN}, [(f"appflow:{name}", FLOW_ARN)])
            for name in ("TagResource", "UntagResource")
        ),
        *(
            (f"appflow:{name}", FLOW, [(f"appflow:{name}", FLOW_ARN)])
            for name in (
                "DescribeFlow",
                "DescribeFlowExecutionRecords",
                "UpdateFlow",
                "StartFlow",
                "StopFlow",
                "DeleteFlow",
                "CancelFlowExecutions",
            )
        ),
        *(
            (f"appflow:{name}", PROFILE, [(f"appflow:{name}", PROFILE_ARN)])
            for name in ("DescribeConnectorEntity", "ListConnectorEntities", "ResetConnectorMetadataCache")
        ),
        ("sts:GetCallerIdentity", {}, []),
        ("glue:GetTable", {}, [("glue:GetTable", None)]),
    ],
)
def test_each_call_needs_its_actions_on_its_resources(
    operation: str, parameters: dict[str, Any], calls: list[tuple[Any, ...]]
) -> None:
    service, name = operation.split(":")
    assert needed(Operation(service, name, parameters), ACCOUNT) == [Call(*call) for call in calls]


@pytest.mark.parametrize("name", ["CreateFlow", "UpdateFlow"])
def test_appflow_uses_each_profile_and_bucket_of_a_flow_on_behalf_of_the_caller(name: str) -> None:
    flow = {
        "sourceFlowConfig": {"connectorProfileName": "crm", "deep": {"S3": {"bucketName": "raw"}}},
        "destinationFlowConfigList": [
            {"Snowflake": {"intermediateBucketName": "between"}},
            {"S3": {"bucketName": "lake"}, "errorHandlingConfig": {"bucketName": "lake"}},
        ],
    }
    assert list(needed_by_appflow(Operation("appflow", name, flow), ACCOUNT)) == [
        *(
            Call(action, f"arn:aws:s3:::{bucket}")
            for bucket in ("lake", "raw")
            for action in ("s3:ListBucket", "s3:GetBucketLocation", "s3:GetBucketPolicy")
        ),
        Call("appflow:UseConnectorProfile", PROFILE_ARN),
        *(
            Call(action, "arn:aws:s3:::between")
            for action in ("s3:ListBucket", "s3:GetBucketLocation", "s3:GetBucketPolicy")
        ),
    ]


@pytest.mark.parametrize("operation", [("appflow", "DescribeFlow"), ("s3", "CreateFlow")])
def test_other_calls_need_no_profile_and_no_bucket(operation: tuple[str, str]) -> None:
    assert list(needed_by_appflow(Operation(*operation, {"bucketName": "lake"}), ACCOUNT)) == []


def test_a_missing_object_is_shown_to_those_who_may_list_the_bucket() -> None:
    assert needed_for_a_missing_object(Operation("s3", "GetObject", OBJECT), ACCOUNT) == [
        Call("s3:ListBucket", "arn:aws:s3:::lake")
    ]
    assert needed_for_a_missing_object(Operation("s3", "PutObject", OBJECT), ACCOUNT) == []


def statement(**members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::lake/*", **members}


def test_a_policy_grants_each_action_of_each_statement() -> None:
    conditions = {
        "StringLike": {"s3:prefix": ["flows/*", "variables/*"], "aws:x": "y"},
        "StringEquals": {"s3:prefix": ""},
    }
    policy = {
        "Statement": [
            None,
            statement(Sid="Read", Action=["s3:GetObject", "s3:GetObjectVersion"], Resource=["a", "b"]),
            statement(Effect="Deny", Condition=conditions),
        ]
    }
    assert list(grants(policy)) == [
        Grant("Read", "s3:GetObject", ("a", "b")),
        Grant("Read", "s3:GetObjectVersion", ("a", "b")),
        Grant("", "s3:Get*", ("arn:aws:s3:::lake/*",), ("flows/*", "variables/*", ""), denies=True),
    ]
    assert len(list(grants({"Statement": statement()}))) == 1


@pytest.mark.parametrize("member", ["Action", "Resource"])
def test_a_statement_that_names_what_it_does_not_cover_is_refused(member: str) -> None:
    inverted = {f"Not{key}" if key == member else key: value for key, value in statement().items()}
    with pytest.raises(ValueError, match="without Action and Resource"):
        list(grants({"Statement": inverted}))


GRANT = Grant("", "s3:Get*", ("arn:aws:s3:::lake/*",))
LISTING = Grant("", "s3:ListBucket", ("*",), ("flows/*",))
SEVERAL = Grant("", "s3:ListBucket", ("arn:aws:s3:::lake", "arn:aws:s3:::pond"), ("flows/*", "variables/*"))


@pytest.mark.parametrize(
    ("grant", "call", "covered"),
    [
        (GRANT, Call("s3:GetObject", OBJECT_ARN), True),
        (GRANT, Call("S3:getobject", OBJECT_ARN), True),
        (GRANT, Call("s3:PutObject", OBJECT_ARN), False),
        (GRANT, Call("s3:GetObject", "arn:aws:s3:::Lake/a"), False),
        (GRANT, Call("s3:GetObject", None), True),
        (LISTING, Call("s3:ListBucket", "arn:aws:s3:::lake", "flows/a"), True),
        (LISTING, Call("s3:ListBucket", "arn:aws:s3:::lake", "other/"), False),
        (LISTING, Call("s3:ListBucket", "arn:aws:s3:::lake"), False),
        (SEVERAL, Call("s3:ListBucket", "arn:aws:s3:::lake", "flows/a"), True),
        (SEVERAL, Call("s3:ListBucket", "arn:aws:s3:::pond", "variables/a"), True),
        (SEVERAL, Call("s3:ListBucket", "arn:aws:s3:::sea", "flows/a"), False),
    ],
)
def test_a_statement_covers_its_actions_on_its_resources_with_its_prefixes(
    grant: Grant, call: Call, covered: bool
) -> None:
    assert grant.covers(call) is grant.allows(call) is covered


DENIAL = Grant("", "s3:GetObject", ("*/secret",), denies=True)


@pytest.mark.parametrize(
    ("granted", "key", "allowed"),
    [
        ((GRANT, DENIAL), "a", True),
        ((DENIAL, GRANT), "secret", False),
        ((GRANT, DENIAL), "secret", False),
        ((DENIAL,), "secret", False),
        ((DENIAL,), "a", False),
        ((), "a", False),
    ],
)
def test_a_role_allows_what_a_statement_allows_and_none_denies(
    granted: tuple[Grant, ...], key: str, allowed: bool
) -> None:
    operation = Operation("s3", "GetObject", {"Bucket": "lake", "Key": key})
    call = Call("s3:GetObject", f"arn:aws:s3:::lake/{key}")
    role = Role("arn", granted)
    assert role.allows(call) is allowed
    assert role.missing(operation, ACCOUNT) == (None if allowed else call)
    assert not DENIAL.allows(call)


def test_the_first_missing_permission_is_named() -> None:
    role = Role("arn", (Grant("", "appflow:CreateFlow", ("*",)),))
    flow = {"flowName": "orders", **PROFILE}
    assert role.missing(Operation("appflow", "CreateFlow", flow), ACCOUNT) == Call(
        "appflow:UseConnectorProfile", PROFILE_ARN
    )
