"""Every issue in a YAML file is reported at its position, and nothing in the file is executed."""

import pytest

from appflow_gitops.documents.read import read_document

BROKEN = [
    pytest.param("a: b\n c: d\n", 2, 3, "unexpected ':'", id="indented too far"),
    pytest.param("a: b: c\n", 1, 5, "unexpected ':'", id="unquoted colon"),
    pytest.param("a:\n- *\n", 2, 3, "'*' without a name", id="unquoted star"),
    pytest.param("a: &\n", 1, 4, "'&' without a name", id="unquoted ampersand"),
    pytest.param("a:\n\t- b\n", 2, 1, "tab", id="tab"),
    pytest.param("a: @b\n", 1, 4, "cannot start with '@'", id="at sign"),
    pytest.param("a: `b`\n", 1, 4, "backtick", id="backtick"),
    pytest.param("a: %b\n", 1, 4, "cannot start with '%'", id="percent sign"),
    pytest.param("a: [1, 2\n", 2, 1, "not closed", id="list not closed"),
    pytest.param("a: 'b\n", 2, 1, "not closed", id="quote not closed"),
    pytest.param("a: 'it's'\n", 1, 8, "expected a key", id="quote inside quotes"),
    pytest.param("a: {b: ${env.C}}\n", 1, 8, "unquoted variable", id="variable inside brackets"),
    pytest.param("a: - b\n", 1, 4, "unexpected '-'", id="list on the line of the key"),
    pytest.param("a: 1\nb\nc: 2\n", 3, 1, "missing ':' after a key", id="missing colon"),
    pytest.param('a: "\\q"\n', 1, 5, "unknown escape sequence", id="unknown escape"),
    pytest.param('a: "\\ud800"\n', 1, 7, "not a character", id="lone surrogate"),
    pytest.param("a: 1\n<<<<<<< HEAD\nb: 1\n=======\n", 2, 1, "merge conflict", id="merge conflict"),
    pytest.param(
        "\N{LATIN SMALL LETTER E WITH ACUTE}: *\n", 1, 4, "'*' without a name", id="columns are characters"
    ),
    pytest.param(
        "\N{LATIN SMALL LETTER E WITH ACUTE}: \ufffe\n", 1, 4, "not allowed", id="forbidden character"
    ),
    pytest.param("%TAG !a! b\n" * 20 + "---\na: 1\n", 17, 1, "start with '%'", id="too many directives"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), BROKEN)
def test_a_syntax_error_is_one_finding_at_its_line_and_column(text, line, column, message):
    read = read_document(text.encode(), "flow.yaml")

    (finding,) = read.findings
    assert (finding.rule, finding.pointer, finding.severity) == ("AFG005", "", "error")
    assert (finding.position.line, finding.position.column) == (line, column)
    assert message in finding.message
    assert read.flows == ()


IRREGULAR = [
    pytest.param("a: 1\nb:\n- c: 1\n  c: 2\n", "AFG010", "/b/0/c", 4, 3, id="duplicate key"),
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
    pytest.param(f"a: {2**53}\n", "AFG011", "/a", 1, 4, id="an integer beyond 2**53"),
    pytest.param(f"a: -{2**53}\n", "AFG011", "/a", 1, 4, id="a negative integer beyond 2**53"),
    pytest.param(f"a: 0x{'0' * 100}1\n", "AFG011", "/a", 1, 4, id="a number of 101 digits"),
    pytest.param("a: 0x_\n", "AFG011", "/a", 1, 4, id="a number without digits"),
    pytest.param("a: !!int b\n", "AFG011", "/a", 1, 4, id="text that is tagged as a number"),
    pytest.param("a: !!bool b\n", "AFG011", "/a", 1, 4, id="text that is tagged as a boolean"),
    pytest.param("1: one\n", "AFG015", "/1", 1, 1, id="a number as a key"),
    pytest.param("a:\n  on: 1\n", "AFG015", "/a/on", 2, 3, id="a boolean as a key"),
    pytest.param("? [a]\n: 1\n", "AFG015", "/?", 1, 3, id="a list as a key"),
    pytest.param("a: &n 5\n*n : 1\n", "AFG015", "/*n", 2, 1, id="an alias of a number as a key"),
    pytest.param("a: &n [5]\n*n : 1\n", "AFG015", "/?", 2, 1, id="an alias of a list as a key"),
    pytest.param("a:\n  <<: 5\n", "AFG005", "/a/<<", 2, 7, id="merging a number"),
    pytest.param("a: &a {b: 1}\nc:\n  <<: [*a, 5]\n", "AFG005", "/c/<<", 3, 7, id="merging a number beside"),
]


@pytest.mark.parametrize(("text", "rule", "pointer", "line", "column"), IRREGULAR)
def test_an_unsupported_value_is_reported_at_its_pointer(text, rule, pointer, line, column):
    (finding,) = read_document(text.encode(), "flow.yaml").findings

    assert (finding.rule, finding.pointer, finding.severity) == (rule, pointer, "error")
    assert (finding.position.line, finding.position.column) == (line, column)


def test_the_hint_names_cloudformation_functions():
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
def test_scalars_aliases_and_merges_follow_yaml_1_1(text, value):
    read = read_document(text, "flow.yaml")

    assert read.flows[0].value == {"a": value}
    assert {finding.rule for finding in read.findings} <= {"AFG019"}


DIFFERENT = [
    ("0600", "'0600' is read as 384; YAML 1.2 reads 600"),
    ("-010", "'-010' is read as -8; YAML 1.2 reads -10"),
    ("1:30", "'1:30' is read as 90; YAML 1.2 reads text"),
    ("1:30.5", "'1:30.5' is read as 90.5; YAML 1.2 reads text"),
    ("0b101", "'0b101' is read as 5; YAML 1.2 reads text"),
    ("1_000", "'1_000' is read as 1000; YAML 1.2 reads text"),
    ("-0x1F", "'-0x1F' is read as -31; YAML 1.2 reads text"),
    ("yes", "'yes' is read as true; YAML 1.2 reads text"),
    ("Off", "'Off' is read as false; YAML 1.2 reads text"),
    ("!!int 0600", "'0600' is read as 384; YAML 1.2 reads 600"),
    ("08", "'08' is read as text; YAML 1.2 reads 8"),
    ("0o17", "'0o17' is read as text; YAML 1.2 reads 15"),
    ("7e12", "'7e12' is read as text; YAML 1.2 reads 7000000000000"),
    ("-1.5e3", "'-1.5e3' is read as text; YAML 1.2 reads -1500"),
    ("1e300", "'1e300' is read as text; YAML 1.2 reads 1e+300"),
    ("1e15", "'1e15' is read as text; YAML 1.2 reads 1000000000000000"),
    ("1e16", "'1e16' is read as text; YAML 1.2 reads 1e+16"),
]


@pytest.mark.parametrize(("written", "message"), DIFFERENT)
def test_a_value_that_yaml_1_2_reads_differently_is_a_warning(written, message):
    (finding,) = read_document(f"a: {written}\n", "flow.yaml").findings

    assert (finding.rule, finding.severity, finding.message) == ("AFG019", "warning", message)


SAME = [
    *("600", "0", "-12", "+7", "0x1F", "1.5", "1.", "1.5e+3", ".5", "!!float 1e3", "'0600'", '"yes"'),
    *(
        "!!str 1e3",
        "true",
        "False",
        "y",
        "N",
        "tRUE",
        "on call",
        "=",
        "1.2.3",
        "10-20",
        "2026-01",
        "0x",
        "e3",
    ),
]


@pytest.mark.parametrize("written", SAME)
def test_a_value_that_both_versions_of_yaml_read_alike_has_no_warning(written):
    assert read_document(f"a: {written}\n", "flow.yaml").findings == ()


def test_a_key_that_is_a_number_in_yaml_1_2_has_no_warning():
    assert read_document("a: {1e3: b, 08: c}\n", "flow.yaml").findings == ()


def test_items_and_aliases_have_their_own_positions():
    (flow,) = read_document("a: &x [1]\nb:\n- {c: 1}\n- *x\n", "flow.yaml").flows
    locator = flow.locator

    assert (locator.position(("b", 0)).column, locator.name_position(("b", 0)).column) == (3, 3)
    assert (locator.position(("b", 1)).line, locator.position(("b", 1, 0)).line) == (4, 1)
    assert locator.written(("b", 1)) is None


def test_the_source_text_of_a_scalar_is_available():
    (flow,) = read_document("a: no\nb: 'no'\nc: 10:30:00\nd: [1]\n", "flow.yaml").flows

    written = [flow.locator.written((name,)) for name in "abcdx"]

    assert written == ["no", "'no'", "10:30:00", None, None]


def test_a_merged_key_has_the_position_of_its_anchor():
    (flow,) = read_document("a: &d\n  b: 1\nc:\n  <<: *d\n", "flow.yaml").flows

    assert flow.locator.position(("c", "b")).line == 2
    assert flow.locator.position(("c",)).line == 4


def test_an_anchor_that_is_unknown_in_two_documents_is_reported_in_each_once():
    findings = read_document(b"a: *x\nb: *x\n---\nc: *x\nd: *x\n", "a.yaml").findings

    unknown = [finding for finding in findings if "anchor" in finding.message]
    assert [(finding.rule, finding.position.line) for finding in unknown] == [("AFG005", 1), ("AFG005", 4)]


@pytest.mark.parametrize(("zeros", "warnings"), [(61, 1), (62, 0)])
def test_text_of_more_than_64_characters_is_not_compared_with_yaml_1_2(zeros, warnings):
    text = f"1e{'0' * zeros}1"
    assert len(text) == zeros + 3
    assert len(read_document(f"a: {text}\n", "flow.yaml").findings) == warnings
