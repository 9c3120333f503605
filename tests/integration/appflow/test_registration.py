"""A moto upgrade that moves what register() uses must fail here first."""

import sys
from typing import Any

import boto3
import moto
import moto.backend_index
import pytest
from moto import mock_aws

from appflow_gitops_local.appflow import register
from appflow_gitops_local.appflow.register import UnknownMotoError
from integration.appflow.requests import REGION, flow, profile

register_module: Any = sys.modules[UnknownMotoError.__module__]


def test_moto_serves_appflow_to_a_plain_boto3_client() -> None:
    register()

    with mock_aws():
        client = boto3.client("appflow", region_name=REGION)
        client.create_connector_profile(**profile())
        client.create_flow(**flow())

        assert [entry["flowName"] for entry in client.list_flows()["flows"]] == ["orders"]


def test_registering_again_changes_nothing() -> None:
    register()
    before = list(moto.backend_index.backend_url_patterns)

    register()

    assert list(moto.backend_index.backend_url_patterns) == before


def test_a_moto_that_includes_appflow_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    register()
    monkeypatch.setitem(
        sys.modules,
        "moto.appflow",
        moto,
    )

    with pytest.raises(UnknownMotoError, match="already includes"):
        register()


@pytest.mark.parametrize(
    ("module", "name", "value", "message"),
    [
        (register_module.moto_backends, "get_service_from_url", lambda _: None, "does not look up hosts"),
        (register_module, "url_base", lambda: "https://another", "does not read the URLs"),
    ],
    ids=["hosts", "URLs"],
)
def test_a_moto_that_finds_services_in_another_way_is_rejected(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, value: object, message: str
) -> None:
    register()
    monkeypatch.setattr(module, name, value)
    with pytest.raises(UnknownMotoError, match=message):
        register_module._check()


def test_a_moto_without_its_table_of_urls_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_module, "backend_index", None)
    with pytest.raises(UnknownMotoError, match="backend_url_patterns"):
        register_module._route()


def test_every_mock_starts_with_no_flow() -> None:
    register()
    client = boto3.Session("a", "b", region_name=REGION).client("appflow")
    with mock_aws():
        client.create_connector_profile(**profile())
        client.create_flow(**flow())

    with mock_aws():
        assert client.list_flows()["flows"] == []
