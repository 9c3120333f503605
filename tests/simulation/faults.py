"""What goes wrong with calls in the simulation."""

from collections.abc import Callable
from dataclasses import dataclass

from appflow_gitops.sync.errors import PermanentError, TransientError
from fakes.calls import Crash, Fault

OPERATIONS = (
    "GetObject",
    "ListObjectVersions",
    "SendMessageBatch",
    "ChangeMessageVisibility",
    "DescribeFlow",
    "UpdateFlow",
    "CreateFlow",
    "StartFlow",
    "StopFlow",
    "TagResource",
    "UntagResource",
    "PutEvents",
    "PutObject",
    "ListObjects",
    "DeleteObject",
    "SendMessage",
    "ReceiveMessage",
    "DeleteMessage",
    *["*"] * 8,
)
REFUSED = "AccessDeniedException"
ONE_HANGING_CALL = 59.0
"""Seconds that one AppFlow call may take with the client's timeouts and retries."""


KINDS: dict[str, Callable[[], Fault]] = {
    "throttled": lambda: Fault(TransientError("ThrottlingException", "Rate exceeded")),
    "lost on the way": lambda: Fault(TransientError("ReadTimeoutError", "No answer", unanswered=True)),
    "answer lost": lambda: Fault(
        TransientError("ReadTimeoutError", "No answer", unanswered=True), after=True
    ),
    "crash before": lambda: Fault(Crash()),
    "crash after": lambda: Fault(Crash(), after=True),
    "refused": lambda: Fault(PermanentError(REFUSED, "Not authorized")),
    "unexpected": lambda: Fault(KeyError("unexpected")),
}
HANGS = {
    "hangs": lambda: Fault(
        TransientError("ReadTimeoutError", "No answer", unanswered=True), seconds=ONE_HANGING_CALL
    ),
    "hangs after it was carried out": lambda: Fault(
        TransientError("ReadTimeoutError", "No answer", unanswered=True), after=True, seconds=ONE_HANGING_CALL
    ),
}
KINDS |= HANGS
CRASHES = {"crash before", "crash after", *HANGS}
"""Kinds that may kill an invocation."""


@dataclass(slots=True)
class Strike:
    """Some of the next calls go wrong: after ``skip`` of the operation (``*``: of any), so many ``times``."""

    operation: str
    kind: str
    skip: int
    times: int
    struck: list[tuple[str, str]]
    """Operation and kind of every call that went wrong."""

    def __call__(self, operation: str, _: int) -> Fault | None:
        if self.operation not in (operation, "*"):
            return None
        if self.skip:
            self.skip -= 1
            return None
        if not self.times:
            return None
        self.times -= 1
        self.struck.append((operation, self.kind))
        return KINDS[self.kind]()
