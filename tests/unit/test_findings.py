"""Findings as data: pointers, and the place that each points to."""

import pytest

from appflow_gitops.findings import Path, Position, parse_pointer, to_pointer
from appflow_gitops.validation.validate import validate

FLOW = """\
flowName: orders
Tasks:
  - taskType: Map
"""


@pytest.mark.parametrize(
    ("path", "pointer"),
    [((), ""), (("tasks", 0, "taskType"), "/tasks/0/taskType"), (("a/b", "c~d", ""), "/a~1b/c~0d/")],
)
def test_a_path_is_a_json_pointer(path: Path, pointer: str) -> None:
    assert to_pointer(path) == pointer
    assert parse_pointer(pointer) == tuple(map(str, path))


def test_a_finding_about_a_name_points_to_the_name() -> None:
    [finding] = [one for one in validate(FLOW.encode(), "orders.yaml").findings if one.pointer == "/Tasks"]
    assert finding.position == Position(2, 1)


def test_a_finding_about_a_value_points_to_the_value() -> None:
    [finding] = [one for one in validate(b'{"flowName": 5}', "a.json").findings if one.pointer == "/flowName"]
    assert finding.position == Position(1, 14)


def test_findings_are_sorted_by_position() -> None:
    places = [one.position for one in validate(FLOW.encode(), "orders.yaml").findings]
    assert places == sorted(place for place in places if place)


@pytest.mark.parametrize(
    ("written", "read"), [("no", "false"), ("10:30:00", "37800"), ("0777", "511"), ("1_000", "1000")]
)
def test_a_value_that_yaml_reads_differently_is_quoted_as_written_in_the_file(
    written: str, read: str
) -> None:
    text = f"flowName: orders\ndescription: {written}\n"
    [finding] = [one for one in validate(text.encode(), "a.yaml").findings if one.pointer == "/description"]
    assert finding.hint == f'add quotes: "{written}"; without them, YAML reads {read}'
