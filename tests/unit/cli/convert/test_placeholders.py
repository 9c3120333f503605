"""The variables of converted documents: their names, their values, and how texts use them."""

from collections.abc import Iterable

import pytest

from appflow_gitops_cli.convert.placeholders import Placeholders, has_reference, shown


def names(words: Iterable[str]) -> list[str]:
    variables = Placeholders()
    marks = [variables.add("", f"reference {number}", each) for number, each in enumerate(words)]
    return [mark.strip("\0") for mark in marks]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("OrdersBucket.Arn", "ORDERS_BUCKET_ARN"),
        ("lakeKMSKey", "LAKE_KMS_KEY"),
        ("AWS::AccountId", "AWS_ACCOUNT_ID"),
        ("bucket-name_2", "BUCKET_NAME_2"),
        ("2nd", "V_2ND"),
        ("--", "V"),
        ("größe", "GR_E"),
        ("x" * 59, "X" * 58),
        ("x" * 57 + "_yz", "X" * 57),
        ("x" * 56 + "_yz", "X" * 56 + "_Y"),
    ],
)
def test_a_name_is_made_of_the_words_of_its_reference(words: str, name: str) -> None:
    assert names([words]) == [name]


def test_equal_names_are_numbered() -> None:
    assert names(["a", "A", "a", "b", "x" * 60, "x" * 60]) == [
        "A",
        "A_2",
        "A_3",
        "B",
        "X" * 58,
        "X" * 58 + "_2",
    ]


def test_equal_references_of_one_file_are_one_variable() -> None:
    variables = Placeholders()
    first = variables.add("a.json", "Ref 'Stage'", "Stage", "dev")
    assert variables.add("a.json", "Ref 'Stage'", "Other") == first
    assert variables.add("b.json", "Ref 'Stage'", "Stage") != first
    variables.add("", "AWS::Region", "AWS::Region")
    assert [(each.name, each.origin, each.value) for each in variables] == [
        ("STAGE", "Ref 'Stage' in a.json", "dev"),
        ("STAGE_2", "Ref 'Stage' in b.json", None),
        ("AWS_REGION", "AWS::Region", None),
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "plain"),
        ("\0A\0", "${env.A}"),
        ("a-\0A\0-\0B_2\0", "a-${env.A}-${env.B_2}"),
        ("${env.A}\0A\0", "$${env.A}${env.A}"),
        ("${x}$", "${x}$"),
        ("\0A\0$", "${env.A}$"),
    ],
)
def test_references_are_written_as_variables_and_the_rest_is_escaped(text: str, written: str) -> None:
    assert Placeholders().written(text, is_text=False) == written


@pytest.mark.parametrize("text", ["$\0A\0", "a$\0A\0b", "\0A\0$\0B\0"])
def test_a_dollar_before_a_reference_cannot_be_written(text: str) -> None:
    with pytest.raises(ValueError, match=r"\$"):
        Placeholders().written(text, is_text=False)


@pytest.mark.parametrize(
    ("value", "is_text", "expected", "line"),
    [
        (60, False, 60, "A: 60"),
        (60, True, "60", 'A: "60"'),
        (True, False, True, "A: true"),
        (True, True, "true", 'A: "true"'),
        ("dev", True, "dev", 'A: "dev"'),
        (None, True, None, "A:"),
        ("é " * 60, False, "é " * 60, f'A: "{"é " * 60}"'),
    ],
)
def test_a_value_that_is_used_in_a_text_is_text(
    value: str | int | bool | None, is_text: bool, expected: object, line: str
) -> None:
    variables = Placeholders()
    variables.written(variables.add("", "the\nreference", "a", value), is_text=is_text)
    assert [each.value for each in variables] == [expected]
    head, origin, shown_value = variables.to_yaml().splitlines()
    assert head.startswith("# Variables of converted documents. ")
    assert (origin, shown_value) == ("# the\ufffdreference", line)
    assert variables.to_yaml().endswith("\n")
    assert variables.known().values == ({} if value is None else {"A": expected})


def test_variables_that_no_document_uses_are_forgotten_and_their_names_are_free() -> None:
    variables = Placeholders()
    for words in ("a", "b", "c"):
        variables.add("", words, words)
    variables.keep_only(["x: ${env.B}", "y: ${env.C}/${env.B}", "z: $A"])
    assert [each.name for each in variables] == ["B", "C"]
    assert variables.add("", "new", "a") == "\0A\0"
    assert variables.add("", "other", "b") == "\0B_2\0"


def test_a_resolved_text_may_contain_references() -> None:
    assert has_reference("a \0B\0")
    assert not has_reference("a ${B}")
    assert shown("a \0B_C\0!") == "a ${B_C}!"
