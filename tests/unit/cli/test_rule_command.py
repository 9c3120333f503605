"""``rule`` explains every rule as docs/rules.md does, as plain text."""

import pytest

from appflow_gitops.validation.rule_catalogue import all_rules
from appflow_gitops.validation.rules.registry import RULES
from appflow_gitops_cli.rule_text import without_markup

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
