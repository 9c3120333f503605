"""The generated parts of docs/local-appflow.md are those of the source."""

import pytest

from tools.docs.local_appflow import PAGE, PARTS, with_generated_parts


def test_the_page_lists_the_operations_switches_and_controls_of_the_source() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == with_generated_parts(page), "run make docs"


@pytest.mark.parametrize("name", PARTS)
def test_a_page_without_a_generated_part_is_an_error(name: str) -> None:
    page = PAGE.read_text(encoding="utf-8").replace(f"make docs ({name})", "")

    with pytest.raises(ValueError, match=name):
        with_generated_parts(page)


def test_every_member_of_a_control_is_explained() -> None:
    rows = [line for name in ("faults", "runs", "entities") for line in PARTS[name]().splitlines()[2:]]

    assert [row for row in rows if row.endswith("|  |")] == []
