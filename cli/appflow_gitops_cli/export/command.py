"""``appflow-gitops export``: write live flows to documents, so that Git can manage them."""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from appflow_gitops.validation.environment import Environment
from appflow_gitops_cli.cloud import flow_service, translate_aws_errors
from appflow_gitops_cli.documents.output_folder import OutputFolder
from appflow_gitops_cli.environment import environment_options, read_environment
from appflow_gitops_cli.export.exporter import (
    WRITERS,
    ExportedFlow,
    ExportResult,
    export_flow,
)
from appflow_gitops_cli.export.update import Documents, update_flows
from appflow_gitops_cli.git import unsaved_files
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.parallel import in_parallel
from appflow_gitops_cli.printable import printable
from appflow_gitops_cli.project_file import project_options
from appflow_gitops_cli.usage import OneOf


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("flows", nargs=-1, metavar="[FLOW]...")
@click.option("--all", "every", is_flag=True, help="Export all flows of the account and region.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="The folder to write to. It is created if it does not exist.",
)
@click.option(
    "--format",
    "suffix",
    type=OneOf(list(WRITERS)),
    default="yaml",
    show_default=True,
    help="Format of the documents. JSON documents have no comments.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Overwrite files with other content; with --update, also change files with uncommitted changes.",
)
@click.option(
    "--update",
    is_flag=True,
    help="Write the changes of live flows into the documents in DIR that declare them, and leave the rest unchanged.",
)
@environment_options
@project_options
def export(  # noqa: PLR0913 - click hands over every option
    *,
    flows: tuple[str, ...],
    every: bool,
    out: Path,
    suffix: str,
    force: bool,
    update: bool,
    policy: str | None,
    variables: str | None,
) -> None:
    """Write live flows to documents, one file per flow.

    A document contains the settings of the flow without AppFlow's defaults and read-only fields, so that it is short
    and in sync with its flow. Existing files with other content are not overwritten. With --update, only the values
    that differ are replaced in the documents that declare the flows: comments, order and variables are kept, and a file
    with uncommitted changes is not changed. Prints the updated files, the flows with problems, and a summary.

    \b
    Example:
      appflow-gitops export orders customers --out flows/
      appflow-gitops export --all --out flows/ --format json
      appflow-gitops export --update orders --out flows/ --vars variables/prod.yaml

    Exit status: 0 success, 1 a flow was not exported, or its document is invalid or out of sync, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    if every is bool(flows):
        raise click.UsageError("expected either names of flows or --all")
    local = read_environment(policy, variables)
    folder = OutputFolder(out, suffix, force)
    with translate_aws_errors():
        service = flow_service()
        names = sorted(flow.name for flow in service.summaries()) if every else list(dict.fromkeys(flows))
    if update:
        protected = frozenset() if force else unsaved_files(str(out))
        environment = local.environment
        documents = Documents(
            out, Environment(variables=environment.variables), environment.ignored_in, protected
        )
        exported = update_flows(service, documents, names)
        _print(exported, out)
        sys.exit(1 if any(each.problem for each in exported) else 0)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"cannot create the folder {out}: {error.strerror}") from None
    exported = in_parallel(partial(export_flow, service, folder), names, "Exporting")
    _print(exported, out)
    sys.exit(1 if any(each.problem for each in exported) else 0)


def _print(exported: Sequence[ExportedFlow], out: Path) -> None:
    """Print the problems, then a summary. Raises CommandError if every flow failed."""
    counts = {result: sum(each.result is result for each in exported) for result in ExportResult}
    if exported and counts[ExportResult.FAILED] == len(exported):
        more = f" (and {len(exported) - 1} more)" if len(exported) > 1 else ""
        raise CommandError(f"{printable(exported[0].name)}: {exported[0].problem}{more}")
    for each in exported:
        if each.problem:
            click.echo(f"{printable(each.name)}: {printable(each.problem)}")
        if each.file:
            click.echo(f"{printable(each.name)}: updated {printable(str(each.file))}")
    summary = ", ".join(f"{count:,} {result}" for result, count in counts.items() if count)
    click.echo(f"{out}: {summary or 'no flows'}")
    if any(each.file for each in exported):
        click.echo(f"next: check 'git diff', commit, and run 'appflow-gitops push {printable(str(out))}'")
