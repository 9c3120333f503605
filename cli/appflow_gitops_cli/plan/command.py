"""``appflow-gitops plan``: what dropping documents would do to each live flow, before anybody drops them."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import PurePath

import click

from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.stored_environment import StoredEnvironment
from appflow_gitops_cli.cloud import (
    DOCUMENTS_PREFIX,
    Home,
    aws_errors_told,
    documents,
    flow_service,
    home_of,
)
from appflow_gitops_cli.documents.report import reports_on_stage
from appflow_gitops_cli.documents.sources import find_sources
from appflow_gitops_cli.environment import environment_options, read_environment
from appflow_gitops_cli.parallel import in_parallel
from appflow_gitops_cli.plan import markdown, text
from appflow_gitops_cli.plan.drop import Drop
from appflow_gitops_cli.plan.report import PlanReport, as_json
from appflow_gitops_cli.screen import Screen, print_lines, standard_output

FORMATS: dict[str, Callable[[PlanReport, Screen], Iterator[str]]] = {
    "text": text.render,
    "json": lambda report, _: iter([as_json(report)]),
    "markdown": lambda report, _: markdown.render(report),
}

DEFAULT_STACK = "appflow-gitops"
_NOT_TOLD = frozenset({"NoSuchStack", "AccessDenied", "AccessDeniedException"})
"""The stack is not there, or not ours to look at."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="markdown is for a comment on a pull request.",
)
@click.option(
    "--stack",
    help=f"The stack that the documents are for; {DEFAULT_STACK} unless there is none of that name.",
)
@click.option("--bucket", help="The documents bucket itself; no stack is asked then.")
@click.option(
    "--prefix",
    default=DOCUMENTS_PREFIX,
    show_default=True,
    help="A path that begins so is the document's key in the bucket too.",
)
@click.option(
    "--create", is_flag=True, help="Missing flows would be created; the stack knows that of itself."
)
@environment_options
def plan(  # noqa: PLR0913 - click hands over every option
    *,
    paths: tuple[str, ...],
    output_format: str,
    stack: str | None,
    bucket: str | None,
    prefix: str,
    create: bool,
    policy: str | None,
    variables: str | None,
) -> None:
    """Show what dropping documents would do to each flow.

    PATH is a file, a folder or - for standard input, as for validate. Policy and variables are those in the bucket
    unless --policy and --vars give others. Nothing is written anywhere.

    \b
    Example:
      appflow-gitops plan flows/
      appflow-gitops plan --format markdown flows/ > comment.md

    Exit status: 0 in sync, 1 something is refused or invalid, 2 there are changes, or it could not run (an Error).
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    desk = read_environment(policy, variables)
    sources = [source for source in find_sources(paths) if not desk.has(source.name)]
    with aws_errors_told():
        home = Home(bucket, stage="") if bucket else _home(stack)
        environment = (
            desk.over(StoredEnvironment(documents(), home.bucket, home.stage).read)
            if home
            else desk.environment
        )
        drop = Drop(
            flow_service(),
            documents(),
            key=desk.key if desk.root else partial(key_of, prefix),
            environment=environment,
            # A policy at the desk tells every key; without a key nothing says what the bucket's would give.
            keyless=environment if policy else replace(environment, policy=None),
            bucket=home.bucket if home else None,
            may_create=create or bool(home and home.creates_flows),
        )
        report = drop.plan_all(sources, in_parallel)
    report = replace(report, invalid=(*reports_on_stage(desk), *report.invalid))
    print_lines(FORMATS[output_format](report, standard_output()))
    sys.exit(report.exit_status)


def key_of(prefix: str, file: str) -> str | None:
    """The key of a file whose path, as it is given, begins as keys do."""
    path = PurePath(file).as_posix()
    return path if path.startswith(prefix) and ".." not in PurePath(file).parts else None


def _home(stack: str | None) -> Home | None:
    """The stack's; ``None`` where nobody named one and the usual one is not to be seen. Raises ``SyncError``."""
    try:
        return home_of(stack or DEFAULT_STACK)
    except PermanentError as error:
        if stack is None and error.code in _NOT_TOLD:
            return None
        raise
