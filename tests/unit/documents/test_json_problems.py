"""What is wrong with a JSON file is told once, at its place, with the way out."""

import json

import pytest

from appflow_gitops.documents.json_syntax import explain
from appflow_gitops.documents.read import read_document
from appflow_gitops.findings import has_errors

BROKEN = [
    pytest.param('{"a": 1,}', 1, 8, "comma stands after", id="trailing comma in an object"),
    pytest.param('{"a": [\n  1,\n]}', 2, 4, "comma stands after", id="trailing comma in a list"),
    pytest.param("{'a': 1}", 1, 2, "quotation mark", id="Python repr"),
    pytest.param('{"a": \u201cb\u201d}', 1, 7, "quotation mark", id="typographic quotes"),
    pytest.param('{"a": 1}\n{"b": 2}', 2, 1, "second JSON document", id="two documents"),
    pytest.param('{"a": 1}}', 1, 9, "follows the end", id="a bracket too many"),
    pytest.param('{\n<<<<<<< HEAD\n"a": 1\n', 2, 1, "merge conflict", id="merge conflict"),
    pytest.param('{"a": // one\n1}', 1, 7, "comment", id="comment"),
    pytest.param('{"a": True}', 1, 7, "Python value", id="Python's True"),
    pytest.param("{a: 1}", 1, 2, "member name without quotes", id="name without quotes"),
    pytest.param("flowName: orders", 1, 1, "this is YAML", id="YAML in a .json file"),
    pytest.param('{"a": 1', 1, 8, "ends before", id="cut off"),
    pytest.param('{"a": "b', 1, 7, "not closed", id="cut off inside a string"),
    pytest.param('{"a": "b\nc"}', 1, 9, "line end or a tab", id="line end inside a string"),
    pytest.param(r'{"a": "\d"}', 1, 8, "backslash", id="unknown escape"),
    pytest.param('{"a": 1 "b": 2}', 1, 9, "comma is missing", id="comma missing"),
    pytest.param('{"a" 1}', 1, 6, "colon is missing", id="colon missing"),
    pytest.param('{"a": [1,,2]}', 1, 10, "comma where a value", id="two commas"),
    pytest.param('{"a": +1}', 1, 7, "number that JSON writes otherwise", id="plus sign"),
    pytest.param('{"a": tru}', 1, 7, "`tru` is no JSON value", id="misspelt word"),
    pytest.param('{"a": }', 1, 7, "closing bracket", id="value missing"),
]


@pytest.mark.parametrize(("text", "line", "column", "says"), BROKEN)
def test_a_syntax_error_is_one_finding_at_its_line_and_column(text, line, column, says):
    read = read_document(text.encode(), "flow.json")

    (finding,) = read.findings
    assert (finding.rule, finding.pointer, finding.severity) == ("AFG004", "", "error")
    assert (finding.position.line, finding.position.column) == (line, column)
    assert says in finding.message
    assert read.flows == ()


@pytest.mark.parametrize("offset", [7, 8, 9])
def test_a_trailing_comma_is_found_wherever_the_parser_stopped(offset):
    """Python 3.13 stops at the comma, earlier ones at the bracket behind it."""
    text = '{"a": 1, }'

    problem = explain(text, json.JSONDecodeError("Illegal trailing comma before end of object", text, offset))

    assert problem.offset == 7


IRREGULAR = [
    pytest.param('{"a": 1, "a": 2}', "AFG010", "/a", 10, id="a member twice"),
    pytest.param(
        '{"a": {"b": [0, {"c~/": 1, "c~/": 2}]}}', "AFG010", "/a/b/1/c~0~1", 28, id="a member twice, deep"
    ),
    pytest.param('{"a": 1, "\\u0061": 2}', "AFG010", "/a", 10, id="a member twice, once escaped"),
    pytest.param('{"a": [1, NaN]}', "AFG011", "/a/1", 11, id="NaN"),
    pytest.param('{"a": -Infinity}', "AFG011", "/a", 7, id="infinity"),
    pytest.param('{"a": 1e999}', "AFG011", "/a", 7, id="a number that overflows"),
    pytest.param(f'{{"a": {"9" * 5000}}}', "AFG011", "/a", 7, id="an integer of 5,000 digits"),
    pytest.param('{"a": 9007199254740992}', "AFG011", "/a", 7, id="an integer that no double holds"),
    pytest.param(r'{"a": "x\ud800"}', "AFG012", "/a", 9, id="half a character"),
    pytest.param(
        r'{"\udc00": 1}', "AFG012", "/\N{REPLACEMENT CHARACTER}", 3, id="half a character in a name"
    ),
]


@pytest.mark.parametrize(("text", "rule", "pointer", "column"), IRREGULAR)
def test_what_json_cannot_carry_is_told_at_its_pointer(text, rule, pointer, column):
    (finding,) = read_document(text.encode(), "flow.json").findings

    assert (finding.rule, finding.pointer, finding.severity) == (rule, pointer, "error")
    assert (finding.position.line, finding.position.column) == (1, column)


def test_all_irregularities_are_told_at_once_in_the_order_of_the_file():
    text = r'{"a": NaN, "b": {"c": 1, "c": 2}, "d": "\ud83d"}'

    assert [finding.rule for finding in read_document(text, "flow.json").findings] == [
        "AFG011",
        "AFG010",
        "AFG012",
    ]


def test_the_rest_of_an_irregular_document_can_still_be_checked():
    (flow,) = read_document(r'{"flowName": "orders", "a": NaN, "b": "\ud83d!"}', "flow.json").flows

    assert flow.value == {"flowName": "orders", "a": 0, "b": "\N{REPLACEMENT CHARACTER}!"}


@pytest.mark.parametrize(
    "value",
    [
        9007199254740991,
        -9007199254740991,
        1.5e300,
        "\\ud800 after an escaped backslash",
        "\N{GRINNING FACE}",
        "\N{GRINNING FACE}\\",
    ],
)
def test_what_json_can_carry_is_read_without_a_finding(value):
    read = read_document(json.dumps({"a": value}), "flow.json")

    assert read.flows[0].value == {"a": value}
    assert not has_errors(read.findings)
