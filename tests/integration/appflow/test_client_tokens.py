"""Idempotency by clientToken."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from integration.appflow.controls import Clock
from integration.appflow.requests import flow, refusal, scheduled

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient


def content(text: str, token: str) -> dict[str, Any]:
    return flow(description=text, clientToken=token)


def description(appflow: "AppflowClient") -> str:
    return appflow.describe_flow(flowName="orders")["description"]


def test_the_same_update_under_the_same_token_is_done_once(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())
    first = appflow.update_flow(**content("a", "t1"))
    done = appflow.describe_flow(flowName="orders")["lastUpdatedAt"]

    second = appflow.update_flow(**content("a", "t1"))

    assert first["flowStatus"] == second["flowStatus"]
    assert appflow.describe_flow(flowName="orders")["lastUpdatedAt"] == done


def test_going_back_under_the_first_token_succeeds_and_has_no_effect(
    appflow: "AppflowClient",
) -> None:
    appflow.create_flow(**flow())
    for text, token in (("a", "token-of-a"), ("b", "token-of-b"), ("a", "token-of-a")):
        appflow.update_flow(**content(text, token))

    assert description(appflow) == "b"


def test_going_back_under_a_new_token_is_applied(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())
    for text, token in (("a", "t1"), ("b", "t2"), ("a", "t3")):
        appflow.update_flow(**content(text, token))

    assert description(appflow) == "a"


@pytest.mark.parametrize(("seconds", "applied"), [(8 * 3600 - 1, False), (8 * 3600, True)])
def test_a_token_expires_after_eight_hours(
    appflow: "AppflowClient", clock: Clock, seconds: int, applied: bool
) -> None:
    appflow.create_flow(**flow())
    appflow.update_flow(**content("a", "t1"))
    appflow.update_flow(**content("b", "t2"))
    clock.forward(seconds=seconds)

    appflow.update_flow(**content("a", "t1"))

    assert description(appflow) == ("a" if applied else "b")


@pytest.mark.parametrize(("error", "status"), [("ConflictException", 409), ("ValidationException", 400)])
def test_a_token_with_other_parameters_is_an_error_of_unknown_class(
    appflow: "AppflowClient", behave: Callable[..., None], error: str, status: int
) -> None:
    if error != "ConflictException":
        behave(onReusedParameters=error)
    appflow.create_flow(**flow())
    appflow.update_flow(**content("a", "t1"))

    assert refusal(appflow.update_flow, **content("b", "t1"))[:2] == (error, status)
    assert description(appflow) == "a"


def test_a_token_belongs_to_its_operation(appflow: "AppflowClient") -> None:
    appflow.create_flow(**content("a", "t1"))
    appflow.update_flow(**content("b", "t1"))
    appflow.start_flow(flowName="orders", clientToken="t1")

    assert description(appflow) == "b"


def test_a_rejected_call_does_not_use_its_token(appflow: "AppflowClient") -> None:
    refusal(appflow.update_flow, **content("a", "t1"))
    appflow.create_flow(**flow())

    appflow.update_flow(**content("a", "t1"))

    assert description(appflow) == "a"


def test_a_repeat_is_answered_even_after_its_start_has_passed(appflow: "AppflowClient", clock: Clock) -> None:
    start = int(clock().timestamp()) + 60
    request = flow(triggerConfig=scheduled(scheduleStartTime=start), clientToken="t1")
    appflow.create_flow(**request)
    clock.forward(minutes=2)

    assert appflow.create_flow(**request)["flowStatus"] == "Draft"


def test_a_repeated_start_is_one_run(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())

    runs = {
        appflow.start_flow(flowName="orders", clientToken=token)["executionId"]
        for token in ("t1", "t1", "t2")
    }

    assert len(runs) == 2


@pytest.mark.parametrize(
    "token", ["", "x" * 257, "caf\u00e9", "a\tb"], ids=["empty", "long", "accent", "tab"]
)
def test_a_token_is_printable_ascii_of_1_to_256(appflow: "AppflowClient", token: str) -> None:
    assert "at 'clientToken' failed" in refusal(appflow.create_flow, **flow(clientToken=token)).message


@pytest.mark.parametrize("token", ["~", " " * 256])
def test_these_tokens_are_valid(appflow: "AppflowClient", token: str) -> None:
    appflow.create_flow(**flow(clientToken=token))
