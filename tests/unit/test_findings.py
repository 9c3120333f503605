"""Findings as data: pointers, and the place that each points to."""

from typing import Any

import pytest

from appflow_gitops.findings import (
    MAX_EXACT_INTEGER,
    Finding,
    Issue,
    Path,
    Position,
    RuleInfo,
    Severity,
    has_errors,
    located,
    parse_pointer,
    to_pointer,
)
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


class Lines:
    """A locator for which the path is the line, and names are at column 5."""

    def position(self, path: Path) -> Position:
        return Position(int(path[0]), 1)

    def name_position(self, path: Path) -> Position:
        return Position(int(path[0]), 5)


def at(*path: int, severity: Severity = Severity.WARNING, **members: Any) -> Finding:
    return Finding("AFG207", severity, path, "message", **members)


def test_findings_are_located_in_the_order_of_the_file_and_keep_positions_that_they_have() -> None:
    found = located([at(9), at(3, of_name=True), at(3), at(1, position=Position(4, 2))], Lines())
    assert [finding.position for finding in found] == [
        Position(3, 1),
        Position(3, 5),
        Position(4, 2),
        Position(9, 1),
    ]


def test_one_error_among_findings_makes_a_document_invalid() -> None:
    assert not has_errors([])
    assert not has_errors([at(1), at(2)])
    assert has_errors([at(1), at(2, severity=Severity.ERROR), at(3)])


def test_an_issue_that_starts_above_a_value_keeps_its_own_path() -> None:
    issue = Issue(
        RuleInfo("AFG999", Severity.ERROR, "title", "text", "example", "source"), ("c",), "message", "hint"
    )
    assert issue.under(("a", 0)).path == ("a", 0, "c")
    finding = issue.to_finding(Position(1, 2), of_name=True)
    assert finding == Finding(
        "AFG999", Severity.ERROR, ("c",), "message", "hint", Position(1, 2), of_name=True
    )


def test_integers_are_exact_up_to_the_limit_of_ieee_754() -> None:
    assert MAX_EXACT_INTEGER == 9_007_199_254_740_991
