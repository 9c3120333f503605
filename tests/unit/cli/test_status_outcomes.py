"""How the last change of a flow ended, by the status log: only of flows out of sync, and of their current version."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from appflow_gitops.aws.status_log import LoggedEvent
from appflow_gitops.findings import Finding, Severity
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.status.events import StatusError, StatusEvent, StatusFinding
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.inventory import Inventory, MissingFlow, State
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.status.outcomes import with_outcomes
from fakes.status_events import ended
from fakes.status_reports import NOW, sync_status

VERSION = DocumentVersion(bucket="acme-documents", key="flows/orders.yaml", versionId="v1")
ERROR = StatusError(code="AccessDeniedException", message="not allowed")
FAILED = ended(Outcome.FAILED, "orders", document=VERSION, error=ERROR)


@dataclass
class FakeLog:
    """A log with one event per second."""

    events: tuple[StatusEvent, ...] = ()
    error: PermanentError | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def since(self, start: float, flows: tuple[str, ...] = ()) -> Iterator[LoggedEvent]:
        self.asked.append(flows)
        if self.error:
            raise self.error
        for second, event in enumerate(self.events):
            yield LoggedEvent(start + second, event)


def inventory(state: State = State.PENDING) -> Inventory:
    return Inventory((replace(sync_status("orders", state), declared=VERSION),), (), (), ())


def explained(*events: StatusEvent, of: Inventory | None = None) -> tuple[Outcome | None, str | None]:
    (flow,) = with_outcomes(of or inventory(), FakeLog(events), NOW).flows
    return flow.outcome, flow.note


def test_a_pending_flow_whose_change_failed_says_why() -> None:
    assert explained(FAILED) == (Outcome.FAILED, "AccessDeniedException: not allowed")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"reason": "the policy has changed"}, "the policy has changed"),
        (
            {"findings": (StatusFinding.of(Finding("AFG301", Severity.ERROR, (), "not allowed")),)},
            "not allowed",
        ),
    ],
)
def test_a_rejection_without_an_error_has_a_reason_or_findings(data: dict[str, object], reason: str) -> None:
    rejected = ended(Outcome.REJECTED, "orders", document=VERSION, **data)
    assert explained(rejected) == (Outcome.REJECTED, reason)


def test_an_event_about_an_earlier_version_or_before_a_success_does_not_count() -> None:
    earlier = ended(
        Outcome.FAILED, "orders", document=VERSION.model_copy(update={"versionId": "v0"}), error=ERROR
    )
    applied = ended(Outcome.APPLIED, "orders", document=VERSION)
    assert explained(earlier) == explained(FAILED, applied) == explained() == (None, None)


def test_a_flow_in_another_state_keeps_it_and_the_log_is_not_read() -> None:
    log = FakeLog((FAILED,))
    for state in set(State) - {State.PENDING}:
        assert with_outcomes(inventory(state), log, NOW) == inventory(state)
    assert log.asked == []


def test_a_missing_flow_says_why_it_was_not_created() -> None:
    missing = MissingFlow("orders", "flows/orders.yaml", None, VERSION)
    (flow,) = with_outcomes(Inventory((), (), (missing,), ()), FakeLog((FAILED,)), NOW).missing
    assert flow.note == "AccessDeniedException: not allowed"


def test_a_log_that_cannot_be_read_changes_nothing() -> None:
    log = FakeLog(error=PermanentError("AccessDeniedException", "no"))
    assert with_outcomes(inventory(), log, NOW) == inventory()
    assert log.asked == [("orders",)]


def test_a_failed_request_says_nothing_about_the_document_of_the_flow() -> None:
    assert explained(ended(Outcome.FAILED, "orders", error=ERROR)) == (None, None)
