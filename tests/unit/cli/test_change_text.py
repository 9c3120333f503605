"""How a change of a flow is printed: on one line or member by member, wrapped to the width of the terminal."""

from typing import Any

import pytest

from appflow_gitops.flows.diff import DiffItem
from appflow_gitops_cli.change_text import change_lines, wrapped
from appflow_gitops_cli.screen import Screen

NESTED: dict[str, Any] = {"a": {"b": [1, 2], "c": {}}, "d": [{"e": None}, []], "f": {}}


@pytest.mark.parametrize(
    ("item", "lines"),
    [
        (DiffItem("add", ("a",), None, "é"), ['    + /a: "é"']),
        (DiffItem("remove", ("a",), [1, "b"], None), ['    - /a: [1, "b"]']),
        (DiffItem("change", ("a",), False, 0), ["    ~ /a: false -> 0"]),
        (
            DiffItem("add", ("a",), None, NESTED),
            [
                "    + /a:",
                "        a:",
                "          b: [1, 2]",
                "          c: {}",
                "        d:",
                "          -",
                "            e: null",
                "          - []",
                "        f: {}",
            ],
        ),
        (
            DiffItem("change", ("a",), {"b": 1}, "c"),
            ["    ~ /a:", "        - b: 1", '        + "c"'],
        ),
    ],
    ids=["text", "list", "plain values", "nested", "nested and plain"],
)
def test_a_change_is_on_one_line_or_member_by_member(item: DiffItem, lines: list[str]) -> None:
    assert list(change_lines(item, Screen())) == lines


@pytest.mark.parametrize(
    ("sign", "text", "indent", "width", "lines"),
    [
        ("", "", 4, 80, ["    "]),
        ("+", " ", 4, 80, ["    + "]),
        ("", "one two three four five six", 4, 28, ["    one two three four", "        five six"]),
        ("~", "one two three four five six", 4, 30, ["    ~ one two three four", "          five six"]),
        ("", "one two three four five six", 16, 1, [f"{' ' * 16}one two three four", f"{' ' * 20}five six"]),
        ("", "a-word-that-is-longer-than-the-line x", 0, 1, ["a-word-that-is-longer-than-the-line", "    x"]),
    ],
)
def test_text_is_wrapped_between_words_and_indented(
    sign: str, text: str, indent: int, width: int, lines: list[str]
) -> None:
    assert list(wrapped(sign, text, indent, Screen(width))) == lines


def test_a_pointer_is_wrapped_after_slashes_only() -> None:
    pointer = "/destinationFlowConfigList/0/destinationConnectorProperties/S3"
    assert list(wrapped("~", pointer, 0, Screen(40), breaks_paths=True)) == [
        "~ /destinationFlowConfigList/0/",
        "      destinationConnectorProperties/S3",
    ]
    assert list(wrapped("~", pointer, 0, Screen(40))) == [f"~ {pointer}"]


@pytest.mark.parametrize("value", ["x", {"b": 1}], ids=["plain", "nested"])
def test_a_long_pointer_of_a_change_is_wrapped(value: Any) -> None:
    path = ("destinationFlowConfigList", 0, "destinationConnectorProperties", "S3")
    first, second, *_ = change_lines(DiffItem("add", path, None, value), Screen(44))
    assert (first, second.split(":")[0]) == (
        "    + /destinationFlowConfigList/0/",
        "          destinationConnectorProperties/S3",
    )
