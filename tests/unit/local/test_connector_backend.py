"""Connectors, their profiles and their entities, asked of the backend itself."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.entities import EntityDescription
from appflow_gitops_local.appflow.exceptions import (
    ConflictException,
    ResourceNotFoundException,
    ValidationException,
)
from appflow_gitops_local.appflow.models import AppFlowBackend

LAMBDA = {"lambda": {"lambdaArn": "arn:aws:lambda:us-east-1:123456789012:function:it"}}


@pytest.fixture
def backend() -> Iterator[AppFlowBackend]:
    controls.reset()
    yield AppFlowBackend("us-east-1", "123456789012")
    controls.reset()


def lenient(backend: AppFlowBackend) -> None:
    backend.behaviour = replace(backend.behaviour, strict_profiles=False, strict_s3_source=False)


def create(
    backend: AppFlowBackend, name: str, connector: str = "Salesforce", label: str | None = None
) -> None:
    labelled = {} if label is None else {"connectorLabel": label}
    backend.create_connector_profile(
        {
            "connectorProfileName": name,
            "connectorType": connector,
            "connectionMode": "Public",
            "connectorProfileConfig": {"connectorProfileProperties": {}},
            **labelled,
        }
    )


def flow(name: str = "orders", **members: Any) -> dict[str, Any]:
    salesforce = {"connectorType": "Salesforce", "connectorProfileName": "crm"}
    return {
        "flowName": name,
        "triggerConfig": {"triggerType": "OnDemand"},
        "sourceFlowConfig": {
            **salesforce,
            "sourceConnectorProperties": {"Salesforce": {"object": "Item__c"}},
        },
        "destinationFlowConfigList": [
            {**salesforce, "destinationConnectorProperties": {"Salesforce": {"object": "Stock__c"}}}
        ],
        "tasks": [
            {
                "taskType": "Map",
                "sourceFields": ["Depot__c", "with blank"],
                "destinationField": "Shelf__c",
                "taskProperties": {},
            }
        ],
        **members,
    }


def profiles(backend: AppFlowBackend, **request: Any) -> list[str]:
    found = backend.describe_connector_profiles(request)["connectorProfileDetails"]
    return [entry["connectorProfileName"] for entry in found]


def test_profiles_are_selected_by_name_type_and_label(backend: AppFlowBackend) -> None:
    create(backend, "a")
    create(backend, "b", "CustomConnector", "BigQuery")
    create(backend, "c", "CustomConnector", "Other")
    assert profiles(backend) == profiles(backend, connectorProfileNames=[]) == ["a", "b", "c"]
    assert profiles(backend, connectorProfileNames=["a", "c"]) == ["a", "c"]
    assert profiles(backend, connectorType="CustomConnector") == ["b", "c"]
    assert profiles(backend, connectorType="CustomConnector", connectorLabel="Other") == ["c"]
    assert profiles(backend, connectorLabel="unknown") == []


def test_a_profile_is_described_with_the_times_of_its_creation_and_last_update(
    backend: AppFlowBackend,
) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    backend.behaviour = replace(backend.behaviour, clock=lambda: noon)
    create(backend, "b", "CustomConnector", "BigQuery")
    backend.behaviour = replace(backend.behaviour, clock=lambda: noon + timedelta(minutes=1))
    properties = {"connectorProfileProperties": {"CustomConnector": {"profileProperties": {"a": "b"}}}}
    request = {"connectorProfileName": "b", "connectionMode": "Private", "connectorProfileConfig": properties}
    arn = "arn:aws:appflow:us-east-1:123456789012:connectorprofile/b"
    assert backend.update_connector_profile(request) == {"connectorProfileArn": arn}
    assert backend.describe_connector_profiles({}) == {
        "connectorProfileDetails": [
            {
                "connectorProfileArn": arn,
                "connectorProfileName": "b",
                "connectorType": "CustomConnector",
                "connectorLabel": "BigQuery",
                "connectionMode": "Private",
                "connectorProfileProperties": properties["connectorProfileProperties"],
                "createdAt": 1772366400.0,
                "lastUpdatedAt": 1772366460.0,
            }
        ]
    }


def test_a_hundred_profiles_are_on_a_page(backend: AppFlowBackend) -> None:
    for number in range(101):
        create(backend, f"profile-{number:03}")
    first = backend.describe_connector_profiles({})
    assert len(first["connectorProfileDetails"]) == 100
    assert profiles(backend, nextToken=first["nextToken"]) == ["profile-100"]
    assert "nextToken" not in backend.describe_connector_profiles({"maxResults": 101})


def test_ten_thousand_entities_are_on_a_page(backend: AppFlowBackend) -> None:
    create(backend, "crm", "Marketo")
    for number in range(10_001):
        controls.entities.describe(EntityDescription("Marketo", f"entity-{number:05}", ()))
    first = backend.list_connector_entities({"connectorProfileName": "crm"})
    assert len(first["connectorEntityMap"]["Objects"]) == 10_000
    second = backend.list_connector_entities({"connectorProfileName": "crm", "nextToken": first["nextToken"]})
    assert second == {
        "connectorEntityMap": {
            "Objects": [{"name": "entity-10000", "label": "entity-10000", "hasNestedEntities": False}]
        }
    }


def test_no_entity_contains_others(backend: AppFlowBackend) -> None:
    create(backend, "crm")
    request = {"connectorProfileName": "crm", "entitiesPath": "Objects/Account"}
    assert backend.list_connector_entities(request) == {"connectorEntityMap": {}}


def test_a_profile_that_flows_use_names_them_when_it_is_to_be_deleted(backend: AppFlowBackend) -> None:
    for name in ("crm", "unused", "s3"):
        create(backend, name)
    lenient(backend)
    s3 = {"connectorType": "S3", "connectorProfileName": "s3"}
    destination = {**s3, "destinationConnectorProperties": {"S3": {"bucketName": "lake"}}}
    for name in ("zebra", "ant"):
        backend.create_flow(flow(name, destinationFlowConfigList=[destination]))
    with pytest.raises(ConflictException, match=r"crm is used by the flows: ant, zebra"):
        backend.delete_connector_profile({"connectorProfileName": "crm"})
    backend.delete_connector_profile({"connectorProfileName": "unused"})
    backend.delete_connector_profile({"connectorProfileName": "s3"})
    backend.delete_connector_profile({"connectorProfileName": "crm", "forceDelete": True})
    assert profiles(backend) == []


def register(backend: AppFlowBackend, label: str, **members: Any) -> None:
    backend.register_connector(
        {
            "connectorLabel": label,
            "connectorProvisioningType": "LAMBDA",
            "connectorProvisioningConfig": LAMBDA,
            **members,
        }
    )


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"connectorLabel": None}, "connectorLabel"),
        ({"connectorProvisioningType": None}, "connectorProvisioningType"),
        ({"connectorProvisioningConfig": None}, "connectorProvisioningConfig"),
        ({"connectorProvisioningConfig": {}}, "lambda"),
    ],
)
def test_a_registration_names_the_member_that_it_needs(
    backend: AppFlowBackend, change: dict[str, Any], missing: str
) -> None:
    request = {
        "connectorLabel": "BigQuery",
        "connectorProvisioningType": "LAMBDA",
        "connectorProvisioningConfig": LAMBDA,
        **change,
    }
    with pytest.raises(ValidationException, match=f"{missing} is required"):
        backend.register_connector({name: value for name, value in request.items() if value is not None})


def test_a_connector_that_profiles_use_names_them_when_it_is_to_be_removed(backend: AppFlowBackend) -> None:
    for label in ("BigQuery", "Other"):
        register(backend, label)
    for name in ("zebra", "ant"):
        create(backend, name, "CustomConnector", "BigQuery")
    with pytest.raises(ConflictException, match=r"BigQuery is used by the connector profiles: ant, zebra"):
        backend.unregister_connector({"connectorLabel": "BigQuery"})
    backend.unregister_connector({"connectorLabel": "Other"})
    backend.unregister_connector({"connectorLabel": "BigQuery", "forceDelete": True})
    assert backend.list_connectors({}) == {"connectors": []}


def test_an_update_of_a_registration_replaces_what_it_names(backend: AppFlowBackend) -> None:
    register(backend, "BigQuery", description="before")
    backend.update_connector_registration({"connectorLabel": "BigQuery", "description": "after"})
    request = {"connectorType": "CustomConnector", "connectorLabel": "BigQuery"}
    described = backend.describe_connector(request)["connectorConfiguration"]
    assert (described["connectorDescription"], described["connectorProvisioningConfig"]) == ("after", LAMBDA)
    [listed] = backend.list_connectors({})["connectors"]
    assert {name: described[name] for name in listed if name in described} == {
        name: value for name, value in listed.items() if name in described
    }
    assert set(listed) - set(described) == {"applicationType"}


def test_a_custom_connector_is_described_by_its_label_only(backend: AppFlowBackend) -> None:
    with pytest.raises(ValidationException, match="connectorLabel is required for CustomConnector"):
        backend.describe_connector({"connectorType": "CustomConnector"})


def test_the_fields_of_both_ends_of_a_flow_are_in_use(backend: AppFlowBackend) -> None:
    create(backend, "crm")
    create(backend, "other")
    backend.create_flow(flow())

    def extra(entity: str, profile: str = "crm") -> set[str]:
        request = {"connectorProfileName": profile, "connectorEntityName": entity}
        fields = backend.describe_connector_entity(request)["connectorEntityFields"]
        return {field["identifier"] for field in fields} - {"Id", "Name", "LastModifiedDate"}

    assert (extra("Item__c"), extra("Stock__c")) == ({"Depot__c"}, {"Shelf__c"})
    assert extra("Item__c", "other") == set()
    names = backend.list_connector_entities({"connectorProfileName": "crm"})["connectorEntityMap"]["Objects"]
    assert {"Item__c", "Stock__c"} <= {entry["name"] for entry in names}


def test_fields_in_use_are_sorted(backend: AppFlowBackend) -> None:
    create(backend, "crm")
    task = {"taskType": "Map", "sourceFields": list("FEDCBA"), "destinationField": "x", "taskProperties": {}}
    backend.create_flow(flow(tasks=[task]))
    request = {"connectorProfileName": "crm", "connectorEntityName": "Item__c"}
    fields = backend.describe_connector_entity(request)["connectorEntityFields"]
    assert [field["identifier"] for field in fields][3:] == list("ABCDEF")


ANY = {"connectorEntityName": "Account"}


@pytest.mark.parametrize(
    ("strict", "members", "error"),
    [
        (True, {"connectorProfileName": "crm"}, None),
        (True, {"connectorProfileName": "crm", "connectorType": "Salesforce"}, None),
        (True, {"connectorProfileName": "crm", "connectorType": "Zendesk"}, ValidationException),
        (True, {"connectorProfileName": "unknown"}, ResourceNotFoundException),
        (True, {"connectorProfileName": "unknown", "connectorType": "Zendesk"}, ResourceNotFoundException),
        (True, {"connectorType": "Zendesk"}, ValidationException),
        (True, {"connectorType": "S3"}, None),
        (True, {}, ValidationException),
        (False, {}, ValidationException),
        (False, {"connectorType": "Zendesk"}, None),
        (False, {"connectorProfileName": "unknown"}, ResourceNotFoundException),
        (False, {"connectorProfileName": "unknown", "connectorType": "Zendesk"}, None),
        (False, {"connectorProfileName": "crm", "connectorType": "Zendesk"}, None),
    ],
)
def test_an_entity_is_of_a_connector_and_a_profile_that_fit(
    backend: AppFlowBackend, members: dict[str, str], error: type[Exception] | None, *, strict: bool
) -> None:
    create(backend, "crm")
    if not strict:
        lenient(backend)
    if error is None:
        assert backend.describe_connector_entity({**ANY, **members})["connectorEntityFields"]
    else:
        with pytest.raises(error):
            backend.describe_connector_entity({**ANY, **members})
