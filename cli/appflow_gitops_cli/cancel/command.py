"""``appflow-gitops cancel``: cancel runs in progress."""

import sys

import click

from appflow_gitops.quoting import quoted
from appflow_gitops_cli.cloud import existing_flow, run_service, translate_aws_errors
from appflow_gitops_cli.screen import print_lines


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("flow")
@click.argument("run_ids", metavar="[RUN]...", nargs=-1)
def cancel(*, flow: str, run_ids: tuple[str, ...]) -> None:
    """Cancel runs of FLOW that are in progress: those with the ids RUN, or all of them.

    Prints the ids of the runs that are being canceled. Records that were transferred before stay in the destination.

    \b
    Example:
      appflow-gitops cancel orders

    Exit status: 0 success, 1 a run is not in progress, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    with translate_aws_errors():
        existing_flow(flow)
        service = run_service()
        ids = run_ids or tuple(run.id for run in service.latest(flow) if run.status == "InProgress")
        if not ids:
            print_lines(["no run in progress"])
            return
        refused = service.cancel(flow, ids)
    print_lines(
        f"run {quoted(run_id)} is not in progress" if run_id in refused else f"canceling {run_id}"
        for run_id in ids
    )
    sys.exit(1 if refused else 0)
