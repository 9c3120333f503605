"""The questions that `make verify-on-aws` asks of AWS, asked of the local AppFlow."""

from collections.abc import Callable
from dataclasses import fields
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from appflow_gitops_local.appflow import Behaviour
from appflow_gitops_local.appflow.faults import Fault
from fakes.clock import FakeClock
from tools.verify_on_aws.answer import Question, answer
from tools.verify_on_aws.laboratory import Laboratory
from tools.verify_on_aws.questions import BURST_CALLS, QUESTIONS, paging, throttling

if TYPE_CHECKING:
    from appflow_gitops_local.appflow.models import AppFlowBackend

EVERY_QUESTION = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.look.__name__)

SWITCHED: dict[str, tuple[object, dict[str, str]]] = {
    "on_reused_parameters": ("ValidationException", {"on_reused_parameters": "ValidationException"}),
    "token_hours": (0.0, {"token_hours": "the flow is at A", "on_reused_parameters": "no error"}),
    "update_of_active_schedule": ("Draft", {"update_of_active_schedule": "Draft"}),
    "update_of_inactive": ("Active", {"update_of_inactive": "Active"}),
    "refuse_past_start": (False, {"refuse_past_start": "taken"}),
    "fill_s3_output": (False, {"fill_s3_output": "nothing"}),
    "tags_are_updates": (True, {"tags_are_updates": "moved by TagResource"}),
}
"""Switch -> another value than the default, and the outcomes that show it, each under its question's switch."""


def asked(name: str) -> Question:
    (question,) = (question for question in QUESTIONS if question.look.__name__ == name)
    return question


@EVERY_QUESTION
def test_what_a_question_assumes_is_what_the_local_appflow_does(
    opened: Laboratory, question: Question
) -> None:
    given = answer(question, opened)

    assert (given.outcome, given.verdict) == (question.assumed, "same"), given.detail


def test_the_order_of_the_questions_means_nothing(opened: Laboratory) -> None:
    for question in (*reversed(QUESTIONS), *QUESTIONS):
        assert answer(question, opened).verdict == "same", question.asks


def test_every_switch_that_a_question_names_is_one_of_the_local_appflow_and_tried_here() -> None:
    named = {question.switch for question in QUESTIONS if question.switch}

    assert named == set(SWITCHED)
    assert named <= {field.name for field in fields(Behaviour)}


@pytest.mark.parametrize("switch", SWITCHED)
def test_an_appflow_that_behaves_otherwise_gets_different_for_what_its_switch_decides_and_nothing_else(
    opened: Laboratory, behave: Callable[..., None], switch: str
) -> None:
    value, outcomes = SWITCHED[switch]
    behave(**{switch: value})

    answers = [answer(question, opened) for question in QUESTIONS]

    different = [given for given in answers if given.verdict == "different"]
    assert {given.question.switch: given.outcome for given in different} == outcomes
    assert all(given.verdict == "same" for given in answers if given not in different)


def test_a_description_that_appflow_keeps_is_reported(opened: Laboratory) -> None:
    def keep(params: dict[str, Any], **_: object) -> None:
        params.setdefault("description", "what it was before")

    opened.appflow.meta.events.register("provide-client-params.appflow.UpdateFlow", keep)

    assert answer(asked("omitted_description"), opened).outcome == "kept"


@pytest.mark.parametrize(
    ("question", "operations", "outcome"),
    [
        ("tags_and_last_updated", ["TagResource"], "moved by TagResource"),
        ("status_and_last_updated", ["StartFlow", "StopFlow"], "moved by StartFlow, StopFlow"),
        ("status_and_last_updated", ["StopFlow"], "moved by StopFlow"),
    ],
)
def test_a_last_updated_that_moves_is_reported_even_if_appflow_keeps_whole_seconds(
    opened: Laboratory,
    backend: "AppFlowBackend",
    behave: Callable[..., None],
    *,
    question: str,
    operations: list[str],
    outcome: str,
) -> None:
    clock = FakeClock()
    opened.now = int(clock.to_datetime().timestamp())
    behave(clock=clock.to_datetime)
    opened.wait = clock.advance

    def move(**_: object) -> None:
        flow = backend.flows[opened.name]
        flow.last_updated_at = max(flow.last_updated_at, clock.to_datetime())

    backend.flows[opened.name].last_updated_at = clock.to_datetime()
    for operation in operations:
        opened.appflow.meta.events.register(f"before-call.appflow.{operation}", move)

    assert answer(asked(question), opened).outcome == outcome


def test_a_refusal_on_the_way_back_to_a_is_reported(opened: Laboratory, backend: "AppFlowBackend") -> None:
    opened.back_to_base()
    backend.faults.add(Fault("UpdateFlow", error="ConflictException"))

    seen = asked("going_back_under_our_token").look(opened)

    assert seen.outcome == "refused: ConflictException"


def test_updates_that_disagree_about_the_status_are_reported_one_by_one(
    opened: Laboratory, behave: Callable[..., None]
) -> None:
    def new_schedules_make_drafts(params: dict[str, Any], **_: object) -> None:
        schedule = params["triggerConfig"]["triggerProperties"]["Scheduled"]
        usual = schedule["scheduleExpression"] == "rate(3hours)"
        behave(update_of_active_schedule="Active" if usual else "Draft")

    opened.appflow.meta.events.register("provide-client-params.appflow.UpdateFlow", new_schedules_make_drafts)

    given = answer(asked("update_of_an_active_schedule"), opened)

    assert given.outcome == "Active after a new description; Draft after a new schedule"
    assert given.verdict == "different"


def test_a_refused_update_is_reported_beside_the_status_that_others_lead_to(
    opened: Laboratory, backend: "AppFlowBackend"
) -> None:
    def refuse_active_flows(**_: object) -> None:
        if backend.flows[opened.name].status == "Active":
            backend.faults.add(Fault("UpdateFlow", error="ConflictException"))

    opened.appflow.meta.events.register("provide-client-params.appflow.UpdateFlow", refuse_active_flows)

    given = answer(asked("update_of_an_active_schedule"), opened)

    assert given.outcome == "refused: ConflictException"
    assert "a new schedule: Active, then Active (ConflictException, HTTP 409" in given.detail


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (
            Fault("DescribeFlow", error="ThrottlingException", status=429),
            "429 ThrottlingException",
        ),
        (Fault("DescribeFlow", error="", status=429), "429 without an error type"),
    ],
    ids=["named", "bare"],
)
def test_throttling_is_reported_with_its_code_its_status_and_whether_it_was_named(
    opened: Laboratory, backend: "AppFlowBackend", fault: Fault, outcome: str
) -> None:
    backend.faults.add(fault)

    seen = throttling(opened)

    assert seen.outcome == outcome
    assert "60 calls of 8 threads; 1 refused" in seen.detail


def test_the_burst_is_small_and_reads_only(opened: Laboratory, backend: "AppFlowBackend") -> None:
    backend.calls.clear()

    throttling(opened)

    assert backend.calls.counts() == {"DescribeFlow": BURST_CALLS}
    assert BURST_CALLS <= 60


def test_paging_is_looked_at_with_the_flows_of_others_too(opened: Laboratory) -> None:
    for name in ("another", "zebra", "zoo"):
        opened.appflow.create_flow(**opened.request(flowName=name))

    seen = paging(opened)

    assert (seen.outcome, seen.detail) == (
        "1 flow a page at most, none twice",
        "flows on the pages looked at: 1, 1, 1",
    )


def test_a_question_that_is_denied_is_not_answered_and_the_next_one_is(
    opened: Laboratory, backend: "AppFlowBackend"
) -> None:
    backend.faults.add(Fault("TagResource", error="AccessDeniedException"))

    denied = answer(asked("tags_and_last_updated"), opened)

    assert (denied.verdict, denied.outcome) == ("not answered", None)
    assert "AccessDeniedException" in denied.detail
    assert "TagResource" in denied.detail
    assert answer(asked("tags_and_last_updated"), opened).verdict == "same"


def test_an_error_about_the_caller_does_not_answer_whether_a_call_is_rejected(
    opened: Laboratory, backend: "AppFlowBackend"
) -> None:
    opened.back_to_base()
    backend.faults.add(Fault("UpdateFlow", error="AccessDeniedException", times=None))

    with pytest.raises(opened.appflow.exceptions.ClientError, match="AccessDeniedException"):
        asked("past_start").look(opened)


def test_a_flow_that_does_not_get_active_leaves_its_question_open(opened: Laboratory) -> None:
    def without_effect(**_: object) -> Any:
        return SimpleNamespace(status_code=200), {}

    opened.appflow.meta.events.register("before-call.appflow.StartFlow", without_effect)

    given = answer(asked("update_of_an_active_schedule"), opened)

    assert given.outcome is None
    assert "the flow is still Draft after 20 s" in given.detail


def test_a_flow_that_cannot_be_brought_back_is_created_again_for_the_next_question(
    opened: Laboratory, backend: "AppFlowBackend"
) -> None:
    def refuse_suspended_flows(**_: object) -> None:
        if backend.flows[opened.name].status == "Suspended":
            backend.faults.add(Fault("UpdateFlow", error="ConflictException"))

    opened.appflow.meta.events.register("provide-client-params.appflow.UpdateFlow", refuse_suspended_flows)

    answers = [answer(question, opened) for question in QUESTIONS]

    (different,) = (given for given in answers if given.verdict != "same")
    assert (different.question.switch, different.outcome) == (
        "update_of_inactive",
        "refused: ConflictException",
    )


def test_the_flow_never_runs(opened: Laboratory, backend: "AppFlowBackend") -> None:
    for question in QUESTIONS:
        answer(question, opened)

    flow = backend.flows[opened.name]
    assert flow.runs == []
    assert flow.definition.schedule is not None
    assert flow.definition.schedule["scheduleStartTime"] > opened.now + 12 * 3600


def test_all_questions_together_wait_less_than_a_minute(opened: Laboratory, waits: list[float]) -> None:
    for question in QUESTIONS:
        answer(question, opened)

    assert 0 < sum(waits) < 60
