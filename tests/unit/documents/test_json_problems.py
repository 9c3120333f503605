"""Every issue in a JSON file is reported once, at its position, with a hint."""

import json

import pytest

from appflow_gitops.documents.json_syntax import explain
from appflow_gitops.documents.read import read_document
from appflow_gitops.findings import has_errors

BROKEN = [
    pytest.param('{"a": 1,}', 1, 8, "trailing comma", id="trailing comma in an object"),
    pytest.param('{"a": [\n  1,\n]}', 2, 4, "trailing comma", id="trailing comma in a list"),
    pytest.param("{'a': 1}", 1, 2, "quotation mark", id="Python repr"),
    pytest.param('{"a": \u201cb\u201d}', 1, 7, "quotation mark", id="typographic quotes"),
    pytest.param('{"a": 1}\n{"b": 2}', 2, 1, "second JSON document", id="two documents"),
    pytest.param('{"a": 1}}', 1, 9, "unexpected '}' after the end", id="extra bracket"),
    pytest.param('{\n<<<<<<< HEAD\n"a": 1\n', 2, 1, "merge conflict", id="merge conflict"),
    pytest.param('{"a": // one\n1}', 1, 7, "comment", id="comment"),
    pytest.param('{"a": True}', 1, 7, "Python literal", id="Python's True"),
    pytest.param("{a: 1}", 1, 2, "key without quotes", id="unquoted key"),
    pytest.param("flowName: orders", 1, 1, "looks like YAML", id="YAML in a .json file"),
    pytest.param('{"a": 1', 1, 8, "unexpected end of file", id="truncated file"),
    pytest.param('{"a": "b', 1, 7, "unterminated string", id="truncated string"),
    pytest.param('{"a": "b\nc"}', 1, 9, "line break or tab", id="line break inside a string"),
    pytest.param(r'{"a": "\d"}', 1, 8, "unknown escape sequence", id="unknown escape"),
    pytest.param('{"a": 1 "b": 2}', 1, 9, "missing comma", id="missing comma"),
    pytest.param('{"a" 1}', 1, 6, "missing colon", id="missing colon"),
    pytest.param('{"a": [1,,2]}', 1, 10, "unexpected comma", id="two commas"),
    pytest.param('{"a": +1}', 1, 7, "invalid number", id="plus sign"),
    pytest.param('{"a": tru}', 1, 7, "invalid JSON value 'tru'", id="misspelt word"),
    pytest.param('{"a": }', 1, 7, "closing bracket", id="missing value"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), BROKEN)
def test_a_syntax_error_is_one_finding_at_its_line_and_column(text, line, column, message):
    read = read_document(text.encode(), "flow.json")

    (finding,) = read.findings
    assert (finding.rule, finding.pointer, finding.severity) == ("AFG004", "", "error")
    assert (finding.position.line, finding.position.column) == (line, column)
    assert message in finding.message
    assert read.flows == ()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (" orders", "a flow document starts with '{' or '['"),
        ('{"a": orders}', "put text in double quotes"),
    ],
)
def test_an_invalid_value_has_a_hint_that_depends_on_where_it_is(text: str, hint: str) -> None:
    (finding,) = read_document(text.encode(), "flow.json").findings
    assert (finding.message, finding.hint) == ("invalid JSON value 'orders'", hint)


@pytest.mark.parametrize("offset", [7, 8, 9])
def test_a_trailing_comma_is_reported_at_the_comma_in_every_python_version(offset):
    """Python 3.13 stops at the comma, earlier versions at the bracket after it."""
    text = '{"a": 1, }'

    error = json.JSONDecodeError("Illegal trailing comma before end of object", text, offset)
    found, issue = explain(text, error)

    assert (found, issue.message) == (7, "trailing comma")


IRREGULAR = [
    pytest.param('{"a": 1, "a": 2}', "AFG010", "/a", 10, id="duplicate key"),
    pytest.param(
        '{"a": {"b": [0, {"c~/": 1, "c~/": 2}]}}', "AFG010", "/a/b/1/c~0~1", 28, id="nested duplicate key"
    ),
    pytest.param('{"a": 1, "\\u0061": 2}', "AFG010", "/a", 10, id="duplicate key, once escaped"),
    pytest.param('{"a": [1, NaN]}', "AFG011", "/a/1", 11, id="NaN"),
    pytest.param('{"a": -Infinity}', "AFG011", "/a", 7, id="infinity"),
    pytest.param('{"a": 1e999}', "AFG011", "/a", 7, id="overflow"),
    pytest.param(f'{{"a": {"9" * 5000}}}', "AFG011", "/a", 7, id="an integer of 5,000 digits"),
    pytest.param('{"a": 9007199254740992}', "AFG011", "/a", 7, id="an integer beyond 2**53"),
    pytest.param(r'{"a": "x\ud800"}', "AFG012", "/a", 9, id="lone surrogate"),
    pytest.param(r'{"a": "\uD83D"}', "AFG012", "/a", 8, id="lone surrogate in capitals"),
    pytest.param(r'{"\udc00": 1}', "AFG012", "/\N{REPLACEMENT CHARACTER}", 3, id="lone surrogate in a key"),
]


@pytest.mark.parametrize(("text", "rule", "pointer", "column"), IRREGULAR)
def test_what_json_cannot_express_is_reported_at_its_pointer(text, rule, pointer, column):
    (finding,) = read_document(text.encode(), "flow.json").findings

    assert (finding.rule, finding.pointer, finding.severity) == (rule, pointer, "error")
    assert (finding.position.line, finding.position.column) == (1, column)


def test_all_issues_are_reported_at_once_in_file_order():
    text = r'{"a": NaN, "b": {"c": 1, "c": 2}, "d": "\ud83d"}'

    assert [finding.rule for finding in read_document(text, "flow.json").findings] == [
        "AFG011",
        "AFG010",
        "AFG012",
    ]


def test_an_invalid_value_is_replaced_so_that_the_rest_can_be_checked():
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
def test_what_json_can_express_has_no_finding(value):
    read = read_document(json.dumps({"a": value}), "flow.json")

    assert read.flows[0].value == {"a": value}
    assert not has_errors(read.findings)


@pytest.mark.parametrize(("text", "column"), [(" \n  5", 3), (' \n "a"', 2), (" \n  [5, {}]", 4)])
def test_a_value_that_is_not_an_object_is_reported_at_its_position(text, column):
    finding = read_document(text, "flow.json").findings[-1]

    assert finding.rule == "AFG016"
    assert (finding.position.line, finding.position.column) == (text.count("\n") + 1, column)
