"""Quoted values: readable on one line, whatever they are."""

import pytest

from appflow_gitops.quoting import hint_for_hidden, listed, quoted


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("orders", "'orders'"),
        ("", "''"),
        (12, "'12'"),
        ("a\nb\tc", "'a<U+000A>b<U+0009>c'"),
        ("no\u00a0break", "'no<U+00A0>break'"),
        ("\u202erecorder", "'<U+202E>recorder'"),
        ("filler\u3164", "'filler<U+3164>'"),
        ("ü 中 😀", "'ü 中 😀'"),
    ],
)
def test_every_character_of_a_quoted_value_is_visible(value: object, expected: str) -> None:
    assert quoted(value) == expected


def test_a_long_value_is_cut_after_60_characters() -> None:
    assert quoted("x" * 60) == "'" + "x" * 60 + "'"
    assert quoted("x" * 61) == "'" + "x" * 60 + "...'"


def test_a_long_list_is_cut_with_the_number_of_the_rest() -> None:
    assert listed(["a", "b"]) == "'a', 'b'"
    assert listed(map(str, range(5)), limit=3) == "'0', '1', '2', and 2 more"
    assert listed("abc", limit=3) == "'a', 'b', 'c'"


def test_the_hint_about_invisible_characters_names_each_once() -> None:
    assert hint_for_hidden("a\u00a0b\u200bc\u00a0") == (
        "remove U+200B (zero width space), and replace U+00A0 (no-break space) by a space"
    )
    assert hint_for_hidden("a b \u4e2d") is None
    assert (hint_for_hidden("".join(map(chr, range(0x2000, 0x2010)))) or "").count("U+") == 5


def test_the_hint_about_a_line_of_a_mebibyte_takes_linear_time() -> None:
    assert hint_for_hidden("\u00a0 a" * (1 << 18)) == "replace U+00A0 (no-break space) by a space"


@pytest.mark.parametrize(
    "code",
    [
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x2800, 0x3164, 0xFFA0),
        *range(0xFE00, 0xFE10),
    ],
)
def test_a_character_that_is_drawn_as_nothing_is_shown_by_its_code(code: int) -> None:
    assert quoted(f"a{chr(code)}") == f"'a<U+{code:04X}>'"
    assert (hint_for_hidden(f"a{chr(code)}") or "").startswith(f"remove U+{code:04X} (")


@pytest.mark.parametrize("code", [0xFDFF, 0xFE10])
def test_a_character_beside_them_is_shown_as_it_is(code: int) -> None:
    assert quoted(chr(code)) == f"'{chr(code)}'"
