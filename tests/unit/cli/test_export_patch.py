"""Edits of single values in the text of a document: only the edited value changes."""

from collections.abc import Callable

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
    assert patch.text_at("flowName: a\nb: [1, 2]\n", 0, ("b",)) is None
    assert [node.value for node in patch.list_at("flowName: a\nb: [1, 2]\n", 0, ("b",))] == ["1", "2"]
    assert patch.list_at("flowName: a\n", 0, ("flowName",)) == []
