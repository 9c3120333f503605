"""What ``push`` tells people and programs, and how its exit status is found."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from appflow_gitops.status.events import StatusError, StatusFinding
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.documents.report import report_of
from appflow_gitops_cli.documents.selection import Selection
from appflow_gitops_cli.documents.sources import Source
from appflow_gitops_cli.push import watch
from appflow_gitops_cli.push.decision import Step
from appflow_gitops_cli.push.follow import Awaited, Following
from appflow_gitops_cli.push.report import PushedDocument, PushReport, as_json, report_on
from appflow_gitops_cli.push.text import render
from appflow_gitops_cli.push.work import PushPlan, Task
from appflow_gitops_cli.screen import Screen
from appflow_gitops_cli.validate.formats.as_text import findings
from fakes.flow_documents import orders, text
from fakes.push import local
from fakes.status_events import ended

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
OPEN = PushedDocument(GOOD, Step.UPLOAD, is_open=True)
UNCHANGED = PushedDocument(GOOD, Step.UNCHANGED)
STILL_INVALID = PushedDocument(BAD, Step.INVALID)


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
        ((FAILED,), 1, "1 asked again; 1 Failed"),
        ((STILL_INVALID, UNCHANGED), 1, "1 unchanged, 1 invalid"),
        ((OPEN,), 1, "1 uploaded; 1 without a status"),
    ],
)
def test_the_exit_status_and_the_summary_tell_the_worst(
    documents: tuple[PushedDocument, ...], status: int, summary: str
) -> None:
    report = PushReport(documents)
    assert (report.exit_status, report.summary) == (status, summary)
    assert json.loads(as_json(report))["good"] is (status == 0)


@pytest.mark.parametrize("pushed", [REJECTED, STILL_INVALID])
def test_findings_are_shown_as_validate_shows_them(pushed: PushedDocument) -> None:
    validated = report_of(Source(BAD.file), BAD.content, BAD.checked, Selection())
    as_validated = list(findings(validated, Screen()))
    assert as_validated[0] == "flows/bad.json:5:20: error: unknown trigger type 'OnDemands' [AFG104]"
    assert shown(PushReport((pushed,)), is_told=True)[1:-1] == as_validated


def test_an_error_stands_under_its_flow_and_file() -> None:
    assert shown(PushReport((FAILED, UNCHANGED), notes=("Mind.",))) == [
        "Failed orders (flows/orders.json)",
        "",
        "Failed orders (flows/orders.json)",
        "    ReplacementRequired: It cannot be.",
        "",
        "Note: Mind.",
        "Push: 1 asked again, 1 unchanged; 1 Failed.",
    ]


def test_what_was_told_line_by_line_is_not_told_again() -> None:
    assert shown(PushReport((APPLIED, SUPERSEDED)), is_told=True) == [
        "Push: 2 uploaded; 1 Applied, 1 Superseded."
    ]


def test_why_something_was_superseded_is_told() -> None:
    assert shown(PushReport((SUPERSEDED,)))[0] == "Superseded orders (flows/orders.json): version 2 is newer"


def test_what_did_not_end_in_time_is_named_flow_by_flow() -> None:
    two = local("flows/two.json", f"[{text(orders())}, {text(orders(flowName='returns'))}]")
    half = PushedDocument(two, Step.UPLOAD, (ended(Outcome.APPLIED, "orders"),), is_open=True)
    assert "flows/two.json: no status yet of returns" in shown(PushReport((half,)))
    assert shown(PushReport((OPEN,)))[0] == "flows/orders.json: no status yet of orders"


def test_without_waiting_it_is_told_what_was_done_and_what_is_known_to_be_bad() -> None:
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
    assert lines[-1] == "Push: 2 uploaded, 1 deleted."


def test_a_dry_run_says_would() -> None:
    report = PushReport(
        (PushedDocument(GOOD, Step.UPLOAD), PushedDocument(GOOD, Step.REAPPLY)),
        pruned=("flows/x.json",),
        dry=True,
    )
    assert shown(report) == [
        "would delete flows/x.json",
        "would upload flows/orders.json",
        "would ask again for flows/orders.json",
        "Push: 1 to upload, 1 to ask again, 1 to delete.",
    ]


def test_json_has_every_document_every_status_and_every_finding() -> None:
    value = json.loads(as_json(PushReport((REJECTED, FAILED, OPEN))))
    rejected, failed, still_open = value["documents"]
    assert (rejected["file"], rejected["step"]) == ("flows/bad.json", "upload")
    assert [(one["line"], one["column"]) for one in rejected["findings"]] == [(5, 20)]
    assert failed["flows"][0]["error"]["code"] == "ReplacementRequired"
    assert (still_open["settled"], still_open["flows"]) == (False, [])


def test_a_report_knows_what_was_awaited_and_did_not_come() -> None:
    other = local("flows/other.json", text(orders(flowName="other")))
    awaited = Awaited(GOOD, "drop")
    following = Following([awaited, Awaited(other, "drop-2")])
    following.hear([ended(Outcome.APPLIED, "orders", id_=awaited.of_flows[0])])
    work = PushPlan((Task(GOOD, Step.UPLOAD), Task(other, Step.UPLOAD)), gone=("flows/x.json",))
    waited = report_on(work, following, "flows", waited=True, prune=False, dry=False)
    assert [pushed.is_open for pushed in waited.documents] == [False, True]
    assert waited.notes[0] == "The bucket has 1 document more than flows; --prune deletes what is gone."
    assert "goes on all the same" in waited.notes[1]
    left = report_on(work, following, "flows", waited=False, prune=True, dry=False)
    assert (left.exit_status, left.pruned) == (0, ("flows/x.json",))
    assert "appflow-gitops status" in left.notes[0]


def test_p10_nothing_that_comes_from_outside_moves_the_cursor() -> None:
    hostile = replace(GOOD, file=HOSTILE)
    error = StatusError(code=HOSTILE, message=HOSTILE)
    finding = StatusFinding(rule="AFG1", severity="error", pointer=HOSTILE, message=HOSTILE, hint=HOSTILE)
    event = ended(Outcome.REJECTED, HOSTILE, reason=HOSTILE, error=error, findings=(finding,))
    pushed = PushedDocument(hostile, Step.UPLOAD, (event,), is_open=True)
    report = PushReport((pushed,), environment=(HOSTILE,), pruned=(HOSTILE,), notes=(HOSTILE,))
    assert not [char for line in shown(report) for char in line if not char.isprintable()]
    assert "\x1b" not in drawn(Following([Awaited(hostile, "drop")]))


def drawn(following: Following, rows: int = 3, columns: int = 100) -> str:
    console = Console(file=io.StringIO(), width=columns)
    console.print(watch.table(following, 7.4, rows, columns))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def many() -> tuple[Following, list[Awaited]]:
    documents = [local(f"flows/{number}.json", text(orders())) for number in range(5)]
    awaited = [Awaited(document, document.key) for document in documents]
    return Following(awaited), awaited


def test_the_table_shows_what_went_wrong_then_what_is_waited_for_and_how_far_it_is() -> None:
    following, awaited = many()
    following.hear([ended(Outcome.APPLIED, id_=awaited[0].of_flows[0])])
    following.hear([ended(Outcome.FAILED, id_=awaited[4].of_flows[0])])
    lines = [line.split() for line in drawn(following).splitlines()]
    assert lines[:4] == [
        ["Document", "Status"],
        ["flows/4.json", "Failed"],
        ["flows/1.json", "waiting"],
        ["flows/2.json", "waiting"],
    ]
    assert lines[4][1:] == ["2", "of", "5", "documents,", "7", "s", "(2", "not", "shown)"]


def test_where_it_is_narrow_the_name_is_cut_and_not_the_status() -> None:
    long = local(f"flows/{'x' * 80}.json", text(orders()))
    [_, row, *_] = drawn(Following([Awaited(long, "drop")]), columns=40).splitlines()
    assert row.split() == [f"flows/{'x' * 21}\u2026", "waiting"]


def test_elsewhere_a_line_is_printed_for_each_status(capsys: pytest.CaptureFixture[str]) -> None:
    following, awaited = many()
    events = following.hear(
        [
            ended(Outcome.APPLIED, "orders", id_=awaited[3].of_flows[0]),
            ended(Outcome.REJECTED, id_=awaited[1].whole),
        ]
    )
    watch.lines(following, Screen())(events)
    assert capsys.readouterr().out == "Applied orders (flows/3.json)\nRejected (flows/1.json)\n"


def test_the_table_lives_on_a_terminal_and_leaves_nothing_behind() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    following, awaited = many()
    screen = Terminal()
    with watch.live_table(following, screen) as tell:
        tell(following.hear([ended(Outcome.APPLIED, id_=awaited[0].of_flows[0])]))
    assert "1 of 5 documents" in screen.getvalue()
    assert screen.getvalue().rstrip().endswith("\x1b[2K")


def test_without_a_terminal_no_table_is_drawn() -> None:
    screen = io.StringIO()
    following, _ = many()
    with watch.live_table(following, screen) as tell:
        tell([])
    assert screen.getvalue() == ""


def test_every_outcome_is_counted() -> None:
    for outcome in Outcome:
        pushed = PushedDocument(GOOD, Step.UPLOAD, (ended(outcome, "orders"),))
        assert outcome.value in PushReport((pushed,)).summary
