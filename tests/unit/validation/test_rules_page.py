"""docs/rules.md is generated from the rules."""

from pathlib import Path

from appflow_gitops.validation.rule_catalogue import all_rules
from tools.docs.rules import markdown

RULES_MD = Path(__file__).parents[3] / "docs" / "rules.md"


def test_the_page_is_up_to_date() -> None:
    assert RULES_MD.read_text(encoding="utf-8") == markdown()


def test_every_rule_has_a_heading_to_link_to() -> None:
    headings = [line.removeprefix("### ") for line in markdown().splitlines() if line.startswith("### ")]
    assert headings == [rule.id for rule in all_rules()]
