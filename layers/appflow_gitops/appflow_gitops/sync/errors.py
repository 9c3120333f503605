"""The two families of errors that a change can end in; ``aws`` raises them, the use cases decide by them.

SyncError
├── PermanentError   retrying is useless: the change ends Failed at once
└── TransientError   the same call may succeed later: the change returns to the queue
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appflow_gitops.sync.outcome import ChangeResult

RETRIES_EXHAUSTED = "RetriesExhausted"
"""The code of a change whose last attempt failed; SQS then moves its message to the dead-letter queue."""


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """An error as a status event reports it. ``code`` is AWS's error code, or ours in the same style."""

    code: str
    message: str


class SyncError(Exception):
    """A call to AWS that failed. ``code`` is AWS's error code, or ours in the same style.

    ``result`` is what the change had done before the call; ``None`` when that was nothing.
    """

    result: "ChangeResult | None" = None

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    @property
    def detail(self) -> ErrorDetail:
        """The error as a value."""
        return ErrorDetail(self.code, self.message)


class PermanentError(SyncError):
    """The request was refused, and the same request would be refused again."""


class TransientError(SyncError):
    """The service failed, throttled or did not answer.

    ``unanswered`` means that the call may have been carried out all the same (a time-out, a lost connection, a 5xx):
    check before you report or repeat it.
    """

    def __init__(self, code: str, message: str, *, unanswered: bool = False) -> None:
        super().__init__(code, message)
        self.unanswered = unanswered


def unexpected(error: Exception) -> TransientError:
    """Describe an unexpected exception, so that the change is retried and in the end dead-lettered."""
    return TransientError("InternalError", f"{type(error).__name__}: {error}")


@contextmanager
def unexpected_as_transient() -> Iterator[None]:
    """Raise any unexpected exception as a ``TransientError``."""
    try:
        yield
    except TransientError:
        raise
    except Exception as error:
        raise unexpected(error) from error
