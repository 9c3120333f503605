"""What goes wrong in the simulation, and where: kinds of faults, and kinds of trouble that are not calls."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

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
    *["*"] * 8,
)
REFUSED = "AccessDeniedException"
ONE_HANGING_CALL = 59.0
"""Seconds that one AppFlow call may take with the client's timeouts and retries."""


class Trouble(StrEnum):
    """What may happen in a history beside faults of calls."""

    HANGING_CALLS = "hanging calls"
    DELETED_FLOWS = "flows deleted in the console"
    UNREADABLE_OBJECTS = "unreadable objects"
    BROKEN_ENVIRONMENT = "a broken policy"
    LONG_HISTORIES = "more invalid versions than are considered"
    SKEWED_CLOCKS = "clocks of senders that are wrong"
    TWO_STACKS = "another stack with the same flows"
    BUSY_QUEUE = "a queue that is never empty at scan time"
    MANY_TAGS = "almost as many tags as AppFlow allows"
    NO_REDRIVE = "an operator who redrives nothing"


class Promise(StrEnum):
    """What a history is held to beside the promises that always hold."""

    CONVERGENCE = "P1: every flow matches its document, or is blocked for a reason that is true"
    UNAIDED = "P1: the same without SelfHeal, after moves and transient failures"
    HONESTY = "P11: an event reports what was done, and nothing else"
    ATTEMPTS = "P8: attempts are tries, and the final report frees the group"
    OWNERSHIP = "P10: a document that may declare a flow keeps it"


WAITING: frozenset[Trouble | Promise] = frozenset()
"""What the code does not withstand yet."""


def is_on(subject: Trouble | Promise) -> bool:
    """Whether histories contain this trouble, or are held to this promise.

    ``SIMULATION_WITH`` adds those that are waiting: their names, comma-separated, or ``all``.
    """
    added = os.environ.get("SIMULATION_WITH", "").upper().split(",")
    return subject not in WAITING or subject.name in added or "ALL" in added


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
if is_on(Trouble.HANGING_CALLS):
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
