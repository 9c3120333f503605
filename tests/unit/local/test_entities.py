"""The objects of connectors: standard ones, those that were described, and the fields that flows use."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from appflow_gitops_local.appflow.behaviour import Behaviour
from appflow_gitops_local.appflow.entities import Entities, EntityDescription, entity_from_json

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEHAVIOUR = Behaviour(clock=lambda: NOON)
COMPARISONS = ["EQUAL_TO", "NOT_EQUAL_TO"]
RANGES = ["LESS_THAN", "GREATER_THAN", "BETWEEN", "LESS_THAN_OR_EQUAL_TO", "GREATER_THAN_OR_EQUAL_TO"]


@pytest.mark.parametrize(
    ("connector", "names"),
    [
        ("Salesforce", ["Account", "Case", "Contact", "Lead", "Opportunity"]),
        ("Servicenow", ["incident", "task"]),
        ("Zendesk", ["tickets", "users"]),
        ("Marketo", []),
    ],
)
def test_a_connector_has_standard_entities_and_those_that_flows_use(connector: str, names: list[str]) -> None:
    assert Entities().names(connector, None, BEHAVIOUR, ()) == names
    assert Entities().names(connector, None, BEHAVIOUR, ("zebra",)) == [*names, "zebra"]


def kinds(connector: str, entity: str, *used: str) -> dict[str, str]:
    found = Entities().fields(connector, None, entity, BEHAVIOUR, used)
    assert found is not None
    return {field["identifier"]: field["supportedFieldTypeDetails"]["v1"]["fieldType"] for field in found}


def test_a_standard_entity_has_its_fields_and_those_that_flows_use() -> None:
    assert kinds("Zendesk", "users", "email", "phone") == {
        "id": "integer",
        "name": "string",
        "email": "string",
        "role": "string",
        "created_at": "datetime",
        "updated_at": "datetime",
        "phone": "string",
    }


def test_another_entity_has_the_fields_of_the_switch_and_those_that_flows_use() -> None:
    assert kinds("Marketo", "leads", "sys_id", "Sys_Updated_On") == {
        "Id": "id",
        "Name": "string",
        "LastModifiedDate": "datetime",
        "sys_id": "id",
        "Sys_Updated_On": "datetime",
    }


@pytest.mark.parametrize(
    ("entity", "name", "operators"),
    [
        ("Account", "Name", [*COMPARISONS, "CONTAINS"]),
        ("Contact", "Email", [*COMPARISONS, "CONTAINS"]),
        ("Account", "Website", [*COMPARISONS, "CONTAINS"]),
        ("Account", "IsDeleted", COMPARISONS),
        ("Account", "Id", COMPARISONS),
        ("Account", "OwnerId", COMPARISONS),
        ("Account", "AnnualRevenue", [*COMPARISONS, *RANGES]),
        ("Account", "NumberOfEmployees", [*COMPARISONS, *RANGES]),
        ("Account", "CreatedDate", [*COMPARISONS, *RANGES]),
        ("Opportunity", "CloseDate", [*COMPARISONS, *RANGES]),
        ("Lead", "Status", [*COMPARISONS, *RANGES]),
        ("Case", "Priority", [*COMPARISONS, *RANGES]),
    ],
)
def test_a_field_is_filtered_by_the_operators_of_its_type(
    entity: str, name: str, operators: list[str]
) -> None:
    fields = Entities().fields("Salesforce", None, entity, BEHAVIOUR, ()) or []
    [field] = [each for each in fields if each["identifier"] == name]
    assert field["supportedFieldTypeDetails"]["v1"]["filterOperators"] == operators


@pytest.mark.parametrize(
    ("entity", "keys", "times"),
    [("incident", ["sys_id"], ["sys_updated_on"]), ("task", ["sys_id"], ["sys_updated_on"])],
)
def test_a_key_and_the_time_of_the_last_change_are_known(
    entity: str, keys: list[str], times: list[str]
) -> None:
    fields = Entities().fields("Servicenow", None, entity, BEHAVIOUR, ()) or []
    assert [field["identifier"] for field in fields if field["isPrimaryKey"]] == keys
    changed = "isTimestampFieldForIncrementalQueries"
    assert [field["identifier"] for field in fields if field["sourceProperties"][changed]] == times


def described(entity: str, *names: str, profile: str | None = None, exists: bool = True) -> EntityDescription:
    fields = [{"identifier": name} for name in names] if exists else None
    return entity_from_json(
        {"connectorType": "Salesforce", "entity": entity, "fields": fields, "connectorProfileName": profile}
    )


def test_a_description_is_of_one_connector_and_of_one_profile_or_of_all() -> None:
    entities = Entities()
    descriptions = [
        described("Item__c", "Id"),
        described("Item__c", "Id", "Beta__c", profile="sandbox"),
        described("Beta__c", "Id", profile="sandbox"),
        described("Case", exists=False),
    ]
    for description in descriptions:
        entities.describe(description)
    assert entities.all() == descriptions
    standard = ["Account", "Contact", "Item__c", "Lead", "Opportunity"]
    assert entities.names("Salesforce", "crm", BEHAVIOUR, ()) == standard
    assert entities.names("Salesforce", "sandbox", BEHAVIOUR, ()) == sorted([*standard, "Beta__c"])
    assert entities.names("Zendesk", "crm", BEHAVIOUR, ()) == ["tickets", "users"]
    assert entities.fields("Salesforce", "crm", "Case", BEHAVIOUR, ()) is None
    assert entities.description("Salesforce", "sandbox", "Item__c") == descriptions[1]
    assert entities.description("Salesforce", "crm", "Item__c") == descriptions[0]
    assert entities.description("Zendesk", "crm", "Item__c") is None
    entities.clear()
    assert entities.all() == []
    assert "Case" in entities.names("Salesforce", "crm", BEHAVIOUR, ())


def test_a_cached_entity_is_that_of_its_profile_and_expires_with_the_switch() -> None:
    entities, later = Entities(), replace(BEHAVIOUR, clock=lambda: NOON + timedelta(seconds=3599))
    expired = replace(BEHAVIOUR, clock=lambda: NOON + timedelta(seconds=3600))

    def number(profile: str, behaviour: Behaviour = BEHAVIOUR) -> int:
        return len(entities.fields("Salesforce", profile, "Item__c", behaviour, ()) or [])

    entities.describe(described("Item__c", "Id"))
    assert number("a") == 1
    entities.describe(described("Item__c", "Id", "Name"))
    assert (number("a", later), number("b"), number("a", expired)) == (1, 2, 2)
    entities.describe(described("Item__c"))
    entities.reset_cache("Salesforce", "a", "Item__c")
    assert (number("a"), number("b")) == (0, 2)
