"""``appflow-gitops resume``: end pauses, so that held changes are applied."""

import click

from appflow_gitops.quoting import listed, quoted
from appflow_gitops.validation.policy.hold import FlowPause
from appflow_gitops_cli.cloud import documents, held_changes, read_deployment, translate_aws_errors
from appflow_gitops_cli.documents.report import counted
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.pauses import StoredPauses, describe_pauses, without
from appflow_gitops_cli.project_file import stack_option
from appflow_gitops_cli.provenance import provenance_of
from appflow_gitops_cli.screen import print_lines


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@stack_option("The stack whose flows are resumed.")
@click.argument("flows", metavar="[FLOW]...", nargs=-1)
def resume(*, stack: str, flows: tuple[str, ...]) -> None:
    """End the pauses of FLOW, or all pauses, so that held changes are applied.

    FLOW is a pattern exactly as it was paused. Writes or deletes paused.yaml in the documents bucket; pauses in the
    policy and of the stack's parameter Paused stay. Prints what is still paused, and how many flows have held changes.

    \b
    Example:
      appflow-gitops resume
      appflow-gitops resume 'sales-*'

    Exit status: 0 success, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    with translate_aws_errors():
        deployment = read_deployment(stack)
        stored = StoredPauses(documents(), deployment.bucket)
        if flows:
            stored.edit(lambda pauses: without(_checked(pauses, flows), flows), provenance_of("."))
        else:
            stored.delete()
        waiting = len(held_changes(deployment.bucket).flows())
        environment = deployment.environment(documents()).read()
    still = (f"still paused {pause}" for pause in describe_pauses(environment))
    print_lines([*still, f"{counted(waiting, 'flow')} with held changes"])


def _checked(pauses: tuple[FlowPause, ...], patterns: tuple[str, ...]) -> tuple[FlowPause, ...]:
    """The pauses. Raises CommandError for a pattern that is not paused."""
    known = [flow for pause in pauses for flow in pause.flows]
    for pattern in patterns:
        if pattern not in known:
            raise CommandError(f"{quoted(pattern)} is not paused; paused: {listed(known) or 'none'}")
    return pauses
