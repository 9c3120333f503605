"""``appflow-gitops runs``: list the runs of a flow."""

import json
import sys

import click

from appflow_gitops_cli.cloud import existing_flow, run_service, translate_aws_errors
from appflow_gitops_cli.flow_runs import as_json, table_lines
from appflow_gitops_cli.screen import print_lines, standard_output
from appflow_gitops_cli.usage import format_option


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("flow")
@click.option(
    "--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="How many runs to list."
)
@format_option("Format of the list.")
def runs(*, flow: str, limit: int, output_format: str) -> None:
    """List the latest runs of FLOW, newest first.

    Prints for each run its start, status, number of records and id, and AppFlow's message about a failed one.

    \b
    Example:
      appflow-gitops runs orders
      appflow-gitops runs --format json orders

    Exit status: 0 the latest ended run succeeded or there is none, 1 it failed, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    with translate_aws_errors():
        existing_flow(flow)
        found = run_service().latest(flow)
    listed = found[:limit]
    if output_format == "json":
        print_lines([json.dumps([as_json(run) for run in listed], indent=2)])
    else:
        print_lines(table_lines(listed, standard_output()) or ["no runs"])
    latest = next((run for run in found if run.has_result), None)
    sys.exit(1 if latest and latest.failed else 0)
