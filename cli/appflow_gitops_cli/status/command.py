"""``appflow-gitops status``: every flow beside its document."""

import io
import sys
import time
from pathlib import Path
from typing import TextIO

import click

from appflow_gitops.sync.inventory import take_inventory
from appflow_gitops.sync.stored_environment import StoredEnvironment
from appflow_gitops_cli.cloud import (
    DOCUMENTS_PREFIX,
    Home,
    aws_errors_told,
    documents,
    flow_service,
    home_of,
)
from appflow_gitops_cli.main import CannotRun
from appflow_gitops_cli.parallel import in_parallel
from appflow_gitops_cli.status.html import as_html
from appflow_gitops_cli.status.report import StatusReport, as_json


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--stack", default="appflow-gitops", show_default=True, help="The stack whose documents bucket is read."
)
@click.option("--bucket", help="The documents bucket itself; no stack is asked then.")
@click.option(
    "--stage", help="Whose variables documents get, as in variables/STAGE.yaml; the stack knows its own."
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="html is one page without anything around it, to open or to send.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it there instead of printing it.",
)
def status(
    *, stack: str, bucket: str | None, stage: str | None, output_format: str, output: Path | None
) -> None:
    """Show every flow beside its document.

    Tells of each flow its document, the version and commit that were applied last, whether it is in sync, when it was
    changed and how its last run went. Flows that no document declares and documents without a flow stand apart.

    \b
    Example:
      appflow-gitops status
      appflow-gitops status --format html --output status.html

    Exit status: 0 all in sync, 1 something is not, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    now = time.time()
    with aws_errors_told():
        home = Home(bucket, stage="") if bucket else home_of(stack)
        store = documents()
        inventory = take_inventory(
            flow_service(),
            store,
            bucket=home.bucket,
            prefix=DOCUMENTS_PREFIX,
            environment=StoredEnvironment(store, home.bucket, stage or home.stage).read(),
            now=now,
            each=in_parallel,
        )
    _print(StatusReport(inventory, home.bucket, now), output_format, output)
    sys.exit(0 if inventory.in_order else 1)


def _print(report: StatusReport, output_format: str, output: Path | None) -> None:
    if output is None:
        if isinstance(sys.stdout, io.TextIOWrapper):  # a page says of itself that it is UTF-8
            encoding = "utf-8" if output_format == "html" else None
            sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")
        _write(report, output_format, sys.stdout)
        return
    try:
        with output.open("w", encoding="utf-8") as file:
            _write(report, output_format, file)
    except OSError as error:
        raise CannotRun(f"cannot write {output}: {error.strerror}") from None


def _write(report: StatusReport, output_format: str, file: TextIO) -> None:
    match output_format:
        case "json":
            file.write(as_json(report))
        case "html":
            file.write(as_html(report))
        case _:
            from appflow_gitops_cli.status.text import show  # noqa: PLC0415 - rich is slow to import

            show(report, file)
