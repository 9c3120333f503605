"""Connector profiles: created, described, deleted."""

from typing import TYPE_CHECKING, Any

import pytest

from integration.appflow.requests import flow, profile, refusal

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient


def names(answer: Any) -> list[str]:
    return [entry["connectorProfileName"] for entry in answer["connectorProfileDetails"]]


def test_a_profile_is_described_without_its_credentials(appflow: "AppflowClient") -> None:
    arn = appflow.create_connector_profile(**profile())["connectorProfileArn"]

    (entry,) = appflow.describe_connector_profiles()["connectorProfileDetails"]

    assert (
        entry["connectorProfileArn"]
        == arn
        == "arn:aws:appflow:us-east-1:123456789012:connectorprofile/source-profile"
    )
    assert entry["connectorProfileProperties"] == {
        "Salesforce": {"instanceUrl": "https://example.my.salesforce.com"}
    }
    assert "hush" not in str(entry)


def test_profiles_are_filtered_by_name_and_type_in_pages(appflow: "AppflowClient") -> None:
    for name, connector in (("a", "Salesforce"), ("b", "Slack"), ("c", "Salesforce")):
        appflow.create_connector_profile(**profile(name, connector))

    ask = appflow.describe_connector_profiles
    assert names(ask(connectorProfileNames=["b", "none"])) == ["b"]
    assert names(ask(connectorType="Salesforce")) == ["a", "c"]
    first = ask(maxResults=2)
    assert (names(first), names(ask(nextToken=first["nextToken"]))) == (["a", "b"], ["c"])


def test_a_profile_name_is_unique(appflow: "AppflowClient") -> None:
    appflow.create_connector_profile(**profile(clientToken="t1"))

    appflow.create_connector_profile(**profile(clientToken="t1"))
    assert refusal(appflow.create_connector_profile, **profile())[:2] == ("ConflictException", 409)


def test_a_profile_that_flows_use_is_deleted_only_with_force(appflow: "AppflowClient") -> None:
    appflow.create_connector_profile(**profile())
    appflow.create_flow(**flow())

    refused = refusal(appflow.delete_connector_profile, connectorProfileName="source-profile")
    assert refused[:2] == ("ConflictException", 409)
    appflow.delete_connector_profile(connectorProfileName="source-profile", forceDelete=True)
    assert names(appflow.describe_connector_profiles()) == []


@pytest.mark.parametrize("force", [False, True])
def test_an_unknown_profile_cannot_be_deleted(appflow: "AppflowClient", force: bool) -> None:
    refused = refusal(appflow.delete_connector_profile, connectorProfileName="none", forceDelete=force)

    assert refused[:2] == ("ResourceNotFoundException", 404)


def test_a_profile_is_updated(appflow: "AppflowClient") -> None:
    arn = appflow.create_connector_profile(**profile())["connectorProfileArn"]
    request = profile(connectionMode="Private")
    del request["connectorType"]

    assert appflow.update_connector_profile(**request)["connectorProfileArn"] == arn

    (entry,) = appflow.describe_connector_profiles()["connectorProfileDetails"]
    assert (entry["connectionMode"], entry["connectorType"]) == ("Private", "Salesforce")


def test_an_unknown_profile_cannot_be_updated(appflow: "AppflowClient") -> None:
    request = profile()
    del request["connectorType"]

    assert refusal(appflow.update_connector_profile, **request)[:2] == ("ResourceNotFoundException", 404)
