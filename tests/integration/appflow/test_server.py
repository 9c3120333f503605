"""The same over a socket: moto's server answers plain boto3."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from threading import Thread
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError
from moto.core.base_backend import BackendDict
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from appflow_gitops_local.appflow import appflow_backends
from integration.appflow.controls import LENIENT, NOON, SIGNED
from integration.appflow.requests import ACCOUNT, REGION, flow, refusal

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient


@pytest.fixture
def endpoint(session: boto3.Session) -> Iterator[str]:  # noqa: ARG001 - registers AppFlow
    # moto's own ThreadedMotoServer waits for ever where the address cannot be bound.
    moto = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, moto, threaded=True, request_handler=MotoRequestHandler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    requests.post(f"{endpoint}/moto-api/reset", timeout=5)
    requests.post(f"{endpoint}/moto-api/appflow/behaviour", json=LENIENT, timeout=5)
    yield endpoint
    server.shutdown()
    thread.join()
    server.server_close()
    BackendDict.reset()


@pytest.fixture
def client(endpoint: str, session: boto3.Session) -> "Iterator[AppflowClient]":
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=8)
    client = session.client("appflow", endpoint_url=endpoint, config=config)
    yield client
    client.close()


def set_fault(endpoint: str, **fault: Any) -> None:
    requests.post(f"{endpoint}/moto-api/appflow/faults", json=fault, timeout=5).raise_for_status()


def test_a_flow_is_created_updated_tagged_and_deleted_over_http(client: "AppflowClient") -> None:
    client.create_flow(**flow(tags={"a": "b"}))
    arn = client.describe_flow(flowName="orders")["flowArn"]
    client.update_flow(**flow(description="new"))
    client.tag_resource(resourceArn=arn, tags={"c": "d"})
    client.untag_resource(resourceArn=arn, tagKeys=["a"])

    live = client.describe_flow(flowName="orders")
    assert (live["description"], live["tags"]) == ("new", {"c": "d"})
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"c": "d"}
    client.delete_flow(flowName="orders")
    assert refusal(client.describe_flow, flowName="orders").status == 404


def test_a_dropped_response_is_a_closed_connection_and_the_next_call_works(
    client: "AppflowClient", endpoint: str
) -> None:
    client.create_flow(**flow())
    set_fault(endpoint, operation="UpdateFlow", when="after")

    with pytest.raises(ConnectionClosedError):
        client.update_flow(**flow(description="done all the same"))

    assert client.describe_flow(flowName="orders")["description"] == "done all the same"


def test_a_bare_status_reaches_boto3_as_its_number(client: "AppflowClient", endpoint: str) -> None:
    set_fault(endpoint, operation="ListFlows", error="", status=429)

    assert refusal(client.list_flows)[:2] == ("429", 429)


def test_calls_at_the_same_time_all_count(client: "AppflowClient", endpoint: str) -> None:
    def create(number: int) -> str:
        return client.create_flow(**flow(flowName=f"flow-{number % 20}"))["flowArn"]

    def attempt(number: int) -> str | None:
        try:
            return create(number)
        except client.exceptions.ConflictException:
            return None

    with ThreadPoolExecutor(8) as pool:
        made = [arn for arn in pool.map(attempt, range(40)) if arn]

    assert len(made) == len(set(made)) == len(client.list_flows()["flows"]) == 20
    counts = requests.get(f"{endpoint}/moto-api/appflow/calls", timeout=5).json()["counts"]
    assert counts["CreateFlow"] == 40


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "list-everything"), ("GET", "create-flow"), ("PUT", "tags/a")]
)
def test_an_unknown_operation_gets_a_json_response(endpoint: str, method: str, path: str) -> None:

    answer = requests.request(method, f"{endpoint}/{path}", headers=SIGNED, timeout=5)

    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (404, "UnknownOperationException")
    assert answer.json() == {"message": f"AppFlow has no operation {method} /{path}."}


def test_a_call_has_the_service_to_itself(client: "AppflowClient") -> None:
    backend = appflow_backends[ACCOUNT][REGION]
    entered: list[bool] = []

    def enter() -> bool:
        if free := backend.lock.acquire(blocking=False):
            backend.lock.release()
        return free

    def while_a_flow_is_made() -> datetime:
        with ThreadPoolExecutor(1) as another:
            entered.append(another.submit(enter).result())
        return NOON

    backend.behaviour = replace(backend.behaviour, clock=while_a_flow_is_made)
    client.create_flow(**flow())

    assert entered[0] is False
