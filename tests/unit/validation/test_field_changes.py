"""The changes between two descriptions of an object: each changed field once, with what changed."""

from typing import Any

import pytest

from appflow_gitops.validation.fields.changes import ChangeKind, FieldChange, compare_entities
from appflow_gitops.validation.fields.entity import parse_entity
from fakes.connectors import connector_field

CITY = connector_field("City")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([CITY], [CITY], ()),
        ([CITY], [], (FieldChange(ChangeKind.REMOVED, "City", before="string"),)),
        ([], [CITY], (FieldChange(ChangeKind.ADDED, "City", after="string"),)),
        ([CITY], [connector_field("City", "id")], (FieldChange(ChangeKind.RETYPED, "City", "string", "id"),)),
        (
            [CITY],
            [connector_field("City", source={"isQueryable": False}, isDeprecated=True)],
            (FieldChange(ChangeKind.CHANGED, "City", properties=("isDeprecated", "isQueryable")),),
        ),
        ([CITY], [connector_field("City", operators=("CONTAINS", "EQUAL_TO"), label="Town")], ()),
    ],
    ids=["none", "removed", "added", "retyped", "changed", "order and label"],
)
def test_changes_are_found(before: Any, after: Any, expected: tuple[FieldChange, ...]) -> None:
    assert compare_entities(parse_entity(before), parse_entity(after)) == expected


PROPERTIES: list[tuple[str, dict[str, Any]]] = [
    ("isPrimaryKey", {"isPrimaryKey": True}),
    ("isDeprecated", {"isDeprecated": True}),
    ("filterOperators", {"operators": ("EQUAL_TO",)}),
    ("supportedValues", {"values": ("Bonn",)}),
    ("isRetrievable", {"source": {"isRetrievable": False}}),
    ("isQueryable", {"source": {"isQueryable": False}}),
    ("isTimestampFieldForIncrementalQueries", {"source": {"isTimestampFieldForIncrementalQueries": True}}),
    ("isCreatable", {"destination": {"isCreatable": False}}),
    ("isNullable", {"destination": {"isNullable": False}}),
    ("isUpsertable", {"destination": {"isUpsertable": False}}),
    ("isUpdatable", {"destination": {"isUpdatable": False}}),
    ("isDefaultedOnCreate", {"destination": {"isDefaultedOnCreate": True}}),
    ("supportedWriteOperations", {"destination": {"supportedWriteOperations": ["UPSERT"]}}),
]


@pytest.mark.parametrize(("name", "members"), PROPERTIES, ids=[name for name, _ in PROPERTIES])
def test_a_change_of_each_property_is_found_by_its_name(name: str, members: dict[str, Any]) -> None:
    changed = parse_entity([connector_field("City", **members)])
    expected = FieldChange(ChangeKind.CHANGED, "City", properties=(name,))
    assert compare_entities(parse_entity([CITY]), changed) == (expected,)


def test_changes_are_ordered_by_field() -> None:
    fields = [connector_field(name) for name in ("Zip", "City", "Name")]
    assert [change.field for change in compare_entities(parse_entity([]), parse_entity(fields))] == [
        "City",
        "Name",
        "Zip",
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (FieldChange(ChangeKind.REMOVED, "City", before="string"), "City (string)"),
        (FieldChange(ChangeKind.ADDED, "City", after="string"), "City (string)"),
        (FieldChange(ChangeKind.ADDED, "City"), "City"),
        (FieldChange(ChangeKind.RETYPED, "City", "string", "id"), "City: string -> id"),
        (FieldChange(ChangeKind.CHANGED, "City", properties=("a", "b")), "City: a, b"),
    ],
)
def test_a_change_is_shown_with_what_changed(change: FieldChange, expected: str) -> None:
    assert str(change) == expected
