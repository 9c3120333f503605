"""``push --wait`` says why it waits: the retries of its flows, each reason once."""

from collections.abc import Iterator

from appflow_gitops.aws.apply_log import Retry, parse_retry
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops_cli.push.reasons import INTERVAL, Reasons
from appflow_gitops_cli.push.tracking import SentDocument, StatusTracker
from fakes.flow_documents import orders, text
from fakes.push import local

SENT = SentDocument(local("flows/orders.json", text(orders())), "drop")
BEGAN = 1_000.0


class FakeLog:
    """Returns these retries at every read, or refuses."""

    def __init__(self, *retries: Retry, error: PermanentError | None = None) -> None:
        self.entries, self.error, self.reads = retries, error, 0

    def retries(self, start: float) -> Iterator[Retry]:
        assert start < BEGAN
        self.reads += 1
        if self.error:
            raise self.error
        yield from self.entries


def test_each_reason_is_reported_once_and_only_for_flows_that_are_waited_for() -> None:
    own = SENT.flow_status_ids[0]
    log = FakeLog(
        Retry("orders", "earlier", "ThrottlingException"),
        Retry("orders", own, "ConflictException"),
        Retry("other", "earlier", "ThrottlingException"),
    )
    reasons, tracker = Reasons(log, BEGAN), StatusTracker([SENT])
    assert list(reasons.poll(tracker, BEGAN + 1)) == []
    assert list(reasons.poll(tracker, BEGAN + INTERVAL)) == [
        "waiting for 'orders': an earlier change of this flow is being retried: ThrottlingException",
        "waiting for 'orders': its change is being retried: ConflictException",
    ]
    assert list(reasons.poll(tracker, BEGAN + INTERVAL + 1)) == []
    assert list(reasons.poll(tracker, BEGAN + 2 * INTERVAL)) == []
    assert log.reads == 2


def test_a_log_that_cannot_be_read_gives_no_reasons_and_is_not_read_again() -> None:
    log = FakeLog(error=PermanentError("AccessDeniedException", "no"))
    reasons, tracker = Reasons(log, BEGAN), StatusTracker([SENT])
    for number in range(1, 4):
        assert list(reasons.poll(tracker, BEGAN + number * INTERVAL)) == []
    assert log.reads == 1


def test_only_lines_about_retries_are_parsed() -> None:
    line = '{"message":"retrying","flow":"orders","change":"1","code":"429"}'
    assert parse_retry(line) == Retry("orders", "1", "429")
    for other in ("START RequestId", "[]", "{}", line.replace("retrying", "change applied")):
        assert parse_retry(other) is None
