"""Which fields a destination can write: every connector, operation, flag and type."""

import json
from typing import Any

import pytest

from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.fields.check import check_fields, entities_of
from appflow_gitops.validation.fields.entity import Description, EntityKey, MissingEntity, parse_entity
from appflow_gitops.validation.validate import validate
from fakes.connectors import connector_field

OBJECTS = {"SAPOData": "objectPath", "CustomConnector": "entityName"}
"""Connector -> the member that names its object; ``object`` for all others."""
WITH_OPERATION = {"Salesforce", "Zendesk", "SAPOData", "CustomConnector"}
WITH_FIELDS = (*sorted(WITH_OPERATION), "Marketo", "Redshift", "Snowflake", "Honeycode")
SOURCE = EntityKey("Salesforce", "crm", "Account")


def flow(connector: str = "Salesforce", *fields: str, **settings: Any) -> bytes:
    """A flow that maps these fields to fields of the same name."""
    source = {
        "connectorType": "Salesforce",
        "connectorProfileName": "crm",
        "sourceConnectorProperties": {"Salesforce": {"object": "Account"}},
    }
    destination = {
        "connectorType": connector,
        "connectorProfileName": "target",
        "destinationConnectorProperties": {
            connector: {OBJECTS.get(connector, "object"): "Thing", **settings}
        },
    }
    tasks = [{"taskType": "Map", "sourceFields": [name], "destinationField": name} for name in fields]
    return json.dumps(
        {
            "flowName": "accounts",
            "triggerConfig": {"triggerType": "OnDemand"},
            "sourceFlowConfig": source,
            "destinationFlowConfigList": [destination],
            "tasks": tasks or [{"taskType": "Passthrough", "sourceFields": []}],
        }
    ).encode()


def found(
    text: bytes, *fields: dict[str, Any], source: tuple[dict[str, Any], ...] = ()
) -> list[tuple[str, str, str | None]]:
    """Rule, message and hint of the findings about the fields of the destination."""
    [declared] = validate(text, "flow.json", Environment(checks_fields=True)).flows
    target = next(key for key in entities_of(declared) if key != SOURCE)
    known: dict[EntityKey, Description] = {target: parse_entity([*fields])}
    if source:
        known[SOURCE] = parse_entity([*source])
    return [(each.rule, each.message, each.hint) for each in check_fields(declared, known).findings]


def rules(text: bytes, *fields: dict[str, Any], **known: Any) -> list[str]:
    return [rule for rule, _, _ in found(text, *fields, **known)]


REQUIRED = connector_field("Must", destination={"isNullable": False})


@pytest.mark.parametrize("connector", WITH_FIELDS)
def test_only_a_destination_with_operations_inserts_new_records_by_default(connector: str) -> None:
    expected = ["AFG411"] if connector in WITH_OPERATION else []
    assert rules(flow(connector, "City"), connector_field("City"), REQUIRED) == expected


@pytest.mark.parametrize(
    ("operation", "rule"), [("INSERT", ["AFG411"]), ("UPSERT", ["AFG412"]), ("UPDATE", []), ("DELETE", [])]
)
def test_only_an_operation_that_makes_records_requires_fields(operation: str, rule: list[str]) -> None:
    assert rules(flow("Salesforce", writeOperationType=operation), REQUIRED) == rule


@pytest.mark.parametrize(
    ("flags", "required"),
    [
        ({}, True),
        ({"isCreatable": False}, False),
        ({"isCreatable": None}, False),
        ({"isNullable": True}, False),
        ({"isNullable": None}, False),
        ({"isDefaultedOnCreate": True}, False),
        ({"isDefaultedOnCreate": None}, False),
    ],
)
def test_a_field_is_required_if_it_can_be_set_must_be_set_and_has_no_default(
    flags: dict[str, Any], required: bool
) -> None:
    field = connector_field("Must", destination={"isNullable": False, **flags})
    assert rules(flow(), field) == ["AFG411"] * required


@pytest.mark.parametrize(
    ("number", "fields"), [(1, "field 'a'"), (2, "fields 'a', 'b'")], ids=["one", "several"]
)
def test_required_fields_are_named(number: int, fields: str) -> None:
    missing = [connector_field(name, destination={"isNullable": False}) for name in "ab"[:number]]
    assert found(flow(), *missing) == [
        (
            "AFG411",
            f"missing Map task for the required {fields} of Salesforce 'Thing'",
            "add a Map task with this 'destinationField'",
        )
    ]


FLAGS = {"INSERT": "isCreatable", "UPDATE": "isUpdatable", "UPSERT": "isUpsertable", "DELETE": None}


@pytest.mark.parametrize("operation", FLAGS)
@pytest.mark.parametrize("flag", [flag for flag in FLAGS.values() if flag])
def test_a_field_is_writable_by_the_flag_of_the_operation(operation: str, flag: str) -> None:
    city = connector_field("City", destination={flag: False})
    refused = [("AFG410", f"field 'City' of Salesforce 'Thing' cannot be written by {operation}")]
    assert [
        (rule, message)
        for rule, message, _ in found(flow("Salesforce", "City", writeOperationType=operation), city)
    ] == (refused if FLAGS[operation] == flag else [])


@pytest.mark.parametrize(
    ("refused", "expected"),
    [
        (["isCreatable", "isUpdatable", "isUpsertable"], True),
        (["isCreatable", "isUpdatable"], False),
        (["isUpdatable", "isUpsertable"], False),
        (["isCreatable", "isUpsertable"], False),
        ([], False),
    ],
)
def test_without_an_operation_a_field_is_refused_that_no_operation_can_write(
    refused: list[str], expected: bool
) -> None:
    city = connector_field("City", destination=dict.fromkeys(refused, False))
    message = "field 'City' of Marketo 'Thing' cannot be written by any operation"
    hint = "remove the Map task, or write another field"
    assert found(flow("Marketo", "City"), city) == [("AFG410", message, hint)] * expected


TYPES = {
    "number": "integer int long double float decimal number bigint bigdecimal biginteger currency percent short byte",
    "time": "datetime date timestamp time",
    "boolean": "boolean bool",
}


def mapped(read: str | None, written: str | None) -> list[str]:
    field = {"identifier": "City"}
    source, target = (
        {**field, "supportedFieldTypeDetails": {"v1": {"fieldType": kind}}} if kind else field
        for kind in (read, written)
    )
    return rules(flow("Marketo", "City"), target, source=(source,))


@pytest.mark.parametrize("name", [name for names in TYPES.values() for name in names.split()])
def test_a_type_fits_its_own_kind_and_text_only(name: str) -> None:
    own = next(kind for kind, names in TYPES.items() if name in names.split())
    for kind, other in (("number", "long"), ("time", "date"), ("boolean", "bool"), (None, "string")):
        expected = [] if kind in (own, None) else ["AFG408"]
        assert mapped(name, other) == mapped(other, name) == mapped(name.upper(), other) == expected


@pytest.mark.parametrize("name", ["struct", "object", "map", "list", "array", "bytearray", "base64"])
def test_a_structure_fits_its_own_type_only(name: str) -> None:
    assert mapped(name, name.upper()) == []
    for other in ("long", "string", "other", {"map": "list"}.get(name, "map")):
        assert mapped(name, other) == ["AFG408"]
    assert mapped("long", name) == ["AFG408"]
    assert mapped("string", name) == []
    assert mapped(name, None) == mapped(None, name) == []


def test_types_that_do_not_fit_are_both_named() -> None:
    text = flow("Marketo", "City")
    assert found(text, connector_field("City", "date"), source=(connector_field("City", "long"),)) == [
        (
            "AFG408",
            "field 'City' of Marketo 'Thing' has the type 'date', the source field 'City' has 'long'",
            "map it to a field of its own type, or to text",
        )
    ]


def test_the_type_of_a_result_of_several_fields_is_unknown() -> None:
    text = flow("Marketo", "City").replace(b'"sourceFields": ["City"]', b'"sourceFields": ["City", "City"]')
    assert rules(text, connector_field("City", "date"), source=(connector_field("City", "long"),)) == []


@pytest.mark.parametrize(
    ("members", "operation", "hint"),
    [
        ({"isPrimaryKey": True}, "UPSERT", None),
        ({"isPrimaryKey": None}, "UPSERT", None),
        ({"destination": {"supportedWriteOperations": ["UPSERT"]}}, "UPSERT", None),
        ({"isPrimaryKey": False}, "UPSERT", "expected one of: 'Key', 'Other'"),
        (
            {"isPrimaryKey": None, "destination": {"supportedWriteOperations": ["DELETE"]}},
            "UPSERT",
            "expected one of: 'Key', 'Other'",
        ),
        (
            {"isPrimaryKey": None, "destination": {"supportedWriteOperations": ["DELETE"]}},
            "UPDATE",
            "expected one of: 'Key'",
        ),
    ],
)
def test_a_key_is_the_primary_one_or_one_for_the_operation(
    members: dict[str, Any], operation: str, hint: str | None
) -> None:
    fields = [
        connector_field("Id", **{"isPrimaryKey": False, **members}),
        connector_field("Key", isPrimaryKey=True),
        connector_field(
            "Other", isPrimaryKey=False, destination={"supportedWriteOperations": ["UPSERT", "DELETE"]}
        ),
    ]
    text = flow("Salesforce", writeOperationType=operation, idFieldNames=["Id"])
    message = f"field 'Id' of Salesforce 'Thing' does not identify records for {operation}"
    assert found(text, *fields) == ([("AFG413", message, hint)] if hint else [])


def test_without_any_key_none_is_suggested() -> None:
    text = flow("Salesforce", writeOperationType="UPSERT", idFieldNames=["Id"])
    [(rule, _, hint)] = found(text, connector_field("Id", isPrimaryKey=False))
    assert (rule, hint) == ("AFG413", None)


@pytest.mark.parametrize("connector", WITH_FIELDS)
def test_an_unknown_object_is_reported_where_the_connector_names_it(connector: str) -> None:
    [declared] = validate(flow(connector), "flow.json", Environment(checks_fields=True)).flows
    target = next(key for key in entities_of(declared) if key != SOURCE)
    assert target == EntityKey(connector, "target", "Thing")
    member = OBJECTS.get(connector, "object")
    for names, hint in (
        ((), None),
        (("Other",), "expected one of: 'Other'"),
        (("Things",), "did you mean 'Things'?"),
    ):
        [finding] = check_fields(declared, {target: MissingEntity(names)}).findings
        assert finding.pointer == (
            f"/destinationFlowConfigList/0/destinationConnectorProperties/{connector}/{member}"
        )
        assert finding.message == f"unknown object 'Thing' in {connector} with profile 'target'"
        assert finding.hint == hint
