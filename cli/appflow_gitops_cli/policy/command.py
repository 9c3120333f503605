"""``appflow-gitops policy``: explain what the policy allows documents."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace

import click

from appflow_gitops.quoting import quoted
from appflow_gitops.validation.policy.model import BrokenPolicy, Policy
from appflow_gitops_cli.documents.document_files import find_documents
from appflow_gitops_cli.documents.report import DocumentReport, counted, read_source
from appflow_gitops_cli.documents.sources import Source
from appflow_gitops_cli.environment import LocalEnvironment, environment_options, read_environment
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.policy.explanation import Answer, Explanation, explain
from appflow_gitops_cli.project_file import project_options, select_stage_hint
from appflow_gitops_cli.screen import Screen, print_lines, standard_output
from appflow_gitops_cli.usage import format_option

_SETTINGS = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=_SETTINGS)
def policy() -> None:
    """Explain what the policy allows documents, without AWS.

    \b
    Example:
      appflow-gitops policy explain flows/sales/orders.yaml
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap


@policy.command(
    "explain", context_settings=_SETTINGS, short_help="Show which grant applies, and what it allows."
)
@click.argument("paths", nargs=-1, required=True, metavar="DOCUMENT...")
@format_option("Format of the output.")
@environment_options
@project_options
def explain_command(
    *, paths: tuple[str, ...], output_format: str, policy: str | None, variables: str | None
) -> None:
    """Show which grant of the policy applies to a document, and what allows each thing that its flows use.

    The policy is the file of --policy, or that of the project file. Other findings are not printed: validate does.

    \b
    Example:
      appflow-gitops policy explain flows/sales/orders.yaml
      appflow-gitops policy explain --policy policy.yaml --format json flows/

    Exit status: 0 all allowed, 1 something is not allowed or the document has errors, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    local = read_environment(policy, variables)
    in_force = local.environment.policy
    if isinstance(in_force, BrokenPolicy):
        raise CommandError(f"the policy is invalid: {in_force.reason}")
    if in_force is None:
        raise CommandError(
            "no policy; pass --policy FILE, or set 'policy' in appflow-gitops.toml (without a policy everything is "
            "allowed)"
        )
    checked = replace(local, environment=replace(local.environment, checks_fields=True))
    sources = find_documents(paths, local)
    explanations = [_explain(source, checked, in_force) for source in sources]
    if output_format == "json":
        print_lines([json.dumps([each.to_json() for each in explanations], indent=2)])
    else:
        screen = standard_output()
        print_lines(line for each in explanations for line in _lines(each, screen))
    sys.exit(0 if all(each.allowed for each in explanations) else 1)


def _explain(source: Source, local: LocalEnvironment, policy: Policy) -> Explanation:
    """The explanation of one document. Raises CommandError for one without a readable flow."""
    read = read_source(source, local)
    if isinstance(read, DocumentReport) or not any(flow.parsed for flow in read.checked.flows):
        raise CommandError(f"{source.name}: no readable flow; run 'appflow-gitops validate {source.name}'")
    return explain(source.name, local.key(source.name), read.checked, policy)


def _lines(explanation: Explanation, screen: Screen) -> Iterator[str]:
    yield screen.style(screen.printable(explanation.file), bold=True)
    if explanation.grant is None:
        yield "  " + screen.style("no grant matches this document; nothing is allowed", "red")
        return
    mode = ", mode observe: nothing is written" if explanation.is_observed else ""
    yield screen.printable(f"  grant for {explanation.grant}{mode}")
    width = max((len(answer.kind) for answer in explanation.answers), default=0)
    for answer in explanation.answers:
        text = f"  {answer.kind:{width}}  {quoted(answer.value)}: {_verdict(answer)}"
        yield screen.style(screen.printable(text), None if answer.allowed else "red")
    if explanation.other_errors:
        hint = select_stage_hint() or f"run 'appflow-gitops validate {explanation.file}'"
        errors = counted(explanation.other_errors, "other error")
        text = f"  {errors} in the document, so this may be incomplete; {hint}"
        yield screen.style(screen.printable(text), "red")


def _verdict(answer: Answer) -> str:
    if not answer.allowed:
        return f"not allowed by {quoted(answer.member)}"
    if answer.by is None:
        return f"allowed, the grant has no {quoted(answer.member)}"
    return f"allowed by {quoted(answer.by)} in {quoted(answer.member)}"
