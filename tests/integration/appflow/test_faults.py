"""Faults, calls and behaviour over HTTP, inside a mock."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests
from botocore.exceptions import ConnectionClosedError
from moto import settings

from appflow_gitops_local.appflow.controls import controls
from integration.appflow.controls import LENIENT, MOTO_API, SIGNED, URL, Clock, control
from integration.appflow.requests import REGION, flow, refusal, source

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient


@pytest.fixture(autouse=True)
def one_flow(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())
    control("DELETE", "calls")


def set_fault(**fault: Any) -> None:
    assert control("POST", "faults", fault)[0] == 200


def outcomes(appflow: "AppflowClient", number: int) -> list[str]:
    """Updates a flow a number of times. Returns ``done`` or the error code of each."""

    def outcome(description: str) -> str:
        try:
            appflow.update_flow(**flow(description=description))
        except appflow.exceptions.ClientError as error:
            return error.response["Error"]["Code"]
        return "done"

    return [outcome(str(index)) for index in range(number)]


def test_a_fault_applies_to_its_number_of_calls(appflow: "AppflowClient") -> None:
    set_fault(operation="UpdateFlow", error="ThrottlingException", status=429, times=2, when="before")

    assert outcomes(appflow, 3) == ["ThrottlingException", "ThrottlingException", "done"]


def test_a_fault_before_the_call_leaves_the_flow_alone(appflow: "AppflowClient") -> None:
    set_fault(operation="UpdateFlow", error="InternalServerException")

    assert refusal(appflow.update_flow, **flow(description="lost"))[:2] == ("InternalServerException", 500)
    assert "description" not in appflow.describe_flow(flowName="orders")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"error": "ConflictException"}, ("ConflictException", 409)),
        ({"error": "ServiceQuotaExceededException"}, ("ServiceQuotaExceededException", 402)),
        ({"error": "SomethingElse"}, ("SomethingElse", 400)),
        ({"error": "SlowDown", "status": 503}, ("SlowDown", 503)),
        ({"error": "", "status": 429}, ("429", 429)),
        ({"error": "", "status": 500}, ("500", 500)),
    ],
)
def test_a_fault_responds_with_its_error_and_status(
    appflow: "AppflowClient", fault: dict[str, Any], expected: tuple[str, int]
) -> None:
    set_fault(operation="UpdateFlow", **fault)

    assert refusal(appflow.update_flow, **flow())[:2] == expected


def test_a_fault_after_the_call_drops_only_the_response(appflow: "AppflowClient") -> None:
    set_fault(operation="UpdateFlow", when="after")

    with pytest.raises(ConnectionClosedError):
        appflow.update_flow(**flow(description="done all the same"))

    assert appflow.describe_flow(flowName="orders")["description"] == "done all the same"


def test_a_fault_can_be_for_one_flow_and_one_operation(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow(flowName="tickets", sourceFlowConfig=source(object="Case")))
    set_fault(operation="DescribeFlow", flowName="tickets", error="InternalServerException")

    appflow.update_flow(**flow())
    appflow.describe_flow(flowName="orders")
    assert refusal(appflow.describe_flow, flowName="tickets").status == 500


def test_a_fault_reaches_calls_about_tags_by_the_flow_in_the_arn(appflow: "AppflowClient") -> None:
    arn = appflow.describe_flow(flowName="orders")["flowArn"]
    set_fault(operation="TagResource", flowName="orders", error="InternalServerException")

    assert refusal(appflow.tag_resource, resourceArn=arn, tags={"a": "b"}).status == 500


def test_a_fault_for_every_operation_lasts_until_it_is_cleared(appflow: "AppflowClient") -> None:
    set_fault(operation="*", error="InternalServerException", times=None)
    for _ in range(3):
        assert refusal(appflow.list_flows).status == 500

    assert control("DELETE", "faults") == (200, {"faults": []})
    appflow.list_flows()


def test_faults_apply_in_the_order_in_which_they_were_set(appflow: "AppflowClient") -> None:
    set_fault(operation="UpdateFlow", error="ConflictException")
    set_fault(operation="*", error="InternalServerException")

    assert outcomes(appflow, 3) == ["ConflictException", "InternalServerException", "done"]


@pytest.mark.skipif(settings.TEST_SERVER_MODE, reason="replaces a function of the server")
def test_a_delayed_call_takes_its_time_and_has_its_effect(appflow: "AppflowClient") -> None:
    slept: list[float] = []
    controls.behaviour = replace(controls.behaviour, sleep=slept.append)
    set_fault(operation="UpdateFlow", delaySeconds=2.5)

    appflow.update_flow(**flow(description="late"))

    assert (slept, appflow.describe_flow(flowName="orders")["description"]) == ([2.5], "late")


def test_faults_that_are_left_are_listed(appflow: "AppflowClient") -> None:
    set_fault(operation="UpdateFlow", error="ConflictException", times=3)
    outcomes(appflow, 1)

    (fault,) = control("GET", "faults")[1]["faults"]

    assert (fault["operation"], fault["error"], fault["times"]) == ("UpdateFlow", "ConflictException", 2)


@pytest.mark.parametrize(
    "fault",
    [{}, [], {"operation": "UpdateFlow", "tmes": 2}, {"operation": "UpdateFlow", "when": "during"}],
    ids=["nothing", "a list", "misspelt", "no such moment"],
)
def test_an_invalid_fault_is_rejected(fault: Any) -> None:
    status, answer = control("POST", "faults", fault)

    assert (status, list(answer)) == (400, ["message"])


def test_every_call_is_counted_and_the_last_are_shown(appflow: "AppflowClient", clock: Clock) -> None:
    set_fault(operation="UpdateFlow", error="", status=429)
    outcomes(appflow, 1)
    set_fault(operation="UpdateFlow", when="after")
    with pytest.raises(ConnectionClosedError):
        appflow.update_flow(**flow(clientToken="t1"))
    appflow.describe_flow(flowName="orders")

    answer = control("GET", "calls")[1]

    assert answer["counts"] == {"UpdateFlow": 2, "DescribeFlow": 1}
    shown = [(call["operation"], call["flowName"], call["status"]) for call in answer["calls"]]
    assert shown == [
        ("UpdateFlow", "orders", 429),
        ("UpdateFlow", "orders", None),
        ("DescribeFlow", "orders", 200),
    ]
    assert answer["calls"][1]["clientToken"] == "t1"
    assert {(call["at"], call["region"]) for call in answer["calls"]} == {(clock().isoformat(), REGION)}
    assert control("DELETE", "calls") == (200, {"counts": {}, "calls": []})


def test_a_call_that_names_no_flow_is_logged_without_one() -> None:
    headers, arn = {**SIGNED, "Content-Type": "application/json"}, "arn:aws:appflow:us-east-1:1:connector/a"
    for method, path, body in (
        ("POST", "describe-flow", b'{"flowName": 5}'),
        ("POST", "describe-flow", b"[]"),
        ("POST", "list-flows", b""),
        ("GET", f"tags/{arn}", b""),
        ("POST", f"tags/{arn}", b"[]"),
    ):
        requests.request(method, f"{URL}/{path}", data=body, headers=headers, timeout=5)

    calls = control("GET", "calls")[1]["calls"]

    assert [(call["operation"], call["flowName"], call["status"]) for call in calls] == [
        ("DescribeFlow", None, 400),
        ("DescribeFlow", None, 400),
        ("ListFlows", None, 200),
        ("ListTagsForResource", None, 404),
        ("TagResource", None, 400),
    ]


def test_switches_are_changed_and_restored(appflow: "AppflowClient") -> None:
    status, switches = control("POST", "behaviour", {"strictTasks": True, "sourceFields": ["A"]})

    assert (status, switches["strictTasks"], switches["sourceFields"]) == (200, True, ["A"])
    assert "projection task" in refusal(appflow.update_flow, **flow(tasks=[])).message
    assert control("DELETE", "behaviour")[1]["strictTasks"] == ["CustomConnector"]
    control("POST", "behaviour", LENIENT)
    appflow.update_flow(**flow(tasks=[]))


def test_hours_can_pass_over_http(appflow: "AppflowClient", clock: Clock) -> None:  # noqa: ARG001 - a fixed clock
    appflow.update_flow(**flow(description="a", clientToken="t1"))
    appflow.update_flow(**flow(description="b", clientToken="t2"))

    control("POST", "behaviour", {"clockOffsetSeconds": 8 * 3600})

    appflow.update_flow(**flow(description="a", clientToken="t1"))
    assert appflow.describe_flow(flowName="orders")["description"] == "a"


@pytest.mark.parametrize(
    ("switches", "named"),
    [
        ({"strict": True}, "unknown member 'strict'"),
        ({"strictTasks": "yes"}, "strictTasks"),
        ({"updateOfInactive": "Deleted"}, "updateOfInactive"),
        ({"runSeconds": -1}, "runSeconds"),
        ({"clockOffsetSeconds": 1e300}, "out of range"),
        ({"fixedTime": 1e15}, "out of range"),
        ({"tokenHours": 1e12}, "out of range"),
        ({"clock": 5}, "unknown member 'clock'"),
    ],
)
def test_an_unknown_or_invalid_switch_is_rejected(switches: dict[str, Any], named: str) -> None:
    status, answer = control("POST", "behaviour", switches)

    assert status == 400
    assert named in answer["message"]


@pytest.mark.parametrize(("method", "what"), [("PUT", "faults"), ("POST", "calls"), ("PATCH", "behaviour")])
def test_other_methods_are_not_supported(method: str, what: str) -> None:
    assert control(method, what)[0] == 405


def test_a_reset_of_moto_resets_the_controls(appflow: "AppflowClient") -> None:
    set_fault(operation="*", error="InternalServerException", times=None)
    control("POST", "behaviour", {"strictTasks": True})

    requests.post(f"{MOTO_API}/reset", timeout=5)

    assert appflow.list_flows()["flows"] == []
    assert control("GET", "behaviour")[1]["strictTasks"] == ["CustomConnector"]
