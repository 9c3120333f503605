"""A moto upgrade that moves what register() uses must fail here first."""

import sys

import boto3
import moto
import moto.backend_index
import pytest
from moto import mock_aws

from appflow_gitops_local.appflow import register
from appflow_gitops_local.appflow.register import UnknownMotoError
from integration.appflow.requests import REGION, flow, profile


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


def test_every_mock_starts_with_no_flow() -> None:
    register()
    client = boto3.Session("a", "b", region_name=REGION).client("appflow")
    with mock_aws():
        client.create_connector_profile(**profile())
        client.create_flow(**flow())

    with mock_aws():
        assert client.list_flows()["flows"] == []
