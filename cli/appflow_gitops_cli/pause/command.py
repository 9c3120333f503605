"""``appflow-gitops pause``: hold changes of flows until they are resumed."""

import click

from appflow_gitops.validation.policy.hold import FlowPause
from appflow_gitops_cli.cloud import documents, read_deployment, translate_aws_errors
from appflow_gitops_cli.pauses import StoredPauses, added, describe_pause
from appflow_gitops_cli.project_file import stack_option
from appflow_gitops_cli.provenance import provenance_of
from appflow_gitops_cli.screen import print_lines


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@stack_option("The stack whose flows are paused.")
@click.option(
    "--reason", default="paused by an operator", show_default=True, help="Why; status events contain it."
)
@click.argument("flows", metavar="[FLOW]...", nargs=-1)
def pause(*, stack: str, reason: str, flows: tuple[str, ...]) -> None:
    """Hold changes of FLOW, or of all flows, until they are resumed.

    FLOW is a name; * matches any text, ? one character. Writes paused.yaml into the documents bucket. Changes that
    arrive are reported as held and applied after 'appflow-gitops resume'; a change in progress is completed. Pushing a
    policy does not end a pause. Prints what is paused.

    \b
    Example:
      appflow-gitops pause --reason "incident 4711"
      appflow-gitops pause --reason "month-end closing" 'sales-*'

    Exit status: 0 success, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    with translate_aws_errors():
        stored = StoredPauses(documents(), read_deployment(stack).bucket)
        new = FlowPause(flows or ("*",), reason)
        pauses = stored.edit(lambda before: added(before, new), provenance_of("."))
    print_lines(f"paused {describe_pause(each)}" for each in pauses)
