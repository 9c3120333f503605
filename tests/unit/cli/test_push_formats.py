"""The output formats of ``push``, its live view and its exit status."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from appflow_gitops.flows.runs import Run
from appflow_gitops.status.events import StatusError, StatusFinding
from appflow_gitops.sync.inventory import State, SyncStatus
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.documents.finding_text import finding_lines
from appflow_gitops_cli.documents.report import document_report
from appflow_gitops_cli.documents.selection import Selection
from appflow_gitops_cli.documents.sources import Source
from appflow_gitops_cli.flow_runs import as_json as run_as_json
from appflow_gitops_cli.push import live_view
from appflow_gitops_cli.push.first_runs import FirstRun
from appflow_gitops_cli.push.mass_change import ChangedShare
from appflow_gitops_cli.push.planner import PushPlan, PushStep
from appflow_gitops_cli.push.report import PushedDocument, PushReport, as_json, push_report
from appflow_gitops_cli.push.steps import Step
from appflow_gitops_cli.push.text import bucket_lines, outcome_lines, render
from appflow_gitops_cli.push.tracking import SentDocument, StatusTracker
from appflow_gitops_cli.screen import Screen
from fakes.flow_documents import orders, text
from fakes.push import local
from fakes.status_events import ended
from fakes.status_reports import summary

GOOD = local("flows/orders.json", text(orders()))
BAD = local("flows/bad.json", text(orders(flowName="bad")).replace("OnDemand", "OnDemands"))
HOSTILE = "\x1b[2J\nx"

APPLIED = PushedDocument(GOOD, Step.UPLOAD, (ended(Outcome.APPLIED, "orders"),))
REJECTED = PushedDocument(
    BAD,
    Step.UPLOAD,
    (
        ended(
            Outcome.REJECTED,
            "bad",
            findings=tuple(StatusFinding.of(finding) for finding in BAD.checked.findings),
        ),
    ),
)
FAILED = PushedDocument(
    GOOD,
    Step.REAPPLY,
    (
        ended(
            Outcome.FAILED, "orders", error=StatusError(code="ReplacementRequired", message="It cannot be.")
        ),
    ),
)
SUPERSEDED = PushedDocument(
    GOOD, Step.UPLOAD, (ended(Outcome.SUPERSEDED, "orders", reason="version 2 is newer"),)
)
HELD = PushedDocument(
    GOOD,
    Step.UPLOAD,
    (
        ended(
            Outcome.HELD,
            "orders",
            reason="outside of the allow windows: nightly",
            heldUntil="2026-03-02T22:00:00.000Z",
        ),
    ),
)
PENDING = PushedDocument(GOOD, Step.UPLOAD, is_pending=True)
UNCHANGED = PushedDocument(GOOD, Step.UNCHANGED)
STILL_INVALID = PushedDocument(BAD, Step.INVALID)
REFUSED = PushedDocument(GOOD, Step.REFUSED, problems=("another document owns the flow",))


def shown(report: PushReport, **options: Any) -> list[str]:
    return list(render(report, Screen(), **options))


@pytest.mark.parametrize(
    ("documents", "status", "summary"),
    [
        ((), 0, "nothing to do"),
        ((UNCHANGED, UNCHANGED), 0, "2 unchanged"),
        ((APPLIED, UNCHANGED), 0, "1 uploaded, 1 unchanged; 1 Applied"),
        ((SUPERSEDED,), 0, "1 uploaded; 1 Superseded"),
        ((APPLIED, REJECTED), 1, "2 uploaded; 1 Applied, 1 Rejected"),
        ((FAILED,), 1, "1 re-queued; 1 Failed"),
        ((STILL_INVALID, UNCHANGED), 1, "1 unchanged, 1 invalid"),
        ((PENDING,), 1, "1 uploaded; 1 without a status"),
    ],
)
def test_exit_status_and_summary_report_every_failure(
    documents: tuple[PushedDocument, ...], status: int, summary: str
) -> None:
    report = PushReport(documents)
    assert (report.exit_status, report.summary) == (status, summary)
    assert json.loads(as_json(report))["good"] is (status == 0)


@pytest.mark.parametrize("pushed", [REJECTED, STILL_INVALID])
def test_findings_are_printed_as_by_validate(pushed: PushedDocument) -> None:
    validated = document_report(Source(BAD.file), BAD.content, BAD.checked, Selection())
    as_validated = list(finding_lines(validated, Screen()))
    assert as_validated[0] == "flows/bad.json:5:20: error: unknown trigger type 'OnDemands' [AFG104]"
    assert shown(PushReport((pushed,)), outcomes_printed=True)[1:-1] == as_validated


def test_an_error_is_printed_below_its_flow_and_file() -> None:
    assert shown(PushReport((FAILED, UNCHANGED), notes=("a note",))) == [
        "Failed orders (flows/orders.json)",
        "    ReplacementRequired: It cannot be.",
        "note: a note",
        "Push: 1 re-queued, 1 unchanged; 1 Failed",
    ]


def test_outcomes_that_were_printed_are_not_repeated() -> None:
    assert shown(PushReport((APPLIED, SUPERSEDED)), outcomes_printed=True) == [
        "Push: 2 uploaded; 1 Applied, 1 Superseded"
    ]


def test_the_reason_of_a_superseded_change_is_printed() -> None:
    assert shown(PushReport((SUPERSEDED,)))[0] == "Superseded orders (flows/orders.json): version 2 is newer"


def test_flows_without_a_status_are_listed() -> None:
    two = local("flows/two.json", f"[{text(orders())}, {text(orders(flowName='returns'))}]")
    half = PushedDocument(two, Step.UPLOAD, (ended(Outcome.APPLIED, "orders"),), is_pending=True)
    assert "flows/two.json: no status yet for returns" in shown(PushReport((half,)))
    assert shown(PushReport((PENDING,)))[0] == "flows/orders.json: no status yet for orders"


def test_without_waiting_uploads_and_local_findings_are_printed() -> None:
    report = PushReport(
        (PushedDocument(GOOD, Step.UPLOAD), PushedDocument(BAD, Step.UPLOAD)),
        environment=("policy.yaml",),
        pruned=("flows/gone.json",),
    )
    lines = shown(report)
    assert lines[:4] == [
        "uploaded policy.yaml",
        "deleted flows/gone.json",
        "uploaded flows/orders.json",
        "uploaded flows/bad.json",
    ]
    assert any(line.startswith("flows/bad.json:5:20: error:") for line in lines)
    assert report.exit_status == 1
    assert lines[-1] == "Push: 2 uploaded, 1 deleted"


def test_a_dry_run_prints_what_would_be_done() -> None:
    report = PushReport(
        (PushedDocument(GOOD, Step.UPLOAD), PushedDocument(GOOD, Step.REAPPLY)),
        pruned=("flows/x.json",),
        dry_run=True,
    )
    assert shown(report) == [
        "would delete flows/x.json",
        "would upload flows/orders.json",
        "would re-queue flows/orders.json",
        "Push: 1 to upload, 1 to re-queue, 1 to delete",
    ]


def test_json_has_every_document_every_status_and_every_finding() -> None:
    value = json.loads(as_json(PushReport((REJECTED, FAILED, PENDING))))
    rejected, failed, pending = value["documents"]
    assert (rejected["file"], rejected["step"]) == ("flows/bad.json", "upload")
    assert [(one["line"], one["column"]) for one in rejected["findings"]] == [(5, 20)]
    assert failed["flows"][0]["error"]["code"] == "ReplacementRequired"
    assert (pending["settled"], pending["flows"]) == (False, [])


def test_json_contains_every_member_of_every_part() -> None:
    report = PushReport(
        (HELD, FAILED, REFUSED),
        environment=("policy.yaml",),
        pruned=("flows/x.json",),
        notes=("a note",),
        dry_run=True,
        first_runs=(FirstRun("orders", problem="no run", note="not due"),),
    )
    value = json.loads(as_json(report))
    held, failed, unsent = value.pop("documents")
    assert value == {
        "good": False,
        "dryRun": True,
        "stage": ["policy.yaml"],
        "deleted": ["flows/x.json"],
        "notes": ["a note"],
        "runs": [{"flowName": "orders", "run": None, "problem": "no run", "note": "not due"}],
    }
    document = {"file": GOOD.file, "key": GOOD.key, "settled": True, "findings": [], "problems": []}
    status = {
        "flowName": "orders",
        "action": None,
        "reason": None,
        "heldUntil": None,
        "error": None,
        "statusId": "1",
    }
    [held_flow] = held.pop("flows")
    [failed_flow] = failed.pop("flows")
    assert held == document | {"step": "upload"}
    assert held_flow == status | {
        "outcome": "Held",
        "reason": "outside of the allow windows: nightly",
        "heldUntil": "2026-03-02T22:00:00.000Z",
    }
    assert failed == document | {"step": "ask"}
    error = {"code": "ReplacementRequired", "message": "It cannot be."}
    assert failed_flow == status | {"outcome": "Failed", "error": error}
    assert unsent == document | {
        "step": "refused",
        "flows": [],
        "problems": ["another document owns the flow"],
    }


@pytest.mark.parametrize(
    ("report", "status", "summary"),
    [
        (PushReport((UNCHANGED,), pruned=("a", "b")), 0, "1 unchanged, 2 deleted"),
        (PushReport((), pruned=("a",), dry_run=True), 0, "1 to delete"),
        (PushReport((REFUSED,)), 1, "1 refused"),
        (PushReport((STILL_INVALID, UNCHANGED), blocked=True, dry_run=True), 1, "nothing sent, 1 invalid document"),
        (PushReport((APPLIED,), first_runs=(FirstRun("a", problem="late"), FirstRun("b"))), 1,
         "1 uploaded; 1 Applied, 1 not healthy"),
        (PushReport((APPLIED,), first_runs=(FirstRun("a", note="not due"),)), 0, "1 uploaded; 1 Applied"),
        (PushReport((replace(APPLIED, is_pending=True),)), 1, "1 uploaded; 1 Applied, 1 without a status"),
    ],
)  # fmt: skip
def test_deletions_refusals_and_runs_count_as_well(report: PushReport, status: int, summary: str) -> None:
    assert (report.exit_status, report.summary) == (status, summary)


def test_only_applied_flows_were_changed() -> None:
    unnamed = PushedDocument(GOOD, Step.UPLOAD, (ended(Outcome.APPLIED),))
    assert PushReport((FAILED, APPLIED, unnamed, SUPERSEDED)).changed_flows == ("orders",)


@pytest.mark.parametrize(
    ("pushed", "failed", "is_invalid"),
    [
        (UNCHANGED, False, False),
        (APPLIED, False, False),
        (STILL_INVALID, True, True),
        (replace(REJECTED, events=APPLIED.events), False, False),
        (REJECTED, True, False),
        (PENDING, True, False),
        (REFUSED, True, False),
    ],
)
def test_status_events_say_whether_a_document_failed_before_its_findings_do(
    pushed: PushedDocument, failed: bool, is_invalid: bool
) -> None:
    assert (pushed.failed, pushed.is_invalid_locally) == (failed, is_invalid)


def test_each_finding_of_rejected_flows_is_shown_once() -> None:
    twice = replace(REJECTED, events=REJECTED.events * 2)
    assert twice.findings == REJECTED.findings
    assert len(REJECTED.findings) == len(("OnDemands",))


def orphan(name: str, document: str) -> SyncStatus:
    return SyncStatus(summary(name), State.ORPHANED, document)


@pytest.mark.parametrize(
    ("prune", "notes"),
    [
        (
            False,
            [
                "the flow 'moved' moves to flows/b.json or flows/c.json, which declares it too",
                "no document declares the flow 'dropped' any more; it stays Active",
                "2 documents not sent, because all changes would be refused; --force sends them",
                "the bucket has 2 documents that flows lacks; --prune deletes them",
            ],
        ),
        (
            True,
            [
                "the flow 'moved' moves to flows/b.json or flows/c.json, which declares it too",
                "no document declares the flow 'dropped' any more; it stays Active",
                "no document declares the flow 'pruned' any more; it stays Active",
                "2 documents not sent, because all changes would be refused; --force sends them",
            ],
        ),
    ],
)
def test_notes_say_what_happens_to_flows_and_documents_that_are_not_sent(
    prune: bool, notes: list[str]
) -> None:
    plan = PushPlan(
        (PushStep(GOOD, Step.REFUSED), PushStep(BAD, Step.REFUSED)),
        extra_keys=("flows/x.json", "flows/y.json"),
        orphans=(
            orphan("moved", "flows/x.json"),
            orphan("dropped", "flows/orders.json"),
            orphan("pruned", "flows/x.json"),
        ),
        heirs={"moved": ("flows/b.json", "flows/c.json")},
    )
    report = push_report(plan, StatusTracker([]), "flows", waited=True, prune=prune, dry_run=False)
    assert list(report.notes) == notes
    assert report.pruned == (plan.extra_keys if prune else ())


MASS = PushPlan((PushStep(GOOD, Step.UPLOAD, existing=("x",) * 10, changed=("x",) * 4),))


@pytest.mark.parametrize(
    ("dry_run", "confirmed", "asks"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_a_dry_run_of_a_mass_change_notes_that_it_needs_confirmation(
    dry_run: bool, confirmed: bool, asks: bool
) -> None:
    report = push_report(
        MASS, StatusTracker([]), "flows", waited=True, prune=False, dry_run=dry_run, confirmed=confirmed
    )
    text = "this push would change 4 of 10 existing flows, more than 30 %; it needs --yes"
    assert report.notes == ((text,) if asks else ())
    assert report.dry_run is dry_run


def test_a_blocked_push_says_how_to_continue_after_other_notes() -> None:
    report = push_report(
        MASS,
        StatusTracker([]),
        "flows",
        waited=True,
        prune=False,
        dry_run=False,
        blocked=True,
        notes=("first",),
    )
    assert report.notes == (
        "first",
        "nothing was sent; fix the invalid documents, or push the others with --force",
    )
    assert (report.blocked, report.dry_run) == (True, True)


@pytest.mark.parametrize(
    ("waited", "problems", "notes"),
    [
        (True, (), ["documents without a status are still being processed"]),
        (False, ("no",), ["outcomes not awaited"]),
    ],
)
def test_problems_count_only_where_the_outcome_is_not_awaited(
    waited: bool, problems: tuple[str, ...], notes: list[str]
) -> None:
    plan = PushPlan((PushStep(GOOD, Step.UPLOAD, problems=("no",)),))
    tracker = StatusTracker([SentDocument(GOOD, "drop")])
    report = push_report(plan, tracker, "flows", waited=waited, prune=False, dry_run=False)
    [pushed] = report.documents
    assert (pushed.problems, pushed.is_pending) == (problems, waited)
    assert [note.split(";")[0] for note in report.notes] == notes
    nothing_sent = push_report(plan, StatusTracker([]), "flows", waited=waited, prune=False, dry_run=False)
    assert nothing_sent.notes == ()


@pytest.mark.parametrize(
    ("changed", "existing", "blocked", "is_mass_change"),
    [
        (4, 10, 0, True),
        (3, 10, 0, False),
        (9, 9, 0, False),
        (3, 9, 1, True),
        (0, 9, 1, False),
        (31, 100, 0, True),
        (30, 100, 0, False),
    ],
)
def test_a_mass_change_is_more_than_thirty_percent_of_ten_or_more_flows(
    changed: int, existing: int, blocked: int, is_mass_change: bool
) -> None:
    half = ChangedShare(changed, existing, 0) + ChangedShare(0, 0, blocked)
    assert half == ChangedShare(changed, existing, blocked)
    assert half.is_mass_change is is_mass_change


def test_a_share_names_the_flows_that_do_not_count() -> None:
    assert str(ChangedShare(1234, 2000, 1)) == (
        "this push would change 1,234 of 2,000 existing flows, more than 30 %, "
        "not counting 1 flow of invalid documents"
    )


def test_a_report_knows_which_documents_are_pending() -> None:
    other = local("flows/other.json", text(orders(flowName="other")))
    awaited = SentDocument(GOOD, "drop")
    tracker = StatusTracker([awaited, SentDocument(other, "drop-2")])
    tracker.record([ended(Outcome.APPLIED, "orders", id_=awaited.flow_status_ids[0])])
    plan = PushPlan((PushStep(GOOD, Step.UPLOAD), PushStep(other, Step.UPLOAD)), extra_keys=("flows/x.json",))
    waited = push_report(plan, tracker, "flows", waited=True, prune=False, dry_run=False)
    assert [pushed.is_pending for pushed in waited.documents] == [False, True]
    assert waited.notes[0] == "the bucket has 1 document that flows lacks; --prune deletes it"
    assert "still being processed" in waited.notes[1]
    left = push_report(plan, tracker, "flows", waited=False, prune=True, dry_run=False)
    assert (left.exit_status, left.pruned) == (0, ("flows/x.json",))
    assert "appflow-gitops status" in left.notes[0]


def test_p10_no_external_text_moves_the_cursor() -> None:
    hostile = replace(GOOD, file=HOSTILE)
    error = StatusError(code=HOSTILE, message=HOSTILE)
    finding = StatusFinding(rule="AFG1", severity="error", pointer=HOSTILE, message=HOSTILE, hint=HOSTILE)
    event = ended(Outcome.REJECTED, HOSTILE, reason=HOSTILE, error=error, findings=(finding,))
    pushed = PushedDocument(hostile, Step.UPLOAD, (event,), is_pending=True)
    report = PushReport((pushed,), environment=(HOSTILE,), pruned=(HOSTILE,), notes=(HOSTILE,))
    assert not [char for line in shown(report) for char in line if not char.isprintable()]
    assert "\x1b" not in drawn(StatusTracker([SentDocument(hostile, "drop")]))


def drawn(tracker: StatusTracker, rows: int = 3, columns: int = 100) -> str:
    console = Console(file=io.StringIO(), width=columns)
    console.print(live_view.table(tracker, 7.4, rows, columns))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def many() -> tuple[StatusTracker, list[SentDocument]]:
    documents = [local(f"flows/{number}.json", text(orders())) for number in range(5)]
    awaited = [SentDocument(document, document.key) for document in documents]
    return StatusTracker(awaited), awaited


def test_the_table_lists_failed_then_pending_documents_and_the_progress() -> None:
    tracker, awaited = many()
    tracker.record([ended(Outcome.APPLIED, id_=awaited[0].flow_status_ids[0])])
    tracker.record([ended(Outcome.FAILED, id_=awaited[4].flow_status_ids[0])])
    lines = [line.split() for line in drawn(tracker).splitlines()]
    assert lines[:4] == [
        ["Document", "Status"],
        ["flows/4.json", "Failed"],
        ["flows/1.json", "waiting"],
        ["flows/2.json", "waiting"],
    ]
    assert lines[4][1:] == ["2", "of", "5", "documents,", "7", "s", "(2", "not", "shown)"]


def test_a_narrow_table_cuts_the_name_not_the_status() -> None:
    long = local(f"flows/{'x' * 80}.json", text(orders()))
    [_, row, *_] = drawn(StatusTracker([SentDocument(long, "drop")]), columns=40).splitlines()
    assert row.split() == [f"flows/{'x' * 21}\u2026", "waiting"]


def test_without_a_terminal_a_line_is_printed_for_each_status(capsys: pytest.CaptureFixture[str]) -> None:
    tracker, awaited = many()
    events = tracker.record(
        [
            ended(Outcome.APPLIED, "orders", id_=awaited[3].flow_status_ids[0]),
            ended(Outcome.REJECTED, id_=awaited[1].document_status_id),
        ]
    )
    live_view.line_printer(tracker, Screen())(events)
    assert capsys.readouterr().out == "Applied orders (flows/3.json)\nRejected (flows/1.json)\n"


def test_the_live_table_is_removed_at_the_end() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    tracker, awaited = many()
    screen = Terminal()
    with live_view.live_table(tracker, screen) as on_events:
        on_events(tracker.record([ended(Outcome.APPLIED, id_=awaited[0].flow_status_ids[0])]))
    assert "1 of 5 documents" in screen.getvalue()
    assert screen.getvalue().rstrip().endswith("\x1b[2K")


def test_without_a_terminal_no_table_is_drawn() -> None:
    screen = io.StringIO()
    tracker, _ = many()
    with live_view.live_table(tracker, screen) as on_events:
        on_events([])
    assert screen.getvalue() == ""


def test_every_outcome_is_counted() -> None:
    for outcome in Outcome:
        pushed = PushedDocument(GOOD, Step.UPLOAD, (ended(outcome, "orders"),))
        assert outcome.value in PushReport((pushed,)).summary


def test_a_held_change_exits_with_3_unless_another_one_failed() -> None:
    assert PushReport((APPLIED, HELD)).exit_status == 3
    assert PushReport((HELD, FAILED)).exit_status == 1


def test_a_held_change_is_shown_with_its_reason_and_its_time() -> None:
    lines = list(render(PushReport((HELD,)), Screen(120)))
    assert lines == [
        "Held orders (flows/orders.json): outside of the allow windows: nightly; until 2026-03-02 22:00 UTC",
        "Push: 1 uploaded; 1 Held",
    ]
    [document] = json.loads(as_json(PushReport((HELD,))))["documents"]
    assert document["flows"][0]["heldUntil"] == "2026-03-02T22:00:00.000Z"


@pytest.mark.parametrize(
    ("report", "code"),
    [(PushReport((APPLIED,)), 32), (PushReport((HELD,)), 33), (PushReport((FAILED,)), 31)],
    ids=["good", "held", "failed"],
)
def test_the_summary_has_the_colour_of_the_exit_status(report: PushReport, code: int) -> None:
    assert list(render(report, Screen(colour=True)))[-1] == (
        f"\x1b[{code}m\x1b[1mPush: {report.summary}\x1b[0m"
    )


@pytest.mark.parametrize(
    ("event", "lines"),
    [
        (ended(Outcome.APPLIED, "orders"), ["Applied orders (f.json)"]),
        (ended(Outcome.REJECTED), ["Rejected (f.json)"]),
        (ended(Outcome.SUPERSEDED, "orders", reason="newer"), ["Superseded orders (f.json): newer"]),
        (
            ended(Outcome.HELD, "orders", reason="paused", heldUntil="2026-03-02T22:00:00.000Z"),
            ["Held orders (f.json): paused; until 2026-03-02 22:00 UTC"],
        ),
        (ended(Outcome.HELD, "orders", reason="paused"), ["Held orders (f.json): paused"]),
        (
            ended(Outcome.FAILED, "orders", error=StatusError(code="X", message="why")),
            ["Failed orders (f.json)", "    X: why"],
        ),
    ],
)
def test_an_outcome_is_one_line_and_its_error_the_next(event: Any, lines: list[str]) -> None:
    assert list(outcome_lines(event, "f.json", Screen())) == lines


def test_an_outcome_has_its_colour() -> None:
    [line] = outcome_lines(ended(Outcome.REJECTED), "f.json", Screen(colour=True))
    assert line == "\x1b[31m\x1b[22mRejected\x1b[0m (f.json)"


def test_uploads_of_the_environment_and_deletions_come_first() -> None:
    assert list(bucket_lines(["policy.yaml"], ["a.json"], Screen())) == [
        "uploaded policy.yaml",
        "deleted a.json",
    ]
    assert list(bucket_lines(["policy.yaml"], ["a.json"], Screen(), dry_run=True)) == [
        "would upload policy.yaml",
        "would delete a.json",
    ]


def test_a_problem_of_a_document_is_an_error_that_is_wrapped_and_followed_by_an_empty_line() -> None:
    refused = replace(REFUSED, problems=("one two three four five six seven eight", "more"))
    lines = list(render(PushReport((refused, UNCHANGED)), Screen(40)))
    assert lines == [
        "flows/orders.json: error: one two",
        "    three four five six seven eight",
        "",
        "flows/orders.json: error: more",
        "",
        "Push: 1 unchanged, 1 refused",
    ]
    coloured = list(render(PushReport((refused,)), Screen(colour=True)))
    assert coloured[0].startswith("flows/orders.json: \x1b[31m\x1b[1merror:\x1b[0m one")


@pytest.mark.parametrize(
    ("documents", "outcomes_printed", "first"),
    [
        ((APPLIED, REFUSED), False, ["Applied orders (flows/orders.json)", ""]),
        ((APPLIED, REFUSED), True, ["", "flows/orders.json: error: another document owns the flow"]),
        ((REFUSED,), False, ["flows/orders.json: error: another document owns the flow", ""]),
    ],
)
def test_problems_are_separated_from_what_was_done(
    documents: tuple[PushedDocument, ...], outcomes_printed: bool, first: list[str]
) -> None:
    assert shown(PushReport(documents), outcomes_printed=outcomes_printed)[:2] == first


def test_of_a_blocked_push_only_problems_and_notes_are_printed() -> None:
    report = PushReport((PushedDocument(GOOD, Step.UPLOAD),), notes=("a note",), blocked=True, dry_run=True)
    assert shown(report) == ["note: a note", "Push: nothing sent, 0 invalid documents"]


def test_findings_that_did_not_fit_into_the_event_are_mentioned() -> None:
    cut = ended(Outcome.REJECTED, "orders", findingsTruncated=True)
    lines = shown(PushReport((replace(APPLIED, events=(cut,)),)))
    assert lines[1:4] == [
        "",
        "flows/orders.json: more findings not shown; run 'appflow-gitops validate' to see all",
        "",
    ]


def test_a_document_without_any_status_and_without_flows_is_named() -> None:
    without = local("flows/none.json", "{}")
    pushed = PushedDocument(without, Step.UPLOAD, (ended(Outcome.SUPERSEDED),), is_pending=True)
    assert "flows/none.json: no status yet" in shown(PushReport((pushed,)))


RUN = Run("run-1", "Successful", 0.0, records=0)


@pytest.mark.parametrize(
    ("first", "lines"),
    [
        (FirstRun("a", RUN), ["Successful a: 0 records (run run-1)"]),
        (
            FirstRun("a", RUN, problem="moved nothing"),
            ["Successful a: 0 records (run run-1)", "a: error: moved nothing"],
        ),
        (
            FirstRun("a", replace(RUN, status="Error", message="strange"), problem="strange"),
            ["Error a: 0 records (run run-1)", "    strange"],
        ),
        (FirstRun("a\x1b", problem="late"), ["a\ufffd: error: late"]),
        (FirstRun("a\x1b", note="not due"), ["note: a\ufffd: not due"]),
        (FirstRun("a"), []),
    ],
)
def test_a_first_run_is_printed_with_its_problem_or_note(first: FirstRun, lines: list[str]) -> None:
    assert shown(PushReport((), first_runs=(first,)))[:-1] == lines
    assert first.to_json() == {
        "flowName": first.flow_name,
        "run": first.run and run_as_json(first.run),
        "problem": first.problem,
        "note": first.note,
    }


def test_the_problem_of_a_first_run_is_marked_as_an_error() -> None:
    [line, _] = render(PushReport((), first_runs=(FirstRun("a", problem="late"),)), Screen(colour=True))
    assert line == "a: \x1b[31m\x1b[1merror:\x1b[0m late"
