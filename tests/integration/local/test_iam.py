"""The permissions of the functions: what a role allows is possible, everything else is denied."""

import pytest

from appflow_gitops_local.iam import Account, Call, Grant, Operation, Role, grants, needed

HERE = Account("eu-west-1", "123456789012")


def role(*statements: dict[str, object]) -> Role:
    allow = [{"Effect": "Allow", **statement} for statement in statements]
    return Role("arn:aws:sts::123456789012:assumed-role/r/f", tuple(grants({"Statement": allow})))


def update(name: str) -> Operation:
    return Operation("appflow", "UpdateFlow", {"flowName": name})


def test_a_flow_outside_of_the_resource_is_denied() -> None:
    flows = role({"Action": ["appflow:UpdateFlow"], "Resource": HERE.flow("dev-*")})
    assert flows.missing(update("dev-orders"), HERE) is None
    assert flows.missing(update("orders"), HERE) == Call("appflow:UpdateFlow", HERE.flow("orders"))


def test_another_action_on_the_same_resource_is_denied() -> None:
    flows = role({"Action": "appflow:DescribeFlow", "Resource": "*"})
    assert flows.missing(update("orders"), HERE) is not None


def test_a_flow_with_tags_is_created_only_where_tags_are_allowed() -> None:
    create = Operation("appflow", "CreateFlow", {"flowName": "orders", "tags": {"team": "sales"}})
    assert role({"Action": "appflow:CreateFlow", "Resource": "*"}).missing(create, HERE) == Call(
        "appflow:TagResource", HERE.flow("orders")
    )


@pytest.mark.parametrize(
    ("profiles", "buckets", "missing"),
    [
        ("*", "*", None),
        ("sales-*", "lake", None),
        ("hr-*", "lake", "appflow:UseConnectorProfile"),
        ("sales-*", "other", "s3:ListBucket"),
    ],
)
def test_a_flow_needs_its_connector_profiles_and_buckets(
    profiles: str, buckets: str, missing: str | None
) -> None:
    writer = role(
        {"Action": "appflow:UpdateFlow", "Resource": "*"},
        {
            "Action": "appflow:UseConnectorProfile",
            "Resource": HERE.arn("appflow", f"connectorprofile/{profiles}"),
        },
        {"Action": ["s3:ListBucket", "s3:GetBucket*"], "Resource": HERE.bucket(buckets)},
    )
    flow = {
        "flowName": "orders",
        "sourceFlowConfig": {"connectorType": "Salesforce", "connectorProfileName": "sales-eu"},
        "destinationFlowConfigList": [{"destinationConnectorProperties": {"S3": {"bucketName": "lake"}}}],
    }
    denied = writer.missing(Operation("appflow", "UpdateFlow", flow), HERE)
    assert (denied and denied.action) == missing


def test_a_listing_is_allowed_under_its_prefix_only() -> None:
    condition = {"StringLike": {"s3:prefix": "flows/*"}}
    listing = role({"Action": "s3:ListBucketVersions", "Resource": "*", "Condition": condition})
    versions = {
        prefix: listing.missing(
            Operation("s3", "ListObjectVersions", {"Bucket": "b", "Prefix": prefix}), HERE
        )
        for prefix in ("flows/orders.yaml", "")
    }
    assert (versions["flows/orders.yaml"], versions[""] is not None) == (None, True)


def test_a_denial_outweighs_a_grant() -> None:
    denied = role(
        {"Action": "appflow:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "appflow:UpdateFlow", "Resource": HERE.flow("orders")},
    )
    assert denied.missing(update("orders"), HERE) is not None
    assert denied.missing(update("customers"), HERE) is None


def test_a_call_without_a_known_resource_needs_its_action() -> None:
    operation = Operation("appflow", "ListConnectors", {})
    assert needed(operation, HERE) == [Call("appflow:ListConnectors", None)]
    assert role({"Action": "appflow:List*", "Resource": "x"}).missing(operation, HERE) is None
    assert role({"Action": "appflow:Update*", "Resource": "*"}).missing(operation, HERE) is not None


def test_a_statement_that_is_not_supported_is_refused() -> None:
    with pytest.raises(ValueError, match="without Action"):
        list(grants({"Statement": {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}}))


def test_a_grant_says_which_action_it_is_for() -> None:
    assert list(
        grants({"Statement": [{"Sid": "S", "Effect": "Allow", "Action": ["a:B"], "Resource": "*"}]})
    ) == [Grant("S", "a:B", ("*",))]
