"""A file declares flows, or has a finding that says why it does not."""

import gzip

import pytest

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.documents.parsing import read_object
from appflow_gitops.documents.read import read_document, read_value
from appflow_gitops.documents.reading_rules import NO_FLOW as MISSING
from appflow_gitops.documents.reading_rules import READING_RULES
from appflow_gitops.findings import Position, has_errors

NO_FLOW = [
    ("", "a.json"),
    ("", "a.yaml"),
    (" \n", "a.json"),
    ("# moved\n", "a.yaml"),
    ("---\n---\n", "a.yaml"),
]
NO_FLOW += [("null", "a.json"), ("[]", "a.json"), ("[]", "a.yaml"), ("\ufeff", "a.json")]


@pytest.mark.parametrize(("text", "name"), NO_FLOW)
def test_a_file_without_a_flow_is_rejected(text, name):
    (finding,) = read_document(text.encode(), name).findings

    assert (finding.rule, finding.position) == ("AFG003", Position(1, 1))


NOT_OBJECTS = [
    ('"{\\"flowName\\": 1}"', "a.json", "", "string"),
    ("5", "a.json", "", "number"),
    ("true", "a.json", "", "boolean"),
    ('[{"flowName": "a"}, [1]]', "a.json", "/1", "list"),
    ("- flowName: a\n- null\n", "a.yaml", "/1", "null"),
    ("flowName\n", "a.yaml", "", "string"),
]


@pytest.mark.parametrize(("text", "name", "pointer", "kind"), NOT_OBJECTS)
def test_a_flow_that_is_not_an_object_is_reported_at_its_position(text, name, pointer, kind):
    (finding,) = read_document(text.encode(), name).findings

    assert (finding.rule, finding.pointer) == ("AFG016", pointer)
    assert kind in finding.message


def test_json_inside_a_json_string_is_recognised():
    (finding,) = read_document(b'"{\\"flowName\\": 1}"', "a.json").findings

    assert "encode it only once" in (finding.hint or "")


ENCODED = [
    pytest.param('{"a": 1}'.encode("utf-16"), 1, 1, "UTF-16", id="UTF-16 with byte order mark"),
    pytest.param('{"a": 1}'.encode("utf-32"), 1, 1, "UTF-32", id="UTF-32 with byte order mark"),
    pytest.param(
        '{"a": 1}'.encode("utf-16-le"), 1, 2, "UTF-16 or UTF-32", id="UTF-16 without byte order mark"
    ),
    pytest.param('{\n"a": "\u00e9\u00f4"}'.encode("latin-1"), 2, 7, "byte 0xe9", id="Latin-1"),
    pytest.param(
        '\ufeff{"\u00e9": "'.encode() + b"\xff", 1, 8, "byte 0xff", id="after a byte order mark and an accent"
    ),
    pytest.param(b'{"a":\x00 1}', 1, 6, "escape sequence", id="NUL"),
    pytest.param(b"a: \x1b[31m\n", 1, 4, "U+001B", id="a control character"),
]


@pytest.mark.parametrize(
    "source", [b" " * (MAX_BYTES + 1), b"PK\x03\x04", b"\xfe\xff\x00{"], ids=["large", "zip", "UTF-16"]
)
def test_a_finding_about_a_whole_file_is_at_its_start(source):
    (finding,) = read_document(source, "a.json").findings

    assert finding.position == Position(1, 1)


@pytest.mark.parametrize(("source", "line", "column", "named"), ENCODED)
@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
def test_text_that_is_not_utf_8_is_reported_at_its_position(source, line, column, named, name):
    (finding,) = read_document(source, name).findings

    assert (finding.rule, finding.position) == ("AFG002", Position(line, column))
    assert named in f"{finding.message}; {finding.hint}"


@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
def test_a_byte_order_mark_is_ignored(name):
    (flow,) = read_document('\ufeff{"flowName": "orders"}'.encode(), name).flows

    assert flow.value == {"flowName": "orders"}
    assert flow.locator.position(("flowName",)) == Position(1, 14)


def test_text_that_cannot_be_encoded_is_rejected():
    (finding,) = read_document('{"a": "\ud800"}', "-").findings

    assert finding.rule == "AFG002"


KINDS = [("a.json", '{"flowName": "x"}'), ("A.JSON", '{"flowName": "x"}'), ("a.yaml", "flowName: x")]
KINDS += [
    ("a.yml", '{"flowName": x}'),
    ("A.YML", '{"flowName": x}'),
    ("-", ' {"flowName": "x"}'),
    ("-", "flowName: x"),
    ("a.txt", "- flowName: x"),
]


@pytest.mark.parametrize(("name", "text"), KINDS)
def test_the_suffix_decides_the_format_and_without_one_the_text(name, text):
    read = read_document(text.encode(), name)

    assert [flow.value for flow in read.flows] == [{"flowName": "x"}]
    assert {finding.rule for finding in read.findings} <= {"AFG029"}


@pytest.mark.parametrize(
    ("name", "hint"), [("A.YAML", "rename it to .yaml"), ("flows/a.Json", "rename it to .json")]
)
def test_a_suffix_that_the_stack_ignores_is_a_warning(name, hint):
    (finding,) = read_document(b'{"flowName": "x"}', name).findings

    assert (finding.rule, finding.severity, finding.hint) == ("AFG029", "warning", hint)


@pytest.mark.parametrize("name", ["a.json", "A.JSON"])
def test_yaml_in_a_json_file_is_rejected_in_any_letter_case_of_the_suffix(name):
    rules = {finding.rule for finding in read_document(b"flowName: x", name).findings}

    assert rules - {"AFG029"} == {"AFG004"}


SEVERAL = [
    pytest.param(
        '[{"flowName": "a"},\n {"flowName": "b"}]',
        "a.json",
        [(0,), (1,)],
        [(1, 15), (2, 15)],
        id="JSON array",
    ),
    pytest.param(
        "- flowName: a\n- flowName: b\n", "a.yaml", [(0,), (1,)], [(1, 13), (2, 13)], id="YAML list"
    ),
    pytest.param(
        "flowName: a\n---\nflowName: b\n", "a.yaml", [(), ()], [(1, 11), (3, 11)], id="YAML documents"
    ),
    pytest.param(
        "---\n---\nflowName: a\n---\n# none\n---\n- flowName: b\n...\n",
        "a.yaml",
        [(), (0,)],
        [(3, 11), (7, 13)],
        id="empty YAML documents between",
    ),
]


@pytest.mark.parametrize(("text", "name", "paths", "positions"), SEVERAL)
def test_one_file_declares_several_flows(text, name, paths, positions):
    read = read_document(text, name)

    assert [flow.value["flowName"] for flow in read.flows] == ["a", "b"]
    assert [flow.path for flow in read.flows] == paths
    found = [flow.locator.position((*flow.path, "flowName")) for flow in read.flows]
    assert [(position.line, position.column) for position in found] == positions


@pytest.mark.parametrize(
    ("text", "name", "pointer", "line"),
    [
        ('[{"flowName": "a"},\n {"flowName": "a"}]', "a.json", "/1/flowName", 2),
        ("flowName: a\n---\nflowName: a\n", "a.yaml", "/flowName", 3),
    ],
)
def test_a_duplicate_flow_is_reported_at_the_second_name(text, name, pointer, line):
    (finding,) = read_document(text, name).findings

    assert (finding.rule, finding.pointer, finding.position.line) == ("AFG017", pointer, line)


def test_a_value_from_an_event_is_read_like_a_file_without_positions():
    read = read_value([{"flowName": "a", "clientToken": "t"}, 5])

    assert [flow.value for flow in read.flows] == [{"flowName": "a"}]
    assert {(finding.rule, finding.pointer) for finding in read.findings} == {
        ("AFG025", "/0/clientToken"),
        ("AFG016", "/1"),
    }
    assert {finding.position for finding in read.findings} == {Position(1, 1)}
    assert read.flows[0].locator.position((0, "flowName")) == Position(1, 1)


COLUMNS = {
    (): (1, 1),
    ("a",): (7, 2),
    ("a", "b"): (13, 8),
    ("a", "b", 0): (14, 14),
    ("a", "b", 1): (18, 18),
    ("a", "b", 2): (13, 13),
    ("a", "x", "y"): (7, 7),
}
"""Path -> the columns of the value and its key, or of the nearest enclosing value."""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("text", "name"), [('{~"a": 1,~"b": [2]}', "a.json"), ("a: 1~~b: [2]~", "a.yaml")])
def test_every_kind_of_line_break_counts(text, name, end):
    (flow,) = read_document(text.replace("~", end), name).flows

    assert flow.locator.position(("b",)).line == 3


def test_values_and_keys_have_their_own_positions():
    (flow,) = read_document('{"a": {"b": [1,  22]}}', "a.json").flows
    locator = flow.locator

    columns = {path: (locator.position(path).column, locator.name_position(path).column) for path in COLUMNS}

    assert columns == COLUMNS
    assert locator.written(("a", "b", 1)) == "22"
    assert locator.written(("a", "b")) is None


def test_findings_are_in_file_order():
    read = read_document('{"clientToken": "t", "a": NaN, "flowArn": "b"}', "a.json")

    assert [finding.rule for finding in read.findings] == ["AFG025", "AFG011", "AFG020"]


def test_a_value_from_an_event_has_the_same_limits():
    deep: list[object] = []
    for _ in range(500):
        deep = [deep]

    assert [finding.rule for finding in read_value({"a": deep}).findings] == ["AFG006"]
    for value, rule in ((float("nan"), "AFG011"), ("\ud800", "AFG012")):
        [finding] = read_value({"a": value}).findings
        assert (finding.rule, finding.position) == (rule, Position(1, 1))


def test_every_rule_has_a_unique_id_and_all_texts():
    ids = [rule.id for rule in READING_RULES]

    assert ids == sorted(set(ids))
    for rule in READING_RULES:
        assert rule.id.startswith("AFG0")
        assert rule.title
        assert rule.explanation
        assert rule.example
        assert rule.source


def test_a_valid_file_has_no_error():
    assert not has_errors(read_document(b'{"flowName": "orders"}', "orders.json").findings)


BINARY = [
    (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a PDF file"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"PAR1\x15\x04", "a Parquet file"),
    (b"flow.yaml" + bytes(91) + b"0000644", "a binary file"),
    (b"\0GITCRYPT\0\x8f\x01", "a file encrypted with git-crypt"),
]


@pytest.mark.parametrize(("source", "kind"), BINARY, ids=[kind for _, kind in BINARY])
def test_binary_content_is_not_called_another_encoding(source, kind):
    (finding,) = read_document(source, "flow.json").findings

    assert finding.rule == "AFG002"
    assert finding.message == f"expected UTF-8 text, got {kind}"
    assert "encoding" not in (finding.hint or "")


COMPRESSED = [
    (gzip.compress(b'{"flowName": "x"}'), "gzip"),
    (b"PK\x03\x04\x14\x00flow.json", "zip"),
    (b"BZh91AY", "bzip2"),
    (gzip.compress(b"x" * (2 << 20), compresslevel=0), "gzip"),
]


@pytest.mark.parametrize(("source", "kind"), COMPRESSED, ids=["gzip", "zip", "bzip2", "more than 1 MiB"])
def test_compressed_content_is_recognised(source, kind):
    (finding,) = read_document(source, "flow.json").findings

    assert finding.rule == "AFG002"
    assert finding.message == f"file is compressed with {kind}, expected UTF-8 text"


@pytest.mark.parametrize(
    ("source", "value", "messages"),
    [
        (b"a: 1", {"a": 1}, []),
        (b"{}", {}, []),
        (b"[]", None, ["expected one object"]),
        (b"", None, ["expected one object"]),
        (b"a: 1\n---\nb: 2", None, ["expected one object"]),
        (b"a: 1\na: 2", None, ["duplicate key 'a'"]),
        (b"a: [", None, None),
        (b"\xff\xfe\xfd", None, None),
    ],
)
def test_an_object_is_read_whole_or_not_at_all(source, value, messages):
    read = read_object(source, "policy.yaml", MISSING)

    assert read.value == value
    assert bool(read.findings) == (value is None)
    if messages is not None:
        assert [each.message.partition(";")[0] for each in read.findings] == messages
