"""``appflow-gitops history``: list the versions of a flow's document, their outcomes and changes."""

import click

from appflow_gitops_cli.cloud import read_deployment, status_log, translate_aws_errors
from appflow_gitops_cli.documents.versions import versions_of_flow
from appflow_gitops_cli.history.report import FlowHistory, as_json, entries_of
from appflow_gitops_cli.history.text import render
from appflow_gitops_cli.parallel import in_parallel
from appflow_gitops_cli.project_file import project_options, stack_option
from appflow_gitops_cli.screen import print_lines, standard_output
from appflow_gitops_cli.usage import format_option

_CLOCK_SKEW = 60.0
"""Seconds by which the log may date an event before S3 dates the version that it is about."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("flow")
@stack_option("The stack whose documents bucket and log are read.")
@click.option(
    "--document", "key", metavar="KEY", help="The document of the flow.  [default: by the tags of the flow]"
)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many versions to list."
)
@format_option("Format of the list.")
@project_options
def history(*, flow: str, stack: str, key: str | None, limit: int, output_format: str) -> None:
    """List the versions of the document of FLOW, newest first.

    Prints for each version its time, the outcome of its last change, its commit and actor, why it was rejected or
    failed, what it changed in FLOW, and the health of FLOW since. Requests that contained FLOW are listed, too.

    \b
    Example:
      appflow-gitops history orders
      appflow-gitops history --limit 100 --format json orders

    Exit status: 0 success, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    with translate_aws_errors():
        deployment = read_deployment(stack)
        versions = versions_of_flow(flow, key, deployment)
        # One more than the limit, to compare the oldest one with.
        read = list(in_parallel(versions.read, versions.listed[: limit + 1], "Reading versions"))
        log = deployment.history_log or deployment.status_log
        shown = read[:limit]
        events = (
            list(status_log(log).about(flow, versions.key, shown[-1].listed.at - _CLOCK_SKEW)) if log else []
        )
        live = deployment.flows().describe(flow)
    found = FlowHistory(
        flow,
        versions.key,
        entries_of(read, limit, events, live.owner.version if live else None),
        older=len(versions.listed) - len(shown),
    )
    if output_format == "json":
        print_lines([as_json(found)])
    else:
        print_lines(render(found, versions.short, standard_output()))
