"""JSON of the control API is read strictly by the types of a dataclass."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from appflow_gitops_local.appflow.json_values import read_members, read_record


@dataclass
class Record:
    name: str
    number: int = 0
    share: float = 0.5
    on: bool = False
    mode: Literal["slow", "quick"] = "slow"
    limit: int | None = None
    names: tuple[str, ...] = ()
    either: bool | tuple[str, ...] = False
    members: dict[str, Any] | None = None
    objects: tuple[dict[str, Any], ...] | None = None


@pytest.mark.parametrize(
    ("member", "value", "read"),
    [
        ("number", 0, 0),
        ("number", 3, 3),
        ("share", 1, 1),
        ("share", 0.0, 0.0),
        ("on", True, True),
        ("mode", "quick", "quick"),
        ("limit", None, None),
        ("limit", 5, 5),
        ("names", [], ()),
        ("names", ["a", "b"], ("a", "b")),
        ("either", True, True),
        ("either", ["a"], ("a",)),
        ("members", {"a": 1}, {"a": 1}),
        ("objects", [{"a": 1}], ({"a": 1},)),
    ],
)
def test_a_value_of_its_type_is_read(member: str, value: object, read: object) -> None:
    record = read_record(Record, {"name": "it", member: value})
    assert (record.name, getattr(record, member)) == ("it", read)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([], "expected a JSON object"),
        (None, "expected a JSON object"),
        ({}, "missing member 'name'"),
        (
            {"name": "it", "nmber": 1},
            "unknown member 'nmber', expected one of: "
            + ", ".join(
                ("name", "number", "share", "on", "mode", "limit", "names", "either", "members", "objects")
            ),
        ),
        ({"name": 5}, "name: expected a string"),
        ({"name": None}, "name: expected a string"),
        ({"number": 1.0}, "number: expected an integer"),
        ({"number": True}, "number: expected an integer"),
        ({"number": -1}, "number: expected a number that is not negative"),
        ({"share": -0.1}, "share: expected a number that is not negative"),
        ({"share": True}, "share: expected a number"),
        ({"share": "1"}, "share: expected a number"),
        ({"share": float("inf")}, "share: expected a number"),
        ({"share": float("nan")}, "share: expected a number"),
        ({"on": 1}, "on: expected true or false"),
        ({"mode": "fast"}, "mode: expected one of: slow, quick"),
        ({"mode": 1}, "mode: expected one of: slow, quick"),
        ({"mode": ["slow"]}, "mode: expected one of: slow, quick"),
        ({"limit": "1"}, "limit: expected an integer or null"),
        ({"names": "a"}, "names: expected a list"),
        ({"names": ["a", 1]}, "names: expected a list"),
        ({"either": 1}, "either: expected true or false or a list"),
        ({"members": []}, "members: expected an object or null"),
        ({"objects": [1]}, "objects: expected a list or null"),
    ],
)
def test_any_other_value_is_named_with_what_was_expected(members: object, message: str) -> None:
    with pytest.raises(ValueError, match=r"expected|missing") as raised:
        read_record(Record, members)
    assert str(raised.value) == message


def test_members_may_have_other_names_and_some_may_be_negative() -> None:
    names = {"theNumber": "number", "theShare": "share"}
    read = read_members(Record, names, {"theNumber": -1, "theShare": 0}, negative={"theNumber"})
    assert read == {"number": -1, "share": 0}
    with pytest.raises(ValueError, match=r"^theShare: expected a number that is not negative$"):
        read_members(Record, names, {"theShare": -1}, negative={"theNumber"})
