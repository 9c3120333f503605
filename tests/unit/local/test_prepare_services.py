"""Before a local cloud starts, AppFlow is a service of moto, and every service is empty."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from moto import backend_index
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from appflow_gitops_local.appflow import Behaviour
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.cloud import prepare_services


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    controls.defaults = Behaviour()
    controls.reset()


@pytest.mark.parametrize(
    ("given", "strict_tasks", "required"),
    [
        ({}, ("CustomConnector",), True),
        ({"strict_tasks": True}, True, True),
        ({"require_resources": False}, ("CustomConnector",), False),
    ],
)
def test_the_switches_are_those_of_a_local_cloud_also_after_a_reset(
    given: dict[str, bool], strict_tasks: Any, *, required: bool
) -> None:
    prepare_services(**given)
    for _ in range(2):
        behaviour = controls.behaviour
        assert behaviour.strict_tasks == strict_tasks
        assert (behaviour.strict_profiles, behaviour.strict_s3_source) == (required, required)
        assert behaviour.invent_fields is False
        controls.reset()


def test_every_service_is_empty_and_appflow_is_one_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    patterns = [each for each in backend_index.backend_url_patterns if each[0] != "appflow"]
    monkeypatch.setattr(backend_index, "backend_url_patterns", patterns)
    for module in ("moto.appflow", "moto.appflow.models", "moto.appflow.urls"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    queues = sqs_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]
    queues.create_queue("left-over", {})
    prepare_services()
    assert "moto.appflow" in sys.modules
    assert [name for name, _ in patterns if name == "appflow"] == ["appflow"]
    assert sqs_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].queues == {}
