"""``appflow-gitops confirm``: confirm repairs that exceed the limit of a stack."""

import click

from appflow_gitops.quoting import quoted
from appflow_gitops_cli.cloud import read_deployment, requests_to, translate_aws_errors
from appflow_gitops_cli.project_file import project_options, stack_option
from appflow_gitops_cli.screen import print_lines


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("confirmation")
@stack_option("The stack that reported the repairs.")
@project_options
def confirm(*, confirmation: str, stack: str) -> None:
    """Confirm repairs that exceed ChangeAtMost. CONFIRMATION is in the stack's Flow Repairs Limited event.

    The stack then scans again and changes the flows that the event names. If other flows differ by then, it changes
    none and sends a new event. Prints what was sent.

    \b
    Example:
      appflow-gitops confirm 3f2a9c01b7de

    Exit status: 0 sent, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    with translate_aws_errors():
        deployment = read_deployment(stack)
        requests_to(deployment.bus).confirm(confirmation)
    print_lines([f"confirmed {quoted(confirmation)}; see the flows with 'appflow-gitops status'"])
