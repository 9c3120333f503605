"""What is wrong with a YAML file is told at its place, and nothing in it is ever run."""

import pytest

from appflow_gitops.documents.read import read_document

BROKEN = [
    pytest.param("a: b\n c: d\n", 2, 3, "a `:` cannot stand here", id="indented too far"),
    pytest.param("a: b: c\n", 1, 5, "a `:` cannot stand here", id="unquoted colon"),
    pytest.param("a:\n- *\n", 2, 3, "a `*` without a name", id="unquoted star"),
    pytest.param("a: &\n", 1, 4, "a `&` without a name", id="unquoted ampersand"),
    pytest.param("a:\n\t- b\n", 2, 1, "tab", id="tab"),
    pytest.param("a: @b\n", 1, 4, "cannot start with `@`", id="at sign"),
    pytest.param("a: `b`\n", 1, 4, "backtick", id="backtick"),
    pytest.param("a: %b\n", 1, 4, "cannot start with `%`", id="percent sign"),
    pytest.param("a: [1, 2\n", 2, 1, "not closed", id="list not closed"),
    pytest.param("a: 'b\n", 2, 1, "not closed", id="quote not closed"),
    pytest.param("a: 'it's'\n", 1, 8, "goes wrong here", id="quote inside of quotes"),
    pytest.param("a: {b: ${env.C}}\n", 1, 8, "needs quotes", id="variable between brackets"),
    pytest.param("a: - b\n", 1, 4, "a `-` cannot stand here", id="list on the name's line"),
    pytest.param("a: 1\nb\nc: 2\n", 3, 1, "`:` after a member's name", id="colon missing"),
    pytest.param('a: "\\q"\n', 1, 5, "backslash", id="unknown escape"),
    pytest.param('a: "\\ud800"\n', 1, 7, "no character", id="half a character"),
    pytest.param("a: 1\n<<<<<<< HEAD\nb: 1\n=======\n", 2, 1, "merge conflict", id="merge conflict"),
    pytest.param(
        "\N{LATIN SMALL LETTER E WITH ACUTE}: *\n", 1, 4, "a `*` without a name", id="columns are characters"
    ),
    pytest.param(
        "\N{LATIN SMALL LETTER E WITH ACUTE}: \ufffe\n", 1, 4, "does not allow", id="forbidden character"
    ),
    pytest.param("%TAG !a! b\n" * 20 + "---\na: 1\n", 17, 1, "start with `%`", id="a flood of directives"),
]


@pytest.mark.parametrize(("text", "line", "column", "says"), BROKEN)
def test_a_syntax_error_is_one_finding_at_its_line_and_column(text, line, column, says):
    read = read_document(text.encode(), "flow.yaml")

    (finding,) = read.findings
    assert (finding.rule, finding.pointer, finding.severity) == ("AFG005", "", "error")
    assert (finding.position.line, finding.position.column) == (line, column)
    assert says in finding.message
    assert read.flows == ()


IRREGULAR = [
    pytest.param("a: 1\nb:\n- c: 1\n  c: 2\n", "AFG010", "/b/0/c", 4, 3, id="a member twice"),
    pytest.param("a: &t\n- b: *t\n", "AFG008", "/a/0/b", 2, 6, id="an anchor that contains itself"),
    pytest.param("a: *b\n", "AFG005", "/a", 1, 4, id="an alias without an anchor"),
    pytest.param("a: &x 1\n---\na: *x\n", "AFG005", "/a", 3, 4, id="an anchor of another document"),
    pytest.param("a: !Ref Bucket\n", "AFG013", "/a", 1, 4, id="CloudFormation's !Ref"),
    pytest.param("a: !Sub [b]\n", "AFG013", "/a", 1, 4, id="CloudFormation's !Sub"),
    pytest.param("a: !!python/object/apply:os.getenv [A]\n", "AFG013", "/a", 1, 4, id="a Python object"),
    pytest.param("a: !!set {b: 1}\n", "AFG013", "/a", 1, 4, id="a set"),
    pytest.param("a: !!binary aGk=\n", "AFG013", "/a", 1, 4, id="binary"),
    pytest.param("a: {b: 2026-01-01}\n", "AFG014", "/a/b", 1, 8, id="a bare date"),
    pytest.param("a: 2026-01-01T00:00:00Z\n", "AFG014", "/a", 1, 4, id="a bare time outside of the schedule"),
    pytest.param("a: .nan\n", "AFG011", "/a", 1, 4, id="nan"),
    pytest.param("a: -.inf\n", "AFG011", "/a", 1, 4, id="infinity"),
    pytest.param(f"a: {'9' * 5000}\n", "AFG011", "/a", 1, 4, id="an integer of 5,000 digits"),
    pytest.param(f"a: 0x{'0' * 100}1\n", "AFG011", "/a", 1, 4, id="a number longer than any needs to be"),
    pytest.param("a: 0x_\n", "AFG011", "/a", 1, 4, id="a number without digits"),
    pytest.param("a: !!int b\n", "AFG011", "/a", 1, 4, id="text that is tagged as a number"),
    pytest.param("1: one\n", "AFG015", "/1", 1, 1, id="a number as a name"),
    pytest.param("a:\n  on: 1\n", "AFG015", "/a/on", 2, 3, id="a boolean as a name"),
    pytest.param("? [a]\n: 1\n", "AFG015", "/?", 1, 3, id="a list as a name"),
    pytest.param("a:\n  <<: 5\n", "AFG005", "/a/<<", 2, 7, id="merging a number"),
]


@pytest.mark.parametrize(("text", "rule", "pointer", "line", "column"), IRREGULAR)
def test_what_a_flow_cannot_hold_is_told_at_its_pointer(text, rule, pointer, line, column):
    (finding,) = read_document(text.encode(), "flow.yaml").findings

    assert (finding.rule, finding.pointer, finding.severity) == (rule, pointer, "error")
    assert (finding.position.line, finding.position.column) == (line, column)


def test_cloudformation_functions_are_named_in_the_hint():
    (finding,) = read_document("bucketName: !Ref Bucket\n", "flow.yaml").findings

    assert "CloudFormation" in (finding.hint or "")


READ = [
    ("a: no", False),
    ("a: 'no'", "no"),
    ("a: !!str 12", "12"),
    ("a: 10:30:00", 37800),
    ("a: 0777", 511),
    ("a: 0o17", "0o17"),
    ("a: 1_000", 1000),
    ("a: 1.5", 1.5),
    ("a: =", "="),
    ("a: |\n  b\n  c\n", "b\nc\n"),
    ("a: [&x {b: 1}, *x]", [{"b": 1}, {"b": 1}]),
    ("a: {<<: {b: 1, c: 1}, b: 2}", {"b": 2, "c": 1}),
    ("a: {b: 2, <<: [{b: 1, c: 3}, {c: 4, d: 5}]}", {"b": 2, "c": 3, "d": 5}),
    ("a: ['<<']", ["<<"]),
]


@pytest.mark.parametrize(("text", "value"), READ)
def test_scalars_aliases_and_merges_are_read_as_yaml_1_1_has_them(text, value):
    read = read_document(text, "flow.yaml")

    assert read.flows[0].value == {"a": value}
    assert read.findings == ()


def test_items_and_aliases_stand_where_they_are_written():
    (flow,) = read_document("a: &x [1]\nb:\n- {c: 1}\n- *x\n", "flow.yaml").flows
    locator = flow.locator

    assert (locator.position(("b", 0)).column, locator.name_position(("b", 0)).column) == (3, 3)
    assert (locator.position(("b", 1)).line, locator.position(("b", 1, 0)).line) == (4, 1)
    assert locator.written(("b", 1)) is None


def test_how_a_scalar_was_written_can_be_asked_for():
    (flow,) = read_document("a: no\nb: 'no'\nc: 10:30:00\nd: [1]\n", "flow.yaml").flows

    written = [flow.locator.written((name,)) for name in "abcdx"]

    assert written == ["no", "'no'", "10:30:00", None, None]


def test_a_merged_member_stands_where_it_is_written():
    (flow,) = read_document("a: &d\n  b: 1\nc:\n  <<: *d\n", "flow.yaml").flows

    assert flow.locator.position(("c", "b")).line == 2
    assert flow.locator.position(("c",)).line == 4
