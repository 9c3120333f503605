"""Pages, quotas and tags."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from integration.appflow.requests import destination, flow, refusal, scheduled

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient

ARN = "arn:aws:appflow:us-east-1:123456789012:flow/"


def make(appflow: "AppflowClient", number: int) -> list[str]:
    names = [f"flow-{index:03}" for index in range(number)]
    for name in names:
        appflow.create_flow(**flow(flowName=name))
    return names


def names_by_page(appflow: "AppflowClient", **first: Any) -> list[list[str]]:
    answer = appflow.list_flows(**first)
    pages = [answer]
    while "nextToken" in answer:
        answer = appflow.list_flows(nextToken=answer["nextToken"], **first)
        pages.append(answer)
    return [[entry["flowName"] for entry in page["flows"]] for page in pages]


def test_a_page_holds_a_hundred_flows_at_most(appflow: "AppflowClient") -> None:
    names = make(appflow, 101)

    assert names_by_page(appflow) == [names[:100], names[100:]]


def test_pages_can_be_smaller(appflow: "AppflowClient") -> None:
    names = make(appflow, 4)

    assert names_by_page(appflow, maxResults=2) == [names[:2], names[2:]]


def test_deleting_a_flow_between_two_pages_moves_no_other(appflow: "AppflowClient") -> None:
    names = make(appflow, 4)
    token = appflow.list_flows(maxResults=2)["nextToken"]
    appflow.delete_flow(flowName=names[1])

    assert [entry["flowName"] for entry in appflow.list_flows(nextToken=token)["flows"]] == names[2:]


@pytest.mark.parametrize("members", [{"maxResults": 0}, {"maxResults": 101}, {"nextToken": "no-token!"}])
def test_invalid_paging_is_rejected(appflow: "AppflowClient", members: dict[str, object]) -> None:
    assert refusal(appflow.list_flows, **members)[:2] == ("ValidationException", 400)


def test_an_entry_describes_its_flow(appflow: "AppflowClient") -> None:
    appflow.create_flow(
        **flow(
            description="nightly",
            triggerConfig=scheduled(),
            destination=destination("Salesforce", object="Account"),
            tags={"team": "data"},
        )
    )
    live = appflow.describe_flow(flowName="orders")

    (entry,) = appflow.list_flows()["flows"]

    assert entry == {
        "flowArn": f"{ARN}orders",
        "flowName": "orders",
        "description": "nightly",
        "flowStatus": "Draft",
        "sourceConnectorType": "Salesforce",
        "destinationConnectorType": "Salesforce",
        "triggerType": "Scheduled",
        "createdAt": live["createdAt"],
        "createdBy": live["createdBy"],
        "lastUpdatedAt": live["lastUpdatedAt"],
        "lastUpdatedBy": live["lastUpdatedBy"],
        "tags": {"team": "data"},
    }


def test_an_account_has_a_quota_of_flows(appflow: "AppflowClient", behave: Callable[..., None]) -> None:
    behave(flowQuota=2)
    make(appflow, 2)

    assert refusal(appflow.create_flow, **flow())[:2] == ("ServiceQuotaExceededException", 402)


def test_tags_are_added_replaced_and_removed(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow(tags={"team": "data", "env": "dev"}))

    appflow.tag_resource(resourceArn=f"{ARN}orders", tags={"env": "prod", "owner": "orders.yaml"})
    appflow.untag_resource(resourceArn=f"{ARN}orders", tagKeys=["team", "not-there"])

    expected = {"env": "prod", "owner": "orders.yaml"}
    assert appflow.list_tags_for_resource(resourceArn=f"{ARN}orders")["tags"] == expected
    assert appflow.describe_flow(flowName="orders")["tags"] == expected


@pytest.mark.parametrize("updates", [False, True])
def test_whether_tagging_updates_the_flow_is_unknown_and_a_switch(
    appflow: "AppflowClient", behave: Callable[..., None], *, updates: bool
) -> None:
    behave(tagsAreUpdates=updates)
    appflow.create_flow(**flow())
    times = [appflow.describe_flow(flowName="orders")["lastUpdatedAt"]]

    for change, members in (
        (appflow.tag_resource, {"tags": {"a": "b"}}),
        (appflow.untag_resource, {"tagKeys": ["a"]}),
    ):
        change(resourceArn=f"{ARN}orders", **members)
        times.append(appflow.describe_flow(flowName="orders")["lastUpdatedAt"])

    assert len(set(times)) == (3 if updates else 1)


@pytest.mark.parametrize("name", ["a#b", "a@b!c", "a.b-c_d"])
def test_flows_with_unusual_names_can_be_tagged(appflow: "AppflowClient", name: str) -> None:
    appflow.create_flow(**flow(flowName=name))

    appflow.tag_resource(resourceArn=ARN + name, tags={"a": "b"})

    assert appflow.list_tags_for_resource(resourceArn=ARN + name)["tags"] == {"a": "b"}


def test_tags_of_an_unknown_resource_are_not_found(appflow: "AppflowClient") -> None:
    for call, members in (
        (appflow.list_tags_for_resource, {}),
        (appflow.tag_resource, {"tags": {"a": "b"}}),
        (appflow.untag_resource, {"tagKeys": ["a"]}),
    ):
        assert refusal(call, resourceArn=f"{ARN}none", **members)[:2] == ("ResourceNotFoundException", 404)


@pytest.mark.parametrize(
    "tags",
    [
        {"aws:own": "x"},
        {"a": "x" * 257},
        {"a" * 129: "x"},
        {"": "x"},
        {"a": "<x>|"},
        {f"key{index}": "" for index in range(51)},
    ],
    ids=["reserved", "long value", "long key", "empty key", "odd characters", "many"],
)
def test_invalid_tags_are_rejected(appflow: "AppflowClient", tags: dict[str, str]) -> None:
    assert refusal(appflow.create_flow, **flow(tags=tags))[:2] == ("ValidationException", 400)
    appflow.create_flow(**flow())

    refused = refusal(appflow.tag_resource, resourceArn=f"{ARN}orders", tags=tags)

    assert refused[:2] == ("ValidationException", 400)


def test_a_flow_has_fifty_tags_at_most(appflow: "AppflowClient") -> None:
    many = {f"key{index}": "" for index in range(50)}
    appflow.create_flow(**flow(tags=many))

    assert (
        refusal(appflow.tag_resource, resourceArn=f"{ARN}orders", tags={"more": ""}).code
        == "ValidationException"
    )
    assert appflow.list_tags_for_resource(resourceArn=f"{ARN}orders")["tags"] == many
