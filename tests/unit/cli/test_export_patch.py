"""Edits of single values in the text of a document: only the edited value changes."""

from collections.abc import Callable
from typing import Any

import pytest

from appflow_gitops_cli.export import patch

HEAD = "flowName: orders\n"


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        ("a: 1  # kept\n", lambda text: patch.change(text, 0, ("a",), 1, 2), "a: 2  # kept\n"),
        ("a: 'x'\n", lambda text: patch.change(text, 0, ("a",), "x", "it's"), "a: 'it''s'\n"),
        ('a: "x"\n', lambda text: patch.change(text, 0, ("a",), "x", 1), "a: 1\n"),
        ("a: x\n", lambda text: patch.change(text, 0, ("a",), "x", "1"), "a: '1'\n"),
        ("a: x\n", lambda text: patch.change(text, 0, ("a",), "x", {"b": ["é"]}), 'a: {"b": ["é"]}\n'),
        ("a: [1, 2]\n", lambda text: patch.change(text, 0, ("a",), [1, 2], [1, 3, 4]), "a: [1, 3, 4]\n"),
        (
            "a:\n- 1\n- 2\n- 3\n",
            lambda text: patch.change(text, 0, ("a",), [1, 2, 3], [1, 3]),
            "a:\n- 1\n- 3\n",
        ),
        (
            "a:\n- 1\n- 3\n",
            lambda text: patch.change(text, 0, ("a",), [1, 3], [1, 2, 3]),
            "a:\n- 1\n- 2\n- 3\n",
        ),
        ("a: {b: 1, c: 2}\n", lambda text: patch.remove(text, 0, ("a", "b")), "a: {c: 2}\n"),
        ("a: {b: 1, c: 2}\n", lambda text: patch.remove(text, 0, ("a", "c")), "a: {b: 1}\n"),
        ("a: {b: 1}\n", lambda text: patch.remove(text, 0, ("a", "b")), "a: {}\n"),
        ("a:\n  b: 1\nc: 2\n", lambda text: patch.remove(text, 0, ("a", "b")), "c: 2\n"),
        ("a:\n- 1  # one\n- 2\n", lambda text: patch.remove(text, 0, ("a", 0)), "a:\n- 2\n"),
        ("a:\n- b: 1\n  c: 2\n", lambda text: patch.remove(text, 0, ("a", 0, "b")), "a:\n- c: 2\n"),
        ("a: |\n  one\nb: 1\n", lambda text: patch.remove(text, 0, ("a",)), "b: 1\n"),
        ("b: 1", lambda text: patch.remove(text, 0, ("b",)), ""),
        ("a: 1\n", lambda text: patch.insert(text, 0, ("b",), "x"), "a: 1\nb: x\n"),
        ("a: 1", lambda text: patch.insert(text, 0, ("b",), ["x"]), "a: 1\nb: [x]\n"),
        ("a: 1\n", lambda text: patch.insert(text, 0, ("b",), {}), "a: 1\nb: {}\n"),
        ("a: {}\n", lambda text: patch.insert(text, 0, ("a", "b"), "x"), 'a: {"b": "x"}\n'),
        ("a: {b: 1}\n", lambda text: patch.insert(text, 0, ("a", "c"), "x"), "a: {b: 1, c: x}\n"),
        ('a: {"b": 1}\n', lambda text: patch.insert(text, 0, ("a", "c"), "x"), 'a: {"b": 1, "c": "x"}\n'),
        ("a: [1, 3]\n", lambda text: patch.insert(text, 0, ("a", 1), 2), "a: [1, 2, 3]\n"),
        (
            "a:\n- 1\n",
            lambda text: patch.insert(text, 0, ("a", 0), {"b": 1, "c": 2}),
            "a:\n- b: 1\n  c: 2\n- 1\n",
        ),
        ("a:\r\n- 1\r\n", lambda text: patch.insert(text, 0, ("a", 1), 2), "a:\r\n- 1\r\n- 2\r\n"),
        (
            "a: [\n  1\n  ]\n",
            lambda text: patch.insert(text, 0, ("a", 1), 2),
            "a: [\n  1,\n  2\n  ]\n",
        ),
    ],
)
def test_only_the_edited_value_changes(before: str, edit: Callable[[str], str], after: str) -> None:
    assert edit(HEAD + before) == HEAD + after


@pytest.mark.parametrize(
    ("text", "edit", "message"),
    [
        ("a: [", lambda text: patch.remove(text, 0, ("a",)), "cannot parse the document: while parsing"),
        ("a: 1\n", lambda text: patch.change(text, 0, ("b",), 1, 2), "does not contain /b"),
        ("a: [1]\n", lambda text: patch.change(text, 0, ("a", 1), 1, 2), "does not contain /a/1"),
        ("a: 1\n", lambda text: patch.change(text, 0, ("a", "b"), 1, 2), "does not contain /a/b"),
        ("a: [1]\n", lambda text: patch.change(text, 0, ("a", "b"), 1, 2), "does not contain /a/b"),
        (
            "a:\n- 1\n",
            lambda text: patch.remove(text, 0, ("a", 0)),
            "/a/0 is the only entry; remove it by hand",
        ),
    ],
)
def test_what_cannot_be_edited_is_an_error_on_one_line(
    text: str, edit: Callable[[str], str], message: str
) -> None:
    with pytest.raises(patch.PatchError) as raised:
        edit(HEAD + text)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_flows_are_objects_with_a_name_at_the_top_or_in_a_list() -> None:
    text = "flowName: a\n---\n- {flowName: b}\n- {other: c}\n- text\n---\n- flowName: d\n"
    assert len(patch.flow_nodes(text)) == 3
    assert patch.text_at(text, 2, ("flowName",)) == "d"
    assert patch.text_at("flowName: a\nb: [1, 2]\n", 0, ("b",)) == ""
    assert [node.value for node in patch.list_at("flowName: a\nb: [1, 2]\n", 0, ("b",))] == ["1", "2"]
    assert patch.list_at("flowName: a\n", 0, ("flowName",)) == []


@pytest.mark.parametrize(
    ("before", "old", "new", "after"),
    [
        ("a: [1, 2]\n", [1, 2], [3, 4, 2], "a: [3, 4, 2]\n"),
        ("a: [1, 2, 3]\n", [1, 2, 3], [4], "a: [4]\n"),
        ("a:\n- 1\n- 2\n- 3\n", [1, 2, 3], [4, 5, 6, 7], "a:\n- 4\n- 5\n- 6\n- 7\n"),
        ("a:\n- 1\n- 2\n- 3\n", [1, 2, 3], [3], "a:\n- 3\n"),
        ("a:\n- 1\n- 2\n- 3\n- 4\n", [1, 2, 3, 4], [0, 1, 3, 5], "a:\n- 0\n- 1\n- 3\n- 5\n"),
        ("a: [1, 2]\n", [1], [5, 6], "a: [5, 6]\n"),
        ("a: [1, 2]\n", [1, 2], {"b": 1}, 'a: {"b": 1}\n'),
        ("a: {b: 1}\n", {"b": 1}, "x", "a: x\n"),
        (
            "a:\n- {b: 1} # x\n- {b: 2}\n",
            [{"b": 1}, {"b": 2}],
            [{"b": 1}, {"b": 3}],
            'a:\n- {b: 1} # x\n- {"b": 3}\n',
        ),
        ("a:\n  b: 1\n  # c\nd: 1\n", {"b": 1}, {"b": 2}, 'a:\n  {"b": 2}\n  # c\nd: 1\n'),
        ("a: |\n  x\n  y\n\nb: 1\n", "x\ny\n", "z", "a: z\n\nb: 1\n"),
        ("a: >\r\n  x\r\nb: 1\r\n", "x\n", "z", "a: z\r\nb: 1\r\n"),
        ("a: x\n", "x", "line\nline", 'a: "line\\nline"\n'),
        ("a: x\n", "x", "y: z", "a: 'y: z'\n"),
        ("a: x\n", "x", None, "a: null\n"),
        ("a: x\n", "x", "é" * 100, f"a: {'é' * 100}\n"),
    ],
)
def test_a_value_is_replaced_and_of_lists_only_the_items_that_differ(
    before: str, old: Any, new: Any, after: str
) -> None:
    assert patch.change(HEAD + before, 0, ("a",), old, new) == HEAD + after


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        ("a: {b: 1, c: 2, d: 3}\n", ("a", "c"), "a: {b: 1, d: 3}\n"),
        ("a: [1, 2, 3]\n", ("a", 0), "a: [2, 3]\n"),
        ("a: [1, 2, 3]\n", ("a", 2), "a: [1, 2]\n"),
        ("a: [ 1 ]\n", ("a", 0), "a: [  ]\n"),
        ("a:\n  b:\n    c: 1\nd: 1\n", ("a", "b", "c"), "d: 1\n"),
        ("a:\n  b:\n    c: 1\n  e: 2\n", ("a", "b", "c"), "a:\n  e: 2\n"),
        ("a:\n- b: 1\n- c: 2\n", ("a", 1, "c"), "a:\n- b: 1\n"),
        ("a:\n  - b: 1\n    c: 2\n  # end\nd: 1\n", ("a", 0, "c"), "a:\n  - b: 1\n  # end\nd: 1\n"),
        ("a:\n  - 1\n  # two\n  - 2\nd: 1\n", ("a", 1), "a:\n  - 1\n  # two\nd: 1\n"),
    ],
)
def test_a_member_or_item_is_removed_with_its_line_or_separator(
    before: str, path: tuple[str | int, ...], after: str
) -> None:
    assert patch.remove(HEAD + before, 0, path) == HEAD + after


@pytest.mark.parametrize("text", ["flowName: orders\n", "- flowName: orders\n"])
def test_the_only_member_of_a_flow_is_not_removed(text: str) -> None:
    with pytest.raises(patch.PatchError, match="/flowName is the only entry"):
        patch.remove(text, 0, ("flowName",))


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("a:\n  - 1\n  - 3\nb: 1\n", ("a", 1), {"x": 1, "y": [1]},
         "a:\n  - 1\n  - x: 1\n    y: [1]\n  - 3\nb: 1\n"),
        ("a:\n  - 1\nb: 1\n", ("a", 1), [1, [2]], "a:\n  - 1\n  - - 1\n    - [2]\nb: 1\n"),
        ("a:\n  b: 1\nd: 1\n", ("a", "c"), {"x": 1}, "a:\n  b: 1\n  c: {x: 1}\nd: 1\n"),
        ("a:\n  b: 1\nd: 1\n", ("a", "c"), {"x": {"y": 1}, "z": "w"},
         "a:\n  b: 1\n  c:\n    x: {y: 1}\n    z: w\nd: 1\n"),
        ("a:\n  b: 1\nd: 1\n", ("a", "c"), [{"x": 1}, {"y": 2}],
         "a:\n  b: 1\n  c:\n    - {x: 1}\n    - {y: 2}\nd: 1\n"),
        ("a:\n  b: 1\nd: 1\n", ("a", "c"), [], "a:\n  b: 1\n  c: []\nd: 1\n"),
        ("a:\n  b: |\n    text\nd: 1\n", ("a", "c"), "x: y", "a:\n  b: |\n    text\n  c: 'x: y'\nd: 1\n"),
        ("a: 1", ("b",), {"c": 1, "d": 2}, "a: 1\nb:\n  c: 1\n  d: 2\n"),
        ("a: 1\r\n", ("b",), {"c": 1}, "a: 1\r\nb: {c: 1}\r\n"),
        ("a: 1", ("b",), "line\nline", 'a: 1\nb: "line\\nline"\n'),
        ("a: []\n", ("a", 0), "x", 'a: ["x"]\n'),
        ("a: []\n", ("a", 0), {"b": "x"}, 'a: [{"b": "x"}]\n'),
        ("a: [x]\n", ("a", 1), "y z", "a: [x, y z]\n"),
        ("a: ['x']\n", ("a", 1), "y, z", "a: ['x', 'y, z']\n"),
        ('a: ["x"]\n', ("a", 1), "y", 'a: ["x", "y"]\n'),
        ('a: ["x"]\n', ("a", 0), "y", 'a: ["y", "x"]\n'),
        ('a: {"b": [1]}\n', ("a", "d"), True, 'a: {"b": [1], "d": true}\n'),
        ("a: {b: [1]}\n", ("a", "d"), "x", "a: {b: [1], d: x}\n"),
        ('a: [[1], "x"]\n', ("a", 2), "y", 'a: [[1], "x", "y"]\n'),
        ('a: {\n  "b": 1\n  }\n', ("a", "d"), {"e": 1}, 'a: {\n  "b": 1,\n  "d": {"e": 1}\n  }\n'),
        ('a: {"b": 1,\n    "c": 2}\n', ("a", "d"), "y", 'a: {"b": 1,\n    "c": 2,\n    "d": "y"}\n'),
        ("a: [\n  1,\n  2\n  ]\n", ("a", 0), 0, "a: [\n  0, 1,\n  2\n  ]\n"),
    ],
)  # fmt: skip
def test_a_member_or_item_is_added_in_the_style_of_its_parent(
    before: str, path: tuple[str | int, ...], value: Any, after: str
) -> None:
    assert patch.insert(HEAD + before, 0, path, value) == HEAD + after
