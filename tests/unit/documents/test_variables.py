"""Variables are inserted into strings as plain data, once; what cannot be resolved is reported at its position."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from appflow_gitops.documents.limits import MAX_ALIASES, MAX_BYTES
from appflow_gitops.documents.read import read_document
from appflow_gitops.documents.variables import Variables, escaped, read_variables
from appflow_gitops.findings import Json

ENVIRONMENT = Variables(
    {"LAKE": "prod-lake", "TEAM": "sales", "PAGE": 500, "ON": True, "TRAP": "${env.LAKE}", "NONE": ""}
)


def read(value: Json, variables: Variables | None = ENVIRONMENT) -> Json:
    """The value of a key after reading a document without findings."""
    document = read_document(json.dumps({"flowName": "orders", "description": value}), "a.json", variables)
    assert [finding.message for finding in document.findings] == []
    return document.flows[0].value["description"]


def found_in(
    text: str, variables: Variables = ENVIRONMENT, name: str = "a.yaml"
) -> list[tuple[str, str, int, int]]:
    found = read_document(text, name, variables).findings
    return [
        (each.rule, each.pointer, each.position.line, each.position.column) for each in found if each.position
    ]


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
        # Any other ${...} belongs to AppFlow: Merge tasks have such formats.
        ("${Id}-${Name}", "${Id}-${Name}"),
        ("$env.LAKE {env.LAKE} ${ENV.LAKE} ${env}", "$env.LAKE {env.LAKE} ${ENV.LAKE} ${env}"),
        ("$${env.LAKE}", "${env.LAKE}"),
        ("$$${env.LAKE}", "$${env.LAKE}"),
        ("$${env.no name}", "${env.no name}"),
        ("$${env.LAKE}-${env.LAKE}", "${env.LAKE}-prod-lake"),
    ],
)
def test_a_variable_is_replaced_by_its_value(written: Json, resolved: Json) -> None:
    assert read(written) == resolved
    assert type(read(written)) is type(resolved)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (r'{"flowName": "orders", "description": "\u0024{env.LAKE}"}', "a.json"),
        (r'{"flowName": "orders", "description": "${env\u002eLAKE}"}', "a.json"),
        ('flowName: orders\ndescription: "\\x24{env.LAKE}"', "a.yaml"),
        ('flowName: orders\ndescription: "${env\\\n  .LAKE}"', "a.yaml"),
    ],
)
def test_a_variable_is_found_where_an_escape_sequence_spells_it(text: str, name: str) -> None:
    (flow,) = read_document(text, name, ENVIRONMENT).flows
    assert flow.value["description"] == "prod-lake"


def test_values_are_never_resolved_again() -> None:
    assert read("${env.TRAP} and ${env.TRAP}") == "${env.LAKE} and ${env.LAKE}"
    halves = Variables({"A": "${env.", "B": "LAKE}", "LAKE": "never"})
    assert read("${env.A}${env.B}", halves) == "${env.LAKE}"


@given(st.text())
def test_a_value_is_inserted_verbatim(value: str) -> None:
    text = value.encode("utf-8", "replace").decode()
    assert read("${env.V}", Variables({"V": text})) == text
    assert read("<${env.V}>", Variables({"V": text})) == f"<{text}>"


@given(st.text() | st.text("${}env.AB "))
def test_escaped_text_is_not_resolved(value: str) -> None:
    text = value.encode("utf-8", "replace").decode()
    assert read(escaped(text)) == text


def test_keys_are_not_resolved() -> None:
    assert read({"${env.TEAM}": "x"}) == {"${env.TEAM}": "x"}


def test_without_variables_text_is_not_resolved() -> None:
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
def test_an_unresolvable_variable_is_reported_at_its_position(
    text: str, found: tuple[str, str, int, int]
) -> None:
    assert found_in(text) == [found]


def test_every_issue_of_a_text_is_reported_once() -> None:
    text = "flowName: ${env.A} ${env.A} ${env.B} ${env.\n"
    assert [rule for rule, *_ in found_in(text)] == ["AFG030", "AFG030", "AFG031"]


def test_an_undefined_variable_is_reported_at_its_first_use_only() -> None:
    text = "flowName: ${env.A}\nx: ['${env.B}', '${env.A}', '${env.B}']\n---\nflowName: b-${env.A}\n"
    assert found_in(text) == [("AFG030", "/flowName", 1, 11), ("AFG030", "/x/0", 2, 5)]
    read = read_document(text, "flows.yaml")
    assert [finding.pointer for finding in read.repeated] == ["/x/1", "/x/2", "/flowName"]


def test_a_mistake_of_the_document_itself_is_reported_at_each_place() -> None:
    text = "flowName: ${env.}\nx: ['${env.}', 'v${env.PAGE}', 'v${env.PAGE}']\n"
    assert [(rule, pointer) for rule, pointer, *_ in found_in(text)] == [
        ("AFG031", "/flowName"),
        ("AFG031", "/x/0"),
        ("AFG032", "/x/1"),
        ("AFG032", "/x/2"),
    ]


def test_an_invalid_variables_file_is_reported_once_in_a_document() -> None:
    invalid, _ = read_variables(b"LAKE: [", "variables/prod.yaml")
    assert len(found_in("flowName: ${env.A}\nx: ${env.B}\n", invalid)) == 1


def test_the_hint_lists_the_defined_variables() -> None:
    [finding] = read_document("flowName: ${env.X}\n", "a.yaml", Variables({"B": "", "A": ""})).findings
    assert (finding.message, finding.hint) == ("unknown variable 'X'", "expected one of: 'A', 'B'")


def test_an_invalid_variables_file_affects_only_documents_with_variables() -> None:
    invalid, _ = read_variables(b"LAKE: [", "variables/prod.yaml")
    assert found_in("flowName: orders-${env.LAKE}\n", invalid) == [("AFG033", "/flowName", 1, 11)]
    assert found_in("flowName: orders\n", invalid) == []


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
def test_p10_variables_and_aliases_cannot_blow_up_a_small_document(text: str) -> None:
    variables = Variables({**ENVIRONMENT.values, "BIG": "x" * (MAX_BYTES * 2 // 3)})
    document = read_document(f"flowName: orders\n{text}", "a.yaml", variables)
    assert [finding.rule for finding in document.findings] == ["AFG001"]
    assert len(json.dumps(document.flows[0].value)) < 3 * MAX_BYTES


@pytest.mark.parametrize(("surplus", "rules"), [(0, []), (1, ["AFG001"])])
def test_strings_with_variables_may_have_the_limit_together(surplus: int, rules: list[str]) -> None:
    written = "-${env.BIG}"
    variables = Variables({"BIG": "x" * (MAX_BYTES - len(written) + surplus)})
    document = read_document(json.dumps({"flowName": "orders", "a": written}), "a.json", variables)
    assert [finding.rule for finding in document.findings] == rules


def test_a_variables_file_has_strings_integers_and_booleans() -> None:
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
def test_an_invalid_variables_file_is_reported_at_its_position(
    text: str, found: tuple[str, str, int, int]
) -> None:
    variables, [finding] = read_variables(text.encode(), "variables/prod.yaml")
    assert finding.position
    assert (finding.rule, finding.pointer, finding.position.line, finding.position.column) == found
    assert variables.values == {}
    assert variables.error
    assert variables.error.startswith("prod.yaml, line ")


@given(
    st.binary()
    | st.recursive(st.text() | st.integers() | st.none(), st.lists).map(yaml.safe_dump).map(str.encode)
)
def test_any_variables_file_has_values_or_an_error(content: bytes) -> None:
    variables, findings = read_variables(content, "variables/prod.yaml")
    assert bool(findings) == bool(variables.error)
