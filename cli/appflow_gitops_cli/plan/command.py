"""``appflow-gitops plan``: preview what documents would change in the live flows."""

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
    Deployment,
    documents,
    flow_service,
    read_deployment,
    translate_aws_errors,
)
from appflow_gitops_cli.documents.report import environment_reports
from appflow_gitops_cli.documents.sources import find_sources
from appflow_gitops_cli.environment import environment_options, read_environment
from appflow_gitops_cli.parallel import in_parallel
from appflow_gitops_cli.plan import markdown, text
from appflow_gitops_cli.plan.planner import FlowPlanner
from appflow_gitops_cli.plan.report import PlanReport, as_json
from appflow_gitops_cli.project_file import project_options
from appflow_gitops_cli.screen import Screen, print_lines, standard_output

FORMATS: dict[str, Callable[[PlanReport, Screen], Iterator[str]]] = {
    "text": text.render,
    "json": lambda report, _: iter([as_json(report)]),
    "markdown": lambda report, _: markdown.render(report),
}

DEFAULT_STACK = "appflow-gitops"
_STACK_UNAVAILABLE = frozenset({"NoSuchStack", "AccessDenied", "AccessDeniedException"})
"""Error codes for a stack that does not exist, or that the caller may not read."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="Format of the plan; markdown is for a comment on a pull request.",
)
@click.option(
    "--stack",
    metavar="NAME",
    envvar="APPFLOW_GITOPS_STACK",
    show_envvar=True,
    help=f"The stack that the documents are for.  [default: {DEFAULT_STACK}, if it exists]",
)
@click.option("--bucket", metavar="NAME", help="The documents bucket. The stack is not read then.")
@click.option(
    "--prefix",
    metavar="PREFIX",
    default=DOCUMENTS_PREFIX,
    show_default=True,
    help="A file whose path starts with this prefix has its path as the key in the bucket.",
)
@click.option(
    "--create", is_flag=True, help="Plan to create missing flows.  [default: as the stack is configured]"
)
@environment_options
@project_options
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
    """Show what documents would change in the live flows.

    PATH is a file, a folder or - for standard input, as for validate. Compares each flow in the documents with the
    live flow and prints the differences. Nothing is changed. Policy and variables are read from the documents bucket
    unless --policy and --vars are set.

    \b
    Example:
      appflow-gitops plan flows/
      appflow-gitops plan --format markdown flows/ > comment.md

    Exit status: 0 in sync, 1 invalid documents or refused changes, 2 changes to apply, or could not run (prints Error).
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    local = read_environment(policy, variables)
    sources = [source for source in find_sources(paths) if not local.has(source.name)]
    with translate_aws_errors():
        deployment = Deployment(bucket, stage="") if bucket else _read_deployment(stack)
        environment = (
            local.over(StoredEnvironment(documents(), deployment.bucket, deployment.stage).read)
            if deployment
            else local.environment
        )
        planner = FlowPlanner(
            flow_service(),
            documents(),
            key=local.key if local.root else partial(key_from_path, prefix),
            environment=environment,
            # With --policy every document has a key. Without one, the bucket's policy cannot be evaluated.
            keyless=environment if policy else replace(environment, policy=None),
            bucket=deployment.bucket if deployment else None,
            may_create=create or bool(deployment and deployment.creates_flows),
        )
        report = planner.plan_all(sources, in_parallel)
    report = replace(report, invalid=(*environment_reports(local), *report.invalid))
    print_lines(FORMATS[output_format](report, standard_output()))
    sys.exit(report.exit_status)


def key_from_path(prefix: str, file: str) -> str | None:
    """The key of a file whose path starts with the prefix of keys; ``None`` for any other file."""
    path = PurePath(file).as_posix()
    return path if path.startswith(prefix) and ".." not in PurePath(file).parts else None


def _read_deployment(stack: str | None) -> Deployment | None:
    """The deployment of the stack; ``None`` without ``--stack`` if the default stack is unavailable.

    Raises ``SyncError``.
    """
    try:
        return read_deployment(stack or DEFAULT_STACK)
    except PermanentError as error:
        if stack is None and error.code in _STACK_UNAVAILABLE:
            return None
        raise
