"""``appflow-gitops run``: start a run of an on-demand flow."""

import sys
import time

import click

from appflow_gitops.quoting import quoted
from appflow_gitops_cli.cloud import existing_flow, run_service, translate_aws_errors
from appflow_gitops_cli.flow_runs import Waiting, result_lines, run_with_id, start_run
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.screen import print_lines, standard_output
from appflow_gitops_cli.usage import Seconds


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("flow")
@click.option("--wait", is_flag=True, help="Wait for the end of the run.")
@click.option(
    "--timeout",
    type=Seconds(min=1),
    default=3600,
    show_default=True,
    metavar="SECONDS",
    help="How long --wait waits.",
)
def run(*, flow: str, wait: bool, timeout: float) -> None:
    """Start a run of FLOW, which must be an on-demand flow.

    The flow is in the account and region of the AWS credentials: a stage does not select them.

    Right after an update it waits until 15 seconds have passed: an earlier run may use the previous configuration.
    Prints the id of the run; with --wait also its result, AppFlow's message and the cause, if known.

    \b
    Example:
      appflow-gitops run --wait orders

    Exit status: 0 started, or successful with --wait; 1 failed or canceled; 2 could not run, or no end in time.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    screen, waiting = standard_output(), Waiting(timeout, time.time, time.sleep)
    with translate_aws_errors():
        runs = run_service()
        run_id = start_run(runs, existing_flow(flow), waiting)
        print_lines([run_id])
        if not wait:
            return
        ended = waiting.until(lambda: run_with_id(runs, flow, run_id))
    if ended is None:
        raise CommandError(f"run {quoted(run_id)} has not ended after {timeout:.0f} s; it continues")
    print_lines(result_lines(flow, ended, screen))
    sys.exit(0 if ended.has_result and not ended.failed else 1)
