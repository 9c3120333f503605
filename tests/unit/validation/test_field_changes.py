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
