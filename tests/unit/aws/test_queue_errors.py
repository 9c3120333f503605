"""What SQS refuses in a batch becomes one error, whose family decides whether the event is retried."""

from typing import Any, cast

import pytest

from appflow_gitops.aws.queue import SqsChanges
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.errors import PermanentError, SyncError, TransientError

CHANGE = Change(identity="1", flowName="orders", correlationId="1", requestedAt="2026-01-15T12:00:00Z")


class Answering:
    """A client whose batches are all refused for these reasons; ``True`` is the sender's fault."""

    def __init__(self, *faults: bool) -> None:
        self.faults = faults

    def send_message_batch(self, **_: Any) -> dict[str, Any]:
        refused = [{"Id": "0", "Code": "Refused", "SenderFault": fault} for fault in self.faults]
        return {"Failed": refused, "Successful": [{"Id": "0"}, {"Id": "1"}]}


@pytest.mark.parametrize(
    ("faults", "family"),
    [((True,), PermanentError), ((False,), TransientError), ((True, False), TransientError)],
)
def test_only_what_is_entirely_the_fault_of_the_sender_is_permanent(
    faults: tuple[bool, ...], family: type[SyncError]
) -> None:
    with pytest.raises(family, match="Refused"):
        SqsChanges(cast("Any", Answering(*faults)), "url").send([CHANGE])
