"""IAM: a caller may do what its policy says, matched against the ARN of the flow."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import settings
from moto.core.authorization import enable_iam_authentication

from integration.appflow.requests import REGION, flow, refusal

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient

pytestmark = pytest.mark.skipif(settings.TEST_SERVER_MODE, reason="changes a setting of the server")

REST = "arn:aws:appflow:us-east-1:123456789012"
ARN = f"{REST}:flow/"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["appflow:UpdateFlow", "appflow:TagResource"],
            "Resource": f"{ARN}team-*",
        },
        {"Effect": "Allow", "Action": "appflow:ListFlows", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": ["appflow:DeleteConnectorProfile", "appflow:UnregisterConnector"],
            "Resource": [f"{REST}:connectorprofile/team-*", f"{REST}:connector/team-*"],
        },
    ],
}


@pytest.fixture
def limited(appflow: "AppflowClient", session: boto3.Session) -> "Iterator[AppflowClient]":
    """A client that may update flows whose names start with team-."""
    for name in ("team-orders", "orders"):
        appflow.create_flow(**flow(flowName=name))
    iam = session.client("iam")
    iam.create_user(UserName="ci")
    iam.put_user_policy(UserName="ci", PolicyName="team", PolicyDocument=json.dumps(POLICY))
    key = iam.create_access_key(UserName="ci")["AccessKey"]
    client = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION).client("appflow")
    with enable_iam_authentication():
        yield client


def test_a_policy_can_allow_some_flows(limited: "AppflowClient") -> None:
    limited.update_flow(**flow(flowName="team-orders"))
    limited.tag_resource(resourceArn=f"{ARN}team-orders", tags={"a": "b"})
    limited.list_flows()


def test_what_no_policy_allows_is_denied_with_the_error_of_appflow(limited: "AppflowClient") -> None:
    denied = refusal(limited.update_flow, **flow(flowName="orders"))

    assert denied[:2] == ("AccessDeniedException", 403)
    assert denied.message.endswith(f"appflow:UpdateFlow on resource: {ARN}orders")
    assert refusal(limited.tag_resource, resourceArn=f"{ARN}orders", tags={"a": "b"}).status == 403
    assert refusal(limited.delete_flow, flowName="team-orders").status == 403


def test_a_policy_can_name_profiles_and_connectors(limited: "AppflowClient") -> None:
    for name, status in (("team-crm", 404), ("crm", 403)):
        assert refusal(limited.delete_connector_profile, connectorProfileName=name).status == status
        assert refusal(limited.unregister_connector, connectorLabel=name).status == status


@pytest.mark.usefixtures("appflow")
def test_the_last_use_of_an_access_key_names_appflow(session: boto3.Session) -> None:
    iam = session.client("iam")
    iam.create_user(UserName="ci")
    key = iam.create_access_key(UserName="ci")["AccessKey"]
    boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION).client(
        "appflow"
    ).list_flows()
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("appflow", REGION)
