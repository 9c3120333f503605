"""``rule`` explains every rule as docs/rules.md does, as plain text."""

from dataclasses import replace

import pytest

from appflow_gitops.findings import RuleInfo, Severity
from appflow_gitops.validation.rule_catalogue import all_rules
from appflow_gitops.validation.rules.registry import RULES
from appflow_gitops_cli.rule_text import explain, list_rules, without_markup
from appflow_gitops_cli.screen import Screen

from .conftest import Run


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_rule_is_explained_with_its_example_and_source(run: Run, rule) -> None:
    result = run("rule", rule.id.lower())
    assert result.exit_code == 0
    assert without_markup(rule.explanation) in " ".join(result.output.split())
    assert all(line.strip() in result.output for line in rule.example.replace("`", "'").splitlines())
    assert rule.source in result.output
    assert "`" not in result.output


def test_a_rule_across_fields_is_explained_with_the_fix(run: Run) -> None:
    assert "Fixed:" in run("rule", RULES[0].id).output


def test_without_a_rule_all_are_listed(run: Run) -> None:
    assert [line.split()[0] for line in run("rule").output.splitlines()] == [rule.id for rule in all_rules()]


def test_several_rules_are_explained(run: Run) -> None:
    result = run("rule", "AFG257", "AFG201")
    assert "\n\nAFG201 error" in result.output


def test_an_unknown_rule_is_an_error(run: Run) -> None:
    result = run("rule", "AFG999")
    assert result.exit_code == 2
    assert result.output == "Error: unknown rule 'AFG999'; run 'appflow-gitops rule' to list all rules\n"


RULE = RuleInfo("AFG999", Severity.WARNING, "A `b`", "x " * 80, "`a`\n\tb  ", "https://example.com")


def test_an_explanation_has_title_text_example_and_source() -> None:
    assert list(explain(RULE, Screen(40), 1)) == [
        "",
        "AFG999 warning: A `b`",
        "",
        *["x " * 19 + "x"] * 4,
        "",
        "Example:",
        "  'a'",
        "      b",
        "",
        "Source: https://example.com",
    ]


def test_lines_are_at_most_100_columns_wide_and_words_are_whole() -> None:
    long = "a-" * 60 + "a"
    rule = replace(RULE, explanation=f"{'x ' * 60}y {long}")
    lines = list(explain(rule, Screen(200)))
    assert lines[2:5] == [("x " * 50).strip(), f"{'x ' * 10}y", long]
    assert lines[0].startswith("AFG999")


def test_severities_of_rules_have_their_colour() -> None:
    screen = Screen(colour=True)
    assert next(iter(explain(RULE, screen))) == ("\x1b[1mAFG999\x1b[0m \x1b[33m\x1b[1mwarning\x1b[0m: A `b`")
    assert list(list_rules([RULE], screen)) == ["AFG999  \x1b[33m\x1b[22mwarning\x1b[0m  A 'b'"]
    assert list(list_rules([replace(RULE, severity=Severity.INFO)], Screen())) == ["AFG999  info     A 'b'"]
