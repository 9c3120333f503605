"""A hostile file is rejected by a limit, with one finding, before it exhausts time or memory."""

import pytest

from appflow_gitops.documents.limits import (
    MAX_ALIASES,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_DIRECTIVES,
    MAX_FINDINGS,
    MAX_FLOWS,
    MAX_VALUES,
)
from appflow_gitops.documents.read import read_document


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


BILLION = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + inner] * 9)}]\n"
    for inner, name in zip("abcdefgh", "bcdefghi", strict=True)
)
TOWER = "a0: &a0 [x]\n" + "".join(
    f"a{level}: &a{level} [*a{level - 1}]\n" for level in range(1, 2 * MAX_DEPTH)
)

ROW = "[0" + ",0" * 498 + "]"


def lists(first: str, values: int) -> str:
    """An object with 49,501 values in 99 lists, the first value of the outer list, and more values after the rows."""
    return f'{{"a": [{first}' + f",{ROW}" * 99 + ",0" * values + "]}"


BEYOND = [
    pytest.param(" " * (MAX_BYTES + 1), "a.json", "AFG001", id="too large"),
    pytest.param(nested(MAX_DEPTH + 1), "a.json", "AFG006", id="one level too deep, JSON"),
    pytest.param(nested(MAX_DEPTH + 1), "a.yaml", "AFG006", id="one level too deep, YAML"),
    pytest.param("[" * 100_000, "a.json", "AFG006", id="100,000 brackets, JSON"),
    pytest.param("[" * 100_000, "a.yaml", "AFG006", id="100,000 brackets, YAML"),
    pytest.param("[" * 100_000 + "]" * 100_000, "a.json", "AFG006", id="100,000 brackets, closed"),
    pytest.param('{"a":' * 100_000, "a.json", "AFG006", id="100,000 braces"),
    pytest.param("- " * 100_000, "a.yaml", "AFG006", id="100,000 nested list items"),
    pytest.param("? " * 100_000, "a.yaml", "AFG006", id="100,000 nested keys"),
    pytest.param(BILLION, "a.yaml", "AFG007", id="a billion laughs"),
    pytest.param(TOWER, "a.yaml", "AFG006", id="nested aliases"),
    pytest.param("[&a x" + ",*a" * (MAX_ALIASES + 1) + "]", "a.yaml", "AFG007", id="too many aliases"),
    pytest.param("[0" + ",0" * (MAX_VALUES - 1) + "]", "a.json", "AFG007", id="one value too many, JSON"),
    pytest.param("[0" + ",0" * (MAX_VALUES - 1) + "]", "a.yaml", "AFG007", id="one value too many, YAML"),
    pytest.param(lists("0", MAX_VALUES - 49_502), "a.json", "AFG007", id="one value too many in many lists"),
    pytest.param(
        lists("0," + nested(MAX_DEPTH - 1), 0),
        "a.json",
        "AFG006",
        id="one level too deep in one of many lists",
    ),
    pytest.param("--- a\n" * (MAX_VALUES + 1), "a.yaml", "AFG007", id="too many YAML documents"),
    pytest.param("[{}" + ",{}" * MAX_FLOWS + "]", "a.json", "AFG009", id="too many flows, JSON"),
    pytest.param("--- {}\n" * (MAX_FLOWS + 1), "a.yaml", "AFG009", id="too many flows, YAML"),
]


@pytest.mark.parametrize(("text", "name", "rule"), BEYOND)
def test_a_file_beyond_a_limit_has_one_finding(text, name, rule):
    (finding,) = read_document(text, name).findings

    assert (finding.rule, finding.severity) == (rule, "error")
    assert finding.position is not None


WITHIN = [
    pytest.param(lists("0", MAX_VALUES - 49_503), "a.json", id="as many values as allowed in many lists"),
    pytest.param(nested(MAX_DEPTH), "a.json", id="as deep as allowed, JSON"),
    pytest.param(nested(MAX_DEPTH), "a.yaml", id="as deep as allowed, YAML"),
    pytest.param('{"a": [0' + ",0" * (MAX_VALUES - 3) + "]}", "a.json", id="as many values as allowed, JSON"),
    pytest.param('{"a": [0' + ",0" * (MAX_VALUES - 4) + "]}", "a.yaml", id="as many values as allowed, YAML"),
    pytest.param("[{}" + ",{}" * (MAX_FLOWS - 1) + "]", "a.json", id="as many flows as allowed"),
    pytest.param("a: [&a x" + ",*a" * MAX_ALIASES + "]", "a.yaml", id="as many aliases as allowed"),
    pytest.param("{" + " " * (MAX_BYTES - 2) + "}", "a.json", id="as large as allowed"),
]


@pytest.mark.parametrize(("text", "name"), WITHIN)
def test_a_file_within_the_limits_has_no_finding(text, name):
    assert read_document(text, name).findings == ()


def test_nesting_is_reported_at_the_first_level_beyond_the_limit():
    (finding,) = read_document("[\n" * 100_000, "a.json").findings

    assert (finding.position.line, finding.position.column) == (MAX_DEPTH + 1, 1)


@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
def test_a_file_has_at_most_a_hundred_findings(name):
    text = "{" + ",".join(['"a": 1'] * 10_000) + "}"

    assert len(read_document(text, name).findings) == MAX_FINDINGS


def test_the_limits_are_those_that_the_documentation_promises():
    assert (MAX_BYTES, MAX_DEPTH, MAX_VALUES, MAX_ALIASES, MAX_FLOWS) == (1_048_576, 64, 50_000, 1_000, 100)
    assert (MAX_DIRECTIVES, MAX_FINDINGS) == (16, 100)
