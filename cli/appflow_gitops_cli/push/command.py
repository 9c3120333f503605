"""``appflow-gitops push``: upload changed documents to a stack and report the outcome of each."""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import click

from appflow_gitops.aws.stack import EVENT_BUS
from appflow_gitops.findings import Position, Severity
from appflow_gitops.origin import Provenance
from appflow_gitops.quoting import quoted
from appflow_gitops.status.events import StatusEvent
from appflow_gitops.sync.errors import PermanentError, SyncError
from appflow_gitops.sync.health.watcher import objective_of
from appflow_gitops.sync.stored_environment import StoredEnvironment
from appflow_gitops_cli.cloud import (
    ALLOW_EMPTY,
    DOCUMENTS_PREFIX,
    Deployment,
    apply_log,
    documents,
    format_error,
    read_deployment,
    replaces_all_message,
    requests_to,
    run_service,
    status_log,
    translate_aws_errors,
)
from appflow_gitops_cli.documents.report import counted, environment_reports
from appflow_gitops_cli.documents.sources import NO_DOCUMENTS, require_folder
from appflow_gitops_cli.environment import (
    LocalEnvironment,
    environment_files,
    environment_options,
    read_environment,
)
from appflow_gitops_cli.flow_runs import Waiting
from appflow_gitops_cli.main import CommandError, InterruptionError
from appflow_gitops_cli.parallel import in_parallel
from appflow_gitops_cli.plan_file import current_state, read_plan_file
from appflow_gitops_cli.printable import printable
from appflow_gitops_cli.project_file import project_options, stack_option
from appflow_gitops_cli.provenance import (
    has_uncommitted_changes,
    missing_commits,
    older_checkout,
    provenance_of,
)
from appflow_gitops_cli.push.first_runs import FirstRun, FirstRuns, unchanged_to_check
from appflow_gitops_cli.push.live_view import OnEvents, line_printer, live_table
from appflow_gitops_cli.push.mass_change import FEWEST_FLOWS, MOST_PERCENT, ChangedShare
from appflow_gitops_cli.push.planner import Planner, PushPlan
from appflow_gitops_cli.push.reasons import Reasons
from appflow_gitops_cli.push.report import as_json, push_report
from appflow_gitops_cli.push.revert import Revert, plan_revert
from appflow_gitops_cli.push.steps import Step
from appflow_gitops_cli.push.text import bucket_lines, note_lines, render
from appflow_gitops_cli.push.tracking import (
    CLOCK_SKEW,
    SILENCE,
    LogTail,
    SentDocument,
    StatusTracker,
    wait_for_outcomes,
)
from appflow_gitops_cli.push.uploader import Uploader
from appflow_gitops_cli.screen import print_lines, standard_output
from appflow_gitops_cli.usage import Seconds, format_option

STILL_PROCESSING = (
    "uploaded documents are still being processed; run 'appflow-gitops status' to see their outcomes"
)


class UnconfirmedError(CommandError):
    """The push would do what was not confirmed, or not approved."""

    exit_code = 1


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="DIR|FLOW")
@stack_option("The stack to push to.")
@click.option(
    "--prefix",
    metavar="PREFIX",
    default=DOCUMENTS_PREFIX,
    show_default=True,
    help="The prefix that replaces DIR in the keys of the documents bucket.",
)
@click.option("--wait", is_flag=True, help="Wait for the outcome of every document.")
@click.option(
    "--timeout",
    type=Seconds(min=1),
    default=600,
    show_default=True,
    metavar="SECONDS",
    help="How long --wait waits.",
)
@click.option(
    "--healthy",
    is_flag=True,
    help="With --wait, also wait for the first run of each changed flow, as long again.",
)
@click.option("--run", "starts_runs", is_flag=True, help="With --healthy, start a run of on-demand flows.")
@click.option(
    "--prune", is_flag=True, help="Delete documents from the bucket that DIR lacks. Their flows are kept."
)
@ALLOW_EMPTY
@click.option(
    "--force",
    is_flag=True,
    help="Push the valid documents even if others are invalid, and changes even if plan would refuse them.",
)
@click.option(
    "--allow-older", is_flag=True, help="Push even if the bucket has a commit that the working copy lacks."
)
@click.option(
    "--yes",
    "confirmed",
    is_flag=True,
    help=f"Push even if more than {MOST_PERCENT} % of at least {FEWEST_FLOWS} existing flows change, or if --revert "
    "changes other flows.",
)
@click.option(
    "--plan",
    "approved",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Push only what plan --out wrote into the file, and nothing if anything has changed since. Implies --yes.",
)
@click.option(
    "--revert",
    "reverted",
    metavar="VERSION",
    help="Store the content of an earlier version of FLOW's document, as history lists it, as a new version.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be done, without doing it.")
@format_option("Format of the report.")
@environment_options
@project_options
def push(  # noqa: PLR0913 - click hands over every option
    *,
    folder: str,
    stack: str,
    prefix: str,
    wait: bool,
    timeout: float,
    healthy: bool,
    starts_runs: bool,
    prune: bool,
    allow_empty: bool,
    force: bool,
    allow_older: bool,
    confirmed: bool,
    approved: str | None,
    reverted: str | None,
    dry_run: bool,
    output_format: str,
    policy: str | None,
    variables: str | None,
) -> None:
    """Upload documents to a stack and report the outcomes.

    Validates all documents in DIR, which are the files that validate checks; if one is invalid, nothing is sent.
    Uploads those that differ from the bucket, with the commit, repository and actor from GitHub Actions or git.
    Documents that are already in the bucket, but whose flows are out of sync, are re-queued. A document whose changes
    plan would all refuse is not sent. With --policy and --vars, these files are uploaded first if they differ. A push
    that changes more than 30 % of at least 10 existing flows asks for confirmation on a terminal, and needs --yes
    elsewhere. Prints one line per document, findings and errors, and a summary. Without --wait, the command ends
    after the upload and reports no outcomes.

    With --revert, takes the name of a flow instead of DIR. Other flows of its document that would change as well need
    confirmation, or --yes.

    \b
    Example:
      appflow-gitops push --wait flows/
      appflow-gitops push --dry-run --prune flows/
      appflow-gitops push --wait --prune --plan plan.json flows/
      appflow-gitops push --wait --healthy --run flows/
      appflow-gitops push --wait --policy policy.yaml --vars variables/prod.yaml flows/
      appflow-gitops push --wait --revert 3fGk9aQz orders

    Exit status: 0 success; 1 a document is invalid, refused, rejected, failed or has no status yet, a mass change was
    not confirmed, the plan of --plan is out of date, a document was replaced meanwhile, or the first run of a flow
    failed or moved no records (--healthy); 2 could not run; 3 nothing failed, but a change is held (--wait).
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    _require_combination(
        wait=wait, healthy=healthy, starts_runs=starts_runs, has_plan=bool(approved), force=force
    )
    if reverted:
        policy = variables = None  # the version is validated and applied with those in the bucket
        _require_revert_only(prune=prune, has_plan=bool(approved))
    else:
        require_folder(folder)
    screen = standard_output()
    local = _require_valid(read_environment(policy, variables))
    waits = wait and not dry_run
    with translate_aws_errors():
        deployment = _read_deployment(stack)
        tail = _open_log(deployment) if waits else None
        planner = Planner(
            deployment.flows(),
            documents(),
            deployment.bucket,
            deployment.environment(documents()),
            time.time,
            in_parallel,
            deployment.limits,
            may_create=deployment.creates_flows,
            prune=prune,
            force=force,
        )
        revert = plan_revert(planner, deployment, folder, reverted) if reverted else None
        if revert:
            plan, origin = revert.plan, revert.origin(provenance_of("."))
        else:
            plan, origin = planner.plan(folder, _prefix(prefix), local), provenance_of(folder)
            _require_safe(folder, origin, plan, prune=prune, allow_empty=allow_empty, allow_older=allow_older)
        blocked = bool(plan.invalid) and not force
        uploader = Uploader(documents(), requests_to(deployment.bus), deployment.bucket, origin, in_parallel)
        sends = not (dry_run or blocked)
        _require_consent(
            approved,
            deployment,
            plan,
            environment_files(local, deployment.stage),
            prune=prune,
            confirmed=confirmed or not sends,
            revert=revert,
        )
        notes = [] if revert else list(_provenance_notes(folder, origin, plan))
        if sends and output_format == "text":
            print_lines(line for note in notes for line in note_lines(note, screen))
            notes = []
        tracker = StatusTracker(uploader.execute(plan, prune=prune) if sends else ())
    prints_lines = output_format == "text" and not sys.stderr.isatty()
    if tail and tracker.pending:
        if prints_lines:
            uploaded = [key for key, _ in plan.environment]
            print_lines(bucket_lines(uploaded, plan.extra_keys if prune else (), screen))
        _wait(
            tracker,
            tail,
            uploader,
            timeout=timeout,
            printer=line_printer(tracker, screen) if prints_lines else None,
            reasons=Reasons(apply_log(deployment.apply_log), time.time()) if deployment.apply_log else None,
        )
    report = push_report(
        plan,
        tracker,
        folder,
        waited=waits,
        prune=prune,
        dry_run=dry_run,
        blocked=blocked,
        confirmed=confirmed or approved is not None,
        notes=notes,
    )
    if healthy and waits and not blocked:
        changed = report.changed_flows
        unchanged = unchanged_to_check(plan.in_sync, changed, origin.commit)
        first_runs = _first_runs(deployment, changed, unchanged, timeout, starts=starts_runs)
        report = replace(report, first_runs=first_runs)
    if output_format == "json":
        print_lines([as_json(report)])
    else:
        print_lines(render(report, screen, outcomes_printed=prints_lines and bool(tracker.events)))
    sys.exit(report.exit_status)


def _require_combination(
    *, wait: bool, healthy: bool, starts_runs: bool, has_plan: bool, force: bool
) -> None:
    if has_plan and force:
        raise CommandError("--plan and --force exclude each other: the plan contains no refused changes")
    if starts_runs and not healthy:
        raise CommandError("--run needs --healthy, which waits for the run")
    if healthy and not wait:
        raise CommandError("--healthy needs --wait: runs before the change say nothing about it")


def _require_revert_only(*, prune: bool, has_plan: bool) -> None:
    if prune or has_plan:
        raise CommandError(f"--revert and {'--prune' if prune else '--plan'} exclude each other")


def _first_runs(
    deployment: Deployment,
    names: Sequence[str],
    unchanged: Mapping[str, bool],
    timeout: float,
    *,
    starts: bool,
) -> tuple[FirstRun, ...]:
    environment = StoredEnvironment(documents(), deployment.bucket).read()
    first_runs = FirstRuns(
        deployment.flows().describe,
        run_service(),
        partial(objective_of, environment),
        Waiting(timeout, time.time, time.sleep),
        starts=starts,
    )
    if names:
        flows = counted(len(names), "changed flow")
        click.echo(f"waiting for the first run of {flows}, at most {timeout:.0f} s", err=True)
    with translate_aws_errors():
        return first_runs.check(names, unchanged)


def _require_valid(local: LocalEnvironment) -> LocalEnvironment:
    """Return it unchanged. Raises CommandError if a file has an error: the stack would reject every document."""
    for report in environment_reports(local):
        for finding in report.findings:
            if finding.severity is Severity.ERROR:
                position = finding.position or Position(1, 1)
                location = f"{report.file}:{position.line}:{position.column}"
                raise CommandError(f"nothing pushed: {printable(f'{location}: {finding.message}')}")
    return local


def _read_deployment(stack: str) -> Deployment:
    try:
        deployment = read_deployment(stack)
    except PermanentError as error:
        if error.code != "NoSuchStack":
            raise
        raise CommandError(format_error(error, hint="select another stack with --stack")) from None
    if not deployment.bus:
        raise CommandError(
            f"stack {quoted(stack)} has no output {EVENT_BUS}; deploy the current version of the stack"
        )
    return deployment


def _open_log(deployment: Deployment) -> LogTail:
    """The status log, polled once, so that a log that cannot be read is reported before anything is uploaded."""
    if not deployment.status_log:
        raise CommandError(
            "the stack has no log of status events; deploy the current version of the stack, or push without --wait"
        )
    tail = LogTail(status_log(deployment.status_log), time.time() - CLOCK_SKEW)
    try:
        tail.poll()
    except PermanentError as error:
        if error.code != "ResourceNotFoundException":
            raise
        raise CommandError(
            f"log group {quoted(deployment.status_log)} does not exist; deploy the stack again"
        ) from None
    return tail


def _prefix(value: str) -> str:
    prefix = value if value.endswith("/") else f"{value}/"
    if not prefix.startswith(DOCUMENTS_PREFIX):
        raise CommandError(f"--prefix {value}: expected a prefix that starts with {DOCUMENTS_PREFIX}")
    return prefix


def _require_safe(  # noqa: PLR0913 - the push and the options that allow it
    folder: str, origin: Provenance, plan: PushPlan, *, prune: bool, allow_empty: bool, allow_older: bool
) -> None:
    """Raises CommandError for a folder that is probably the wrong one, or for an older checkout."""
    if not (plan.steps or (prune and plan.extra_keys)):
        raise CommandError(NO_DOCUMENTS)
    if prune and plan.replaces_all and not allow_empty:
        raise CommandError(replaces_all_message(len(plan.extra_keys), folder))
    if not allow_older:
        _require_newer(folder, origin, plan, prune=prune)


def _require_newer(folder: str, origin: Provenance, plan: PushPlan, *, prune: bool) -> None:
    """Raises CommandError if the push would go back behind a commit in the bucket."""
    commits = missing_commits(folder, origin, (*plan.replaced, *(plan.deleted if prune else ())))
    if commits:
        raise CommandError(older_checkout(commits))


def _require_confirmation(share: ChangedShare, revert: Revert | None) -> None:
    """Ask about a mass change, or about the other flows of a revert. Raises UnconfirmedError without consent."""
    if share.is_mass_change:
        _confirm(str(share), "check 'appflow-gitops plan', then push with --yes")
    if revert and revert.others:
        _confirm(str(revert), "push with --yes to revert all of them")


def _confirm(effect: str, hint: str) -> None:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UnconfirmedError(f"{effect}; {hint}")
    if not click.confirm(f"{effect}. Continue?", err=True):
        raise UnconfirmedError("nothing pushed")


def _require_consent(  # noqa: PLR0913 - the plan, and what it is compared with
    approved: str | None,
    deployment: Deployment,
    plan: PushPlan,
    files: Iterable[tuple[str, bytes]],
    *,
    prune: bool,
    confirmed: bool,
    revert: Revert | None,
) -> None:
    """Raises UnconfirmedError if the approved plan is out of date, or without one for an unconfirmed mass change."""
    if approved is None:
        if not confirmed:
            _require_confirmation(plan.share, revert)
        return
    contents = [(each.document.key, each.document.content) for each in plan.steps]
    planned = read_plan_file(approved)
    now = current_state(planned, deployment, documents(), in_parallel, files=[*files, *contents], prune=prune)
    if differences := list(planned.differences(now)):
        raise UnconfirmedError(f"{approved} is out of date, plan again: {'; '.join(differences)}")


def _provenance_notes(folder: str, origin: Provenance, plan: PushPlan) -> Iterator[str]:
    uploads = any(each.step is Step.UPLOAD for each in plan.steps)
    if uploads and origin.commit is None and has_uncommitted_changes(folder):
        yield f"{folder} has uncommitted changes, so no commit is recorded"


def _wait(  # noqa: PLR0913 - what to wait for, and how to show it
    tracker: StatusTracker,
    tail: LogTail,
    uploader: Uploader,
    *,
    timeout: float,
    printer: OnEvents | None,
    reasons: Reasons | None,
) -> None:
    """Wait for the outcomes; ``printer`` prints them, without one a table shows them if there is a terminal."""

    def poll() -> list[StatusEvent]:
        if reasons:
            for line in reasons.poll(tracker, time.time()):
                click.echo(printable(line), err=True)
        return tail.poll()

    def send_again(documents: list[SentDocument]) -> None:
        click.echo(
            f"no status after {SILENCE:.0f} s: re-queueing {counted(len(documents), 'document')}", err=True
        )
        tracker.again |= uploader.send_again(documents)

    try:
        with nullcontext(printer) if printer else live_table(tracker, sys.stderr) as on_events:
            wait_for_outcomes(
                tracker,
                poll,
                timeout=timeout,
                clock=time.monotonic,
                sleep=time.sleep,
                on_events=on_events,
                on_silence=send_again,
            )
    except KeyboardInterrupt:
        raise InterruptionError(f"interrupted: {STILL_PROCESSING}") from None
    except SyncError as error:
        raise CommandError(f"{format_error(error)}: {STILL_PROCESSING}") from None
