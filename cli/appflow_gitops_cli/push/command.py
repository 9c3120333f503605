"""``appflow-gitops push``: changed documents into the bucket, and what became of each of them."""

import sys
import time
from contextlib import nullcontext

import click

from appflow_gitops.aws.stack import EVENT_BUS
from appflow_gitops.findings import Position, Severity
from appflow_gitops.sync.errors import PermanentError, SyncError
from appflow_gitops_cli.cloud import (
    DOCUMENTS_PREFIX,
    Home,
    aws_errors_told,
    documents,
    flow_service,
    home_of,
    requests_to,
    status_log,
    told,
)
from appflow_gitops_cli.documents.report import counted, reports_on_stage
from appflow_gitops_cli.environment import LocalEnvironment, environment_options, read_environment
from appflow_gitops_cli.main import CannotRun
from appflow_gitops_cli.parallel import in_parallel
from appflow_gitops_cli.printable import printable
from appflow_gitops_cli.push.follow import SKEW, Following, Tail, follow
from appflow_gitops_cli.push.provenance import provenance_of
from appflow_gitops_cli.push.report import as_json, report_on
from appflow_gitops_cli.push.send import Uploader
from appflow_gitops_cli.push.text import render
from appflow_gitops_cli.push.watch import Tell, lines, live_table
from appflow_gitops_cli.push.work import Planner
from appflow_gitops_cli.screen import print_lines, standard_output

GOES_ON = "What was uploaded is applied all the same: push again to see what became of it."


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False))
@click.option("--stack", default="appflow-gitops", show_default=True, help="The stack to push to.")
@click.option(
    "--prefix",
    default=DOCUMENTS_PREFIX,
    show_default=True,
    help="What DIR is called in the documents bucket.",
)
@click.option("--wait", is_flag=True, help="Wait until every document has its status.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=600,
    show_default=True,
    metavar="SECONDS",
    help="How long --wait waits.",
)
@click.option("--prune", is_flag=True, help="Delete documents that DIR does not have. Flows are left alone.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@environment_options
def push(  # noqa: PLR0913 - click hands over every option
    *,
    folder: str,
    stack: str,
    prefix: str,
    wait: bool,
    timeout: float,
    prune: bool,
    dry_run: bool,
    output_format: str,
    policy: str | None,
    variables: str | None,
) -> None:
    """Bring documents to the stack and see what becomes of them.

    Uploads the documents of DIR that the bucket does not have as they are, with the commit, repository and actor that
    git or GitHub Actions tell. A document that the bucket has, but whose flows are not in sync, is asked for again.
    With --policy and --vars, policy and variables are uploaded first where they differ.

    \b
    Example:
      appflow-gitops push --wait flows/
      appflow-gitops push --dry-run --prune flows/
      appflow-gitops push --wait --policy policy.yaml --vars variables/prod.yaml flows/

    Exit status: 0 good, 1 something is invalid, was rejected, failed or has no status in time, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    screen = standard_output()
    desk = _sound(read_environment(policy, variables))
    waits = wait and not dry_run
    with aws_errors_told():
        home = _home(stack)
        tail = _tail(home) if waits else None
        surveyor = Planner(flow_service(), documents(), home.bucket, home.stage, time.time, in_parallel)
        work = surveyor.work(folder, _prefix(prefix), desk)
        if prune and work.replaces_all:
            there = counted(len(work.gone), "document")
            raise CannotRun(
                f"{printable(folder)} has none of the {there} of the bucket, and --prune would delete all; "
                "if that is meant, push without it first"
            )
        following = Following(() if dry_run else _sender(home, folder).send(work, prune=prune))
    lines_told = output_format == "text" and not sys.stderr.isatty()
    if tail and following.open:
        _follow(following, tail, timeout, lines(following, screen) if lines_told else None)
    report = report_on(work, following, folder, waited=waits, prune=prune, dry=dry_run)
    if output_format == "json":
        print_lines([as_json(report)])
    else:
        print_lines(render(report, screen, is_told=lines_told and bool(following.told)))
    sys.exit(report.exit_status)


def _sound(desk: LocalEnvironment) -> LocalEnvironment:
    """The same. Raises CannotRun where a file of it is broken: every document would be rejected by it."""
    for report in reports_on_stage(desk):
        for finding in report.findings:
            if finding.severity is Severity.ERROR:
                position = finding.position or Position(1, 1)
                place = f"{report.file}:{position.line}:{position.column}"
                told_at = printable(f"{place}: {finding.message}")
                raise CannotRun(f"nothing was pushed: {told_at} (validate shows all)")
    return desk


def _home(stack: str) -> Home:
    try:
        home = home_of(stack)
    except PermanentError as error:
        if error.code != "NoSuchStack":
            raise
        raise CannotRun(f"{error.message.rstrip('.')} (name another with --stack)") from None
    if not home.bus:
        raise CannotRun(f"the stack {stack!r} has no output {EVENT_BUS}")
    return home


def _tail(home: Home) -> Tail:
    """The status log, looked into once: what would keep us from following is told before anything is sent."""
    if not home.status_log:
        raise CannotRun(
            "the stack keeps no log of status events; deploy this version of it, or leave --wait out"
        )
    tail = Tail(status_log(home.status_log), time.time() - SKEW)
    try:
        tail.look()
    except PermanentError as error:
        if error.code != "ResourceNotFoundException":
            raise
        raise CannotRun(f"the log group {home.status_log} is gone; deploy the stack again") from None
    return tail


def _prefix(given: str) -> str:
    prefix = given if given.endswith("/") else f"{given}/"
    if not prefix.startswith(DOCUMENTS_PREFIX):
        raise CannotRun(f"--prefix {given}: the stack reads documents under {DOCUMENTS_PREFIX} only")
    return prefix


def _sender(home: Home, folder: str) -> Uploader:
    return Uploader(documents(), requests_to(home.bus), home.bucket, provenance_of(folder), in_parallel)


def _follow(following: Following, tail: Tail, timeout: float, tell: Tell | None) -> None:
    """Wait for what was sent; ``tell`` in words, or in a table where there is a terminal."""
    try:
        with nullcontext(tell) if tell else live_table(following, sys.stderr) as told_of:
            follow(following, tail.look, timeout=timeout, clock=time.monotonic, wait=time.sleep, tell=told_of)
    except KeyboardInterrupt:
        raise CannotRun(f"stopped waiting. {GOES_ON}") from None
    except SyncError as error:
        raise CannotRun(f"{told(error)}. {GOES_ON}") from None
