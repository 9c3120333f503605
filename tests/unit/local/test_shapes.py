"""Values are checked against the model of the API: types, limits and the words of AWS."""

from typing import Any

import pytest

from appflow_gitops_local.appflow.exceptions import SerializationException, ValidationException
from appflow_gitops_local.appflow.shapes import read_request, read_value


def failed(value: str, constraint: str) -> str:
    return f"Value {value} at 'it' failed to satisfy constraint: {constraint}"


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        ("MaxResults", 1),
        ("MaxResults", 100),
        ("MaxResults", 5.0),
        ("ScheduleOffset", 0),
        ("ScheduleOffset", 36000),
        ("FlowErrorDeactivationThreshold", 1),
        ("FlowErrorDeactivationThreshold", 100),
        ("FlowName", "ab"),
        ("FlowName", "a" * 256),
        ("TagMap", {}),
        ("TagMap", {f"k{number}": "" for number in range(50)}),
        ("TagKeyList", ["k"]),
        ("Boolean", False),
        ("Date", 1.5),
        ("Date", 0),
        ("Long", 5),
        ("Double", 1),
        ("Double", 1.5),
    ],
)
def test_a_value_within_the_limits_of_its_shape_is_read(shape: str, value: Any) -> None:
    assert read_value(shape, value, "it") == value


@pytest.mark.parametrize(
    ("shape", "value", "message"),
    [
        ("MaxResults", 0, failed("'0'", "Member must have value greater than or equal to 1")),
        ("MaxResults", 101, failed("'101'", "Member must have value less than or equal to 100")),
        ("ScheduleOffset", -1, failed("'-1'", "Member must have value greater than or equal to 0")),
        (
            "FlowName",
            "a" * 257,
            failed(f"'{'a' * 257}'", "Member must have length less than or equal to 256"),
        ),
        (
            "TagKeyList",
            ["a", None],
            "Value null at 'it.2.member' failed to satisfy constraint: Member must not be null",
        ),
        (
            "TagMap",
            {"aws:a": "b", "c": "d"},
            failed(
                "'{aws:a=b, c=d}'",
                "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: "
                "^(?!aws:)[a-zA-Z+-=._:/]+$]",
            ),
        ),
        (
            "TriggerType",
            "Hourly",
            failed("'Hourly'", "Member must satisfy enum value set: [Scheduled, Event, OnDemand]"),
        ),
        ("MaxResults", "5", "it: STRING_VALUE can not be converted to an Integer"),
        ("MaxResults", True, "it: BOOLEAN_VALUE can not be converted to an Integer"),
        ("MaxResults", 1.5, "it: NUMBER_VALUE can not be converted to an Integer"),
        ("Boolean", 1, "it: NUMBER_VALUE can not be converted to a Boolean"),
        ("Boolean", None, "it: NULL_VALUE can not be converted to a Boolean"),
        ("FlowName", 5, "it: NUMBER_VALUE can not be converted to a String"),
        ("FlowName", [], "it: START_ARRAY_VALUE can not be converted to a String"),
        ("Date", "1", "it: STRING_VALUE can not be converted to a Timestamp"),
        ("Date", True, "it: BOOLEAN_VALUE can not be converted to a Timestamp"),
        ("Double", "1", "it: STRING_VALUE can not be converted to a Double"),
        ("Double", True, "it: BOOLEAN_VALUE can not be converted to a Double"),
        ("TagMap", [], "it: START_ARRAY_VALUE can not be converted to a Map"),
        ("TagKeyList", {}, "it: START_OBJECT_VALUE can not be converted to a List"),
        ("Tasks", [1], "it: NUMBER_VALUE can not be converted to a Structure"),
    ],
)
def test_a_value_beyond_them_or_of_another_type_is_named(shape: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=r"failed|converted") as raised:
        read_value(shape, value, "it")
    assert str(raised.value) == message


def test_several_violations_are_one_error() -> None:
    with pytest.raises(ValueError, match=r"failed|converted") as raised:
        read_value("TagKeyList", [None, None], "it")
    assert str(raised.value).count("; ") == 1


def test_unknown_and_null_members_are_dropped_and_required_ones_missed() -> None:
    assert read_request("ListFlows", {"maxResults": 5, "nextToken": None, "color": "red"}) == {
        "maxResults": 5
    }
    assert read_request("ListFlows", {}) == {}
    with pytest.raises(ValidationException, match="1 validation error detected: Value null at 'flowName'"):
        read_request("DescribeFlow", {"flowName": None})
    with pytest.raises(ValidationException, match="5 validation errors detected: "):
        read_request("UpdateFlow", {})
    with pytest.raises(SerializationException, match="STRING_VALUE can not be converted to a Structure"):
        read_request("ListFlows", "text")
