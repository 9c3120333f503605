"""Connector entities, their fields, and the cache of both."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from integration.appflow.controls import Clock, control
from integration.appflow.requests import MAP_ALL, MAP_ID, PROJECTION, flow, profile, refusal, source

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient

ACCOUNT_ENTITY = {"connectorType": "Salesforce", "connectorProfileName": "source-profile"}


@pytest.fixture(autouse=True)
def one_profile(appflow: "AppflowClient") -> None:
    appflow.create_connector_profile(**profile())


def set_fields(*names: str, entity: str = "Account", **members: Any) -> None:
    """Describe an entity."""
    fields = [{"identifier": name} for name in names]
    status, answer = control(
        "POST", "entities", {"connectorType": "Salesforce", "entity": entity, "fields": fields, **members}
    )
    assert status == 200, answer


def field_names(appflow: "AppflowClient", entity: str = "Account", **members: Any) -> list[str]:
    asked = members or ACCOUNT_ENTITY
    fields = appflow.describe_connector_entity(connectorEntityName=entity, **asked)["connectorEntityFields"]
    return [field["identifier"] for field in fields]


def entity_names(appflow: "AppflowClient", **members: Any) -> list[str]:
    (group,) = appflow.list_connector_entities(**ACCOUNT_ENTITY, **members)["connectorEntityMap"].values()
    return [entity["name"] for entity in group]


def test_a_described_entity_is_returned_as_defined(appflow: "AppflowClient") -> None:
    field = {
        "identifier": "Region__c",
        "label": "Region",
        "isPrimaryKey": False,
        "supportedFieldTypeDetails": {
            "v1": {
                "fieldType": "picklist",
                "filterOperators": ["EQUAL_TO"],
                "supportedValues": ["EMEA", "APAC"],
            }
        },
        "sourceProperties": {"isRetrievable": True, "isQueryable": False},
        "destinationProperties": {"isNullable": False, "supportedWriteOperations": ["UPSERT"]},
    }
    entity = {**ACCOUNT_ENTITY, "entity": "Account", "fields": [field]}

    shown = control("POST", "entities", entity)[1]

    assert shown == {"entities": [entity]}
    answer = appflow.describe_connector_entity(connectorEntityName="Account", **ACCOUNT_ENTITY)
    assert answer["connectorEntityFields"] == [field]


def test_a_description_is_for_one_profile_or_for_all(appflow: "AppflowClient") -> None:
    appflow.create_connector_profile(**profile("sandbox"))
    set_fields("Id")
    set_fields("Id", "Beta__c", connectorProfileName="sandbox")

    assert field_names(appflow) == ["Id"]
    assert field_names(appflow, connectorProfileName="sandbox") == ["Id", "Beta__c"]


def test_standard_entities_have_realistic_fields(appflow: "AppflowClient") -> None:
    fields = appflow.describe_connector_entity(connectorEntityName="Account", **ACCOUNT_ENTITY)[
        "connectorEntityFields"
    ]
    by_name = {field["identifier"]: field for field in fields}

    assert by_name["Id"]["isPrimaryKey"] is True
    assert by_name["Id"]["destinationProperties"]["isCreatable"] is False
    assert by_name["LastModifiedDate"]["sourceProperties"]["isTimestampFieldForIncrementalQueries"] is True
    assert by_name["AnnualRevenue"]["supportedFieldTypeDetails"]["v1"]["fieldType"] == "double"


@pytest.mark.parametrize(
    ("name", "writable", "operations"),
    [("Id", False, ["UPSERT", "UPDATE", "DELETE"]), ("Name", True, []), ("LastModifiedDate", False, [])],
)
def test_an_invented_field_can_be_read_and_queried_and_keys_and_times_not_written(
    appflow: "AppflowClient", name: str, *, writable: bool, operations: list[str]
) -> None:
    described = appflow.describe_connector_entity(connectorEntityName="Account", **ACCOUNT_ENTITY)
    [field] = [each for each in described["connectorEntityFields"] if each["identifier"] == name]
    assert (field["label"], field["isPrimaryKey"], field["isDeprecated"]) == (name, name == "Id", False)
    assert field["sourceProperties"] == {
        "isRetrievable": True,
        "isQueryable": True,
        "isTimestampFieldForIncrementalQueries": name == "LastModifiedDate",
    }
    assert field["destinationProperties"] == {
        "isCreatable": writable,
        "isNullable": writable,
        "isUpsertable": writable,
        "isUpdatable": writable,
        "isDefaultedOnCreate": not writable,
        "supportedWriteOperations": operations,
    }


def test_other_entities_have_the_fields_that_flows_use(appflow: "AppflowClient") -> None:
    projection = {**PROJECTION, "sourceFields": ["Id", "Stock__c"]}
    mapped = {**MAP_ID, "sourceFields": ["Stock__c"]}
    appflow.create_flow(**flow(sourceFlowConfig=source(object="Item__c"), tasks=[projection, mapped]))

    assert field_names(appflow, "Item__c") == ["Id", "Name", "LastModifiedDate", "Stock__c"]
    assert "Item__c" in entity_names(appflow)


def test_map_all_expands_to_the_fields_of_a_described_source(appflow: "AppflowClient") -> None:
    set_fields("Id", "Region__c")
    appflow.create_flow(**flow(tasks=[MAP_ALL]))

    tasks = appflow.describe_flow(flowName="orders")["tasks"]

    mapped = {field for task in tasks if task["taskType"] == "Map" for field in task["sourceFields"]}
    assert mapped == {"Id", "Region__c"}


def test_entities_are_listed_in_pages(appflow: "AppflowClient") -> None:
    set_fields("Id", entity="Item__c")
    names = entity_names(appflow)
    assert {"Account", "Item__c"} <= set(names)

    first = appflow.list_connector_entities(**ACCOUNT_ENTITY, maxResults=2)
    assert entity_names(appflow, maxResults=2) == names[:2]
    assert entity_names(appflow, nextToken=first["nextToken"]) == names[2:]


def test_metadata_are_cached_for_an_hour(appflow: "AppflowClient", clock: Clock) -> None:
    set_fields("Id")
    assert field_names(appflow) == ["Id"]
    set_fields("Id", "Name")

    clock.forward(minutes=59)
    assert field_names(appflow) == ["Id"]
    clock.forward(minutes=1)
    assert field_names(appflow) == ["Id", "Name"]


def test_a_reset_clears_the_cache_of_an_entity_or_of_the_list(appflow: "AppflowClient") -> None:
    field_names(appflow)
    entity_names(appflow)
    set_fields("Id")
    set_fields("Id", entity="Item__c")

    appflow.reset_connector_metadata_cache(connectorEntityName="Account", **ACCOUNT_ENTITY)
    assert field_names(appflow) == ["Id"]
    assert "Item__c" not in entity_names(appflow)
    appflow.reset_connector_metadata_cache(**ACCOUNT_ENTITY)
    assert "Item__c" in entity_names(appflow)


def test_an_entity_that_no_longer_exists_is_not_found(appflow: "AppflowClient") -> None:
    entity = {"connectorType": "Salesforce", "entity": "Account", "fields": None}
    assert control("POST", "entities", entity)[0] == 200

    assert refusal(appflow.describe_connector_entity, connectorEntityName="Account", **ACCOUNT_ENTITY)[
        :2
    ] == ("ResourceNotFoundException", 404)
    assert "Account" not in entity_names(appflow)


def test_descriptions_are_removed(appflow: "AppflowClient") -> None:
    set_fields("Id")

    assert control("DELETE", "entities") == (200, {"entities": []})
    assert len(field_names(appflow)) > 5


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({}, "ValidationException"),
        ({"connectorType": "Salesforce"}, "ValidationException"),
        ({"connectorType": "Salesforce", "connectorProfileName": "unknown"}, "ResourceNotFoundException"),
        ({"connectorType": "Zendesk", "connectorProfileName": "source-profile"}, "ValidationException"),
    ],
    ids=["neither", "no profile", "unknown profile", "profile of another connector"],
)
def test_the_connector_and_its_profile_must_be_named(
    appflow: "AppflowClient", behave: Callable[..., None], members: dict[str, str], code: str
) -> None:
    behave(strictProfiles=True)

    for call in (appflow.list_connector_entities, appflow.reset_connector_metadata_cache):
        assert refusal(call, **members).code == code
    assert refusal(appflow.describe_connector_entity, connectorEntityName="Account", **members).code == code


@pytest.mark.parametrize(
    "change",
    [
        {"fields": [{}]},
        {"fields": [{"identifier": "a b"}]},
        {"fields": [{"identifier": 5}]},
        {"fields": "Id"},
        {"connectorType": "Salesfroce"},
        {"entity": None},
    ],
    ids=["no name", "blank", "number", "text", "connector", "no entity"],
)
def test_an_invalid_description_is_rejected(change: dict[str, Any]) -> None:
    body = {"connectorType": "Salesforce", "entity": "Account", "fields": [], **change}

    status, answer = control("POST", "entities", body)

    assert (status, list(answer)) == (400, ["message"])


def test_an_entity_that_was_not_described_has_no_fields_if_none_are_invented(
    appflow: "AppflowClient", behave: Callable[..., None]
) -> None:
    behave(inventFields=False)
    set_fields("Id", entity="Contact")
    assert field_names(appflow, "Contact") == ["Id"]
    refused = refusal(appflow.describe_connector_entity, connectorEntityName="Account", **ACCOUNT_ENTITY)
    assert refused.code == "ConnectorServerException"
