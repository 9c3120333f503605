"""Variables are put into strings as plain data, once, and what cannot be put in is told at its place."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from appflow_gitops.documents.limits import MAX_ALIASES, MAX_BYTES
from appflow_gitops.documents.read import read_document
from appflow_gitops.documents.variables import Variables, escaped, read_variables
from appflow_gitops.findings import Json

STAGE = Variables(
    {"LAKE": "prod-lake", "TEAM": "sales", "PAGE": 500, "ON": True, "TRAP": "${env.LAKE}", "NONE": ""}
)


def read(value: Json, variables: Variables | None = STAGE) -> Json:
    """The value of a member once it was read as part of a document without errors."""
    document = read_document(json.dumps({"flowName": "orders", "description": value}), "a.json", variables)
    assert [finding.message for finding in document.findings] == []
    return document.flows[0].value["description"]


def problems(
    text: str, variables: Variables = STAGE, name: str = "a.yaml"
) -> list[tuple[str, str, int, int]]:
    found = read_document(text, name, variables).findings
    return [(one.rule, one.pointer, one.position.line, one.position.column) for one in found if one.position]


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ("${env.LAKE}", "prod-lake"),
        ("s3://${env.LAKE}/${env.TEAM}/", "s3://prod-lake/sales/"),
        ("${env.LAKE}${env.LAKE}", "prod-lakeprod-lake"),
        ("a${env.NONE}b", "ab"),
        ("${env.NONE}", ""),
        ("${env.PAGE}", 500),
        ("${env.ON}", True),
        (["${env.TEAM}", {"deep": ["${env.PAGE}"]}], ["sales", {"deep": [500]}]),
        # What is no variable of ours is AppFlow's: formats of Merge tasks are written so.
        ("${Id}-${Name}", "${Id}-${Name}"),
        ("$env.LAKE {env.LAKE} ${ENV.LAKE} ${env}", "$env.LAKE {env.LAKE} ${ENV.LAKE} ${env}"),
        ("$${env.LAKE}", "${env.LAKE}"),
        ("$$${env.LAKE}", "$${env.LAKE}"),
        ("$${env.no name}", "${env.no name}"),
        ("$${env.LAKE}-${env.LAKE}", "${env.LAKE}-prod-lake"),
    ],
)
def test_a_value_takes_the_place_of_its_variable(written: Json, resolved: Json) -> None:
    assert read(written) == resolved
    assert type(read(written)) is type(resolved)


def test_values_are_never_looked_at_for_variables() -> None:
    assert read("${env.TRAP} and ${env.TRAP}") == "${env.LAKE} and ${env.LAKE}"
    halves = Variables({"A": "${env.", "B": "LAKE}", "LAKE": "never"})
    assert read("${env.A}${env.B}", halves) == "${env.LAKE}"


@given(st.text())
def test_whatever_a_value_says_it_is_put_in_as_it_is(value: str) -> None:
    text = value.encode("utf-8", "replace").decode()
    assert read("${env.V}", Variables({"V": text})) == text
    assert read("<${env.V}>", Variables({"V": text})) == f"<{text}>"


@given(st.text() | st.text("${}env.AB "))
def test_any_text_can_be_written_so_that_it_stays(value: str) -> None:
    text = value.encode("utf-8", "replace").decode()
    assert read(escaped(text)) == text


def test_names_of_members_are_left_alone() -> None:
    assert read({"${env.TEAM}": "x"}) == {"${env.TEAM}": "x"}


def test_without_variables_text_counts_as_it_stands() -> None:
    assert read("${env.LAKE} $${env.LAKE} ${env.", None) == "${env.LAKE} $${env.LAKE} ${env."


def test_a_time_may_come_from_a_variable() -> None:
    text = (
        "flowName: orders\ntriggerConfig: {triggerType: Scheduled, triggerProperties: {Scheduled: "
        "{scheduleExpression: rate(1days), scheduleStartTime: '${env.START}'}}}\n"
    )
    document = read_document(text, "a.yaml", Variables({"START": "2026-01-01T00:00:00Z"}))
    assert '"scheduleStartTime": 1767225600' in json.dumps(document.flows[0].value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("flowName: orders\nx: {y: '${env.GONE}'}\n", ("AFG030", "/x/y", 2, 8)),
        ("flowName: orders\nx:\n- a\n- b-${env.GONE}\n", ("AFG030", "/x/1", 4, 3)),
        ("- flowName: a\n- flowName: ${env.GONE}\n", ("AFG030", "/1/flowName", 2, 13)),
        ("flowName: a\n---\nflowName: ${env.GONE}\n", ("AFG030", "/flowName", 3, 11)),
        ("flowName: ${env.lake}\n", ("AFG030", "/flowName", 1, 11)),
        ("flowName: ${env.}\n", ("AFG031", "/flowName", 1, 11)),
        ("flowName: ${env.LAKE\n", ("AFG031", "/flowName", 1, 11)),
        ("flowName: ${env.data-lake}\n", ("AFG031", "/flowName", 1, 11)),
        ("flowName: ${env.1A}\n", ("AFG031", "/flowName", 1, 11)),
        ("flowName: ${env.LAKE:-default}\n", ("AFG031", "/flowName", 1, 11)),
        ("flowName: ${env.${env.TEAM}}\n", ("AFG031", "/flowName", 1, 11)),
        (f"flowName: ${{env.{'A' * 65}}}\n", ("AFG031", "/flowName", 1, 11)),
        ("flowName: v${env.PAGE}\n", ("AFG032", "/flowName", 1, 11)),
        ("flowName: ${env.ON}${env.ON}\n", ("AFG032", "/flowName", 1, 11)),
    ],
)
def test_what_cannot_be_put_in_is_told_at_its_place(text: str, found: tuple[str, str, int, int]) -> None:
    assert problems(text) == [found]


def test_every_problem_of_a_text_is_told_once() -> None:
    text = "flowName: ${env.A} ${env.A} ${env.B} ${env.\n"
    assert [rule for rule, *_ in problems(text)] == ["AFG030", "AFG030", "AFG031"]


def test_the_hint_names_the_variables_that_there_are() -> None:
    [finding] = read_document("flowName: ${env.X}\n", "a.yaml", Variables({"B": "", "A": ""})).findings
    assert (finding.message, finding.hint) == ("the variable `X` is not defined", "known here: A, B")


def test_a_broken_file_of_variables_closes_only_the_documents_that_use_one() -> None:
    broken, _ = read_variables(b"LAKE: [", "variables/prod.yaml")
    assert problems("flowName: orders-${env.LAKE}\n", broken) == [("AFG033", "/flowName", 1, 11)]
    assert problems("flowName: orders\n", broken) == []


BOMBS = [
    pytest.param("a: ${env.BIG}${env.BIG}\n", id="values"),
    pytest.param(
        "a: &a x${env.TEAM}" + "x" * (MAX_BYTES // 1000) + "\nb: [" + "*a, " * MAX_ALIASES + "]\n",
        id="aliases",
    ),
    pytest.param(
        "a: &a x" + "${env.NONE}" * 300 + "\nb: [" + "*a, " * MAX_ALIASES + "]\n", id="empty values"
    ),
    pytest.param("a: [" + "'-${env.BIG}', " * 1000 + "]\n", id="many values"),
]


@pytest.mark.parametrize("text", BOMBS)
def test_p10_a_small_document_cannot_grow_without_end(text: str) -> None:
    stage = Variables({**STAGE.values, "BIG": "x" * (MAX_BYTES * 2 // 3)})
    document = read_document(f"flowName: orders\n{text}", "a.yaml", stage)
    assert [finding.rule for finding in document.findings] == ["AFG001"]
    assert len(json.dumps(document.flows[0].value)) < 3 * MAX_BYTES


def test_a_file_gives_strings_whole_numbers_and_booleans() -> None:
    variables, findings = read_variables(b"A: text\nB: 5\nC: false\nD: '5'\n", "variables/prod.yaml")
    assert (variables.values, findings) == ({"A": "text", "B": 5, "C": False, "D": "5"}, ())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ("AFG034", "", 1, 1)),
        ("- A: b\n", ("AFG034", "", 1, 1)),
        ("A: b\n---\nB: c\n", ("AFG034", "", 1, 1)),
        ("A: b\nB: [c]\n", ("AFG034", "/B", 2, 4)),
        ("A: {b: c}\n", ("AFG034", "/A", 1, 4)),
        ("A:\n", ("AFG034", "/A", 1, 3)),
        ("A: 1.10\n", ("AFG034", "/A", 1, 4)),
        ("data-lake: b\n", ("AFG034", "/data-lake", 1, 12)),
        ("A: 1\nA: 2\n", ("AFG010", "/A", 2, 1)),
        ("A: 2026-01-01\n", ("AFG014", "/A", 1, 4)),
        ("A: !Ref B\n", ("AFG013", "/A", 1, 4)),
        ("A: [\n", ("AFG005", "", 2, 1)),
    ],
)
def test_what_is_wrong_with_a_file_is_told_at_its_place(text: str, found: tuple[str, str, int, int]) -> None:
    variables, [finding] = read_variables(text.encode(), "variables/prod.yaml")
    assert finding.position
    assert (finding.rule, finding.pointer, finding.position.line, finding.position.column) == found
    assert variables.values == {}
    assert variables.broken
    assert variables.broken.startswith("prod.yaml, line ")


@given(
    st.binary()
    | st.recursive(st.text() | st.integers() | st.none(), st.lists).map(yaml.safe_dump).map(str.encode)
)
def test_whatever_a_file_holds_it_gives_values_or_says_why_not(content: bytes) -> None:
    variables, findings = read_variables(content, "variables/prod.yaml")
    assert bool(findings) == bool(variables.broken)
