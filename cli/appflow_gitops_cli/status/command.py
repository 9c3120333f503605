"""``appflow-gitops status``: list all flows and whether they match their documents."""

import io
import sys
import time
from pathlib import Path
from typing import TextIO

import click

from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.inventory import take_inventory
from appflow_gitops_cli.cloud import (
    DOCUMENTS_PREFIX,
    Deployment,
    documents,
    health_records,
    held_changes,
    read_deployment,
    status_log,
    translate_aws_errors,
)
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.parallel import in_parallel
from appflow_gitops_cli.pauses import describe_pauses
from appflow_gitops_cli.project_file import STAGE_VARIABLE, set_defaults, stack_option
from appflow_gitops_cli.status.held import newest_held, with_held
from appflow_gitops_cli.status.html import as_html
from appflow_gitops_cli.status.outcomes import with_outcomes
from appflow_gitops_cli.status.report import StatusReport, as_json
from appflow_gitops_cli.usage import format_option


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@stack_option("The stack whose documents bucket is read.")
@click.option("--bucket", metavar="NAME", help="The documents bucket. The stack is not read then.")
@click.option(
    "--stage",
    metavar="NAME",
    envvar=STAGE_VARIABLE,
    is_eager=True,
    callback=set_defaults,
    help="Read variables from variables/NAME.yaml in the bucket.  [default: the stage of the stack]",
)
@format_option("Format of the report; html is one self-contained page.", ["text", "json", "html"])
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the report to this file instead of printing it.",
)
def status(
    *, stack: str, bucket: str | None, stage: str | None, output_format: str, output: Path | None
) -> None:
    """List all flows and whether they match their documents.

    Prints what is paused, and for each flow its document, the version and commit applied last, its state and
    health, the time of its last change and the result of its last run, and why a change was rejected, failed or is
    held. Flows without a document, documents without a flow and invalid documents are listed separately.

    \b
    Example:
      appflow-gitops status
      appflow-gitops status --format html --output status.html

    Exit status: 0 all in sync, 1 a flow is out of sync or missing, or a document is invalid, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    now = time.time()
    with translate_aws_errors():
        deployment = Deployment(bucket, stage="") if bucket else read_deployment(stack)
        store = documents()
        environment = deployment.environment(store, stage).read()
        inventory = take_inventory(
            deployment.flows(),
            store,
            bucket=deployment.bucket,
            prefix=DOCUMENTS_PREFIX,
            environment=environment,
            now=now,
            each=in_parallel,
        )
        if deployment.status_log:
            inventory = with_outcomes(inventory, status_log(deployment.status_log), now)
        inventory = with_held(inventory, newest_held(held_changes(deployment.bucket)))
        health = _health([flow.live for flow in inventory.flows], deployment.bucket)
    paused = tuple(describe_pauses(environment))
    _print(StatusReport(inventory, deployment.bucket, now, health, paused), output_format, output)
    sys.exit(0 if inventory.in_order else 1)


def _health(flows: list[FlowSummary], bucket: str) -> dict[str, Health]:
    """The health of flows, where ``watch_runs`` found it and the caller may read it."""
    records = health_records(bucket)

    def read(live: FlowSummary) -> Health | None:
        try:
            record = records.read(live.name)
        except PermanentError:
            return None
        return record.health if record and record.is_about(live) else None

    found = zip(flows, in_parallel(read, flows, "Reading health"), strict=True)
    return {live.name: health for live, health in found if health}


def _print(report: StatusReport, output_format: str, output: Path | None) -> None:
    if output is None:
        if isinstance(sys.stdout, io.TextIOWrapper):  # the page declares that it is UTF-8
            encoding = "utf-8" if output_format == "html" else None
            sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")
        _write(report, output_format, sys.stdout)
        return
    try:
        with output.open("w", encoding="utf-8") as file:
            _write(report, output_format, file)
    except OSError as error:
        raise CommandError(f"cannot write {output}: {error.strerror}") from None


def _write(report: StatusReport, output_format: str, file: TextIO) -> None:
    match output_format:
        case "json":
            file.write(as_json(report))
        case "html":
            file.write(as_html(report))
        case _:
            from appflow_gitops_cli.status.text import print_report  # noqa: PLC0415 - rich is slow to import

            print_report(report, file)
