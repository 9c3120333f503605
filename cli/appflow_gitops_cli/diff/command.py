"""``appflow-gitops diff``: compare two versions of a flow's document in the bucket."""

import json
import sys
from contextlib import suppress

import click

from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.quoting import quoted
from appflow_gitops.status.events import StatusChange
from appflow_gitops_cli.change_text import change_lines
from appflow_gitops_cli.cloud import read_deployment, translate_aws_errors
from appflow_gitops_cli.documents.versions import (
    LATEST,
    FlowVersion,
    FlowVersions,
    changes_between,
    versions_of_flow,
)
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.project_file import project_options, stack_option
from appflow_gitops_cli.screen import print_lines, standard_output
from appflow_gitops_cli.usage import format_option

_RANGE = ".."


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("flow")
@click.argument("versions", metavar="VERSION..[VERSION]")
@stack_option("The stack whose documents bucket is read.")
@click.option(
    "--document", "key", metavar="KEY", help="The document of the flow.  [default: by the tags of the flow]"
)
@format_option("Format of the differences.")
@project_options
def diff(*, flow: str, versions: str, stack: str, key: str | None, output_format: str) -> None:
    """Compare two versions of the document of FLOW.

    VERSION is the id or commit of a version that history lists, or the start of either; without the second one, the
    latest version is compared. Prints what the second version changed in FLOW. Compares documents, not the live flow:
    plan does that.

    \b
    Example:
      appflow-gitops diff orders 3fGk9aQz..m0Tq2LxB
      appflow-gitops diff orders 4f2c1a9..

    Exit status: 0 no difference, 1 differences, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    with translate_aws_errors():
        found = versions_of_flow(flow, key, read_deployment(stack))
        before, after = select_range(found, versions)
    changes = changes_between(_declared(before), _declared(after))
    if output_format == "json":
        print_lines([_as_json(flow, found.key, before, after, changes)])
    else:
        screen = standard_output()
        print_lines(line for item in changes for line in change_lines(item, screen))
    sys.exit(1 if changes else 0)


def select_range(found: FlowVersions, text: str) -> tuple[FlowVersion, FlowVersion]:
    """The two versions. Ids may contain dots, so every ``..`` in the text may be the one between them."""
    splits = [
        (text[:at], text[at + len(_RANGE) :] or LATEST)
        for at in range(1, len(text))
        if text.startswith(_RANGE, at)
    ]
    if not splits:
        raise CommandError(f"invalid range {quoted(text)}, expected two versions as in '3fGk9aQz..m0Tq2LxB'")
    for before, after in splits[:-1]:
        with suppress(CommandError):
            return found.select(before), found.select(after)
    before, after = splits[-1]
    return found.select(before), found.select(after)


def _declared(version: FlowVersion) -> FlowDocument:
    if version.flow is None:
        raise CommandError(
            f"version {quoted(version.id)} does not declare flow {quoted(version.flow_name)} in a valid shape"
        )
    return version.flow


def _as_json(
    flow: str, key: str, before: FlowVersion, after: FlowVersion, changes: tuple[DiffItem, ...]
) -> str:
    value = {
        "flowName": flow,
        "document": key,
        "before": before.id,
        "after": after.id,
        "changes": [StatusChange.of(item).model_dump() for item in changes],
    }
    return json.dumps(value, indent=2)
