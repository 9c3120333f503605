"""``appflow-gitops rule``: explain rules, or list them."""

from difflib import get_close_matches

import click

from appflow_gitops.findings import RuleInfo
from appflow_gitops.quoting import quoted
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.rule_text import explain, list_rules
from appflow_gitops_cli.screen import print_lines, standard_output


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("rules", nargs=-1, metavar="[RULE]...")
def rule(*, rules: tuple[str, ...]) -> None:
    """Explain rules: what each one reports, an example, the fix and the source.

    RULE is an id such as AFG257, as in the output of validate. Without RULE, all rules are listed with their severity
    and title.

    \b
    Example:
      appflow-gitops rule AFG257
      appflow-gitops rule

    Exit status: 0 success, 2 unknown rule.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    from appflow_gitops.validation.rule_catalogue import all_rules  # noqa: PLC0415 - the help does not need the rules

    by_id = {each.id: each for each in all_rules()}
    screen = standard_output()
    if not rules:
        print_lines(list_rules(by_id.values(), screen))
        return
    print_lines(
        line for number, name in enumerate(rules) for line in explain(_find(name, by_id), screen, number)
    )


def _find(name: str, by_id: dict[str, RuleInfo]) -> RuleInfo:
    if found := by_id.get(name.upper()):
        return found
    similar = get_close_matches(name.upper(), by_id, 1, cutoff=0.8)
    hint = f"did you mean {quoted(similar[0])}?" if similar else "run 'appflow-gitops rule' to list all rules"
    raise CommandError(f"unknown rule {quoted(name)}; {hint}")
