"""Functions run as on Lambda, and nothing of the caller's machine reaches them."""

import json

import pytest

from integration.local.hive import Hive


def test_invoke_answers_with_what_the_handler_returns(hive: Hive) -> None:
    answer = hive.invoke("OnQueue", {"name": "a"})
    assert json.loads(answer["Payload"].read()) == {"batchItemFailures": []}
    assert "FunctionError" not in answer


def test_invoke_returns_an_exception(hive: Hive) -> None:
    answer = hive.invoke("OnQueue", {"do": "raise"})
    assert answer["FunctionError"] == "Unhandled"
    answer = json.loads(answer["Payload"].read())
    assert (answer["errorType"], answer["errorMessage"]) == ("ValueError", "as ordered")
    assert any("obey" in line for line in answer["stackTrace"])


@pytest.mark.parametrize(
    ("order", "error"),
    [
        ({"do": "crash"}, ("Runtime.ExitError", "signal 9")),
        ({"do": "sleep"}, ("Sandbox.Timedout", "Task timed out after 3.00 seconds")),
    ],
)
def test_invoke_reports_how_a_function_died(
    hive: Hive, order: dict[str, str], error: tuple[str, str]
) -> None:
    answer = json.loads(hive.invoke("OnQueue", order)["Payload"].read())
    assert answer["errorType"] == error[0]
    assert error[1] in answer["errorMessage"]


def test_a_handler_that_cannot_be_imported_fails_every_invocation(hive: Hive) -> None:
    for _ in range(2):
        answer = json.loads(hive.invoke("Broken", {})["Payload"].read())
        assert answer["errorType"] == "ModuleNotFoundError"


def test_an_asynchronous_invocation_is_carried_out_later(hive: Hive) -> None:
    assert hive.invoke("OnEvent", {"name": "later"}, kind="Event")["StatusCode"] == 202
    assert hive.seen(1)[0]["names"] == ["later"]


def test_a_function_that_is_not_there_is_not_found(hive: Hive) -> None:
    service = hive.cloud.client("lambda")
    with pytest.raises(service.exceptions.ResourceNotFoundException):
        service.invoke(FunctionName="unknown", Payload="{}")


def test_a_function_has_only_its_own_environment(hive: Hive) -> None:
    hive.invoke("OnQueue", {"name": "a"})
    environment = hive.seen(1)[0]["environment"]
    assert environment["COLOUR"] == "blue"
    assert environment["AWS_ENDPOINT_URL"] == hive.cloud.endpoint
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == hive.url("OnQueue")
    assert environment["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert not {"HOME", "AWS_PROFILE", "PYTEST_CURRENT_TEST"} & environment.keys()


def test_what_a_function_prints_is_in_its_log_group(hive: Hive) -> None:
    hive.invoke("OnQueue", {"name": "a"})
    hive.seen(1)
    logs = hive.cloud.client("logs")
    events = logs.filter_log_events(logGroupName=f"/aws/lambda/{hive.url('OnQueue')}")["events"]
    assert "noise on standard output" in [event["message"] for event in events]
