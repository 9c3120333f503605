"""The two families of errors that a change can end in; ``aws`` raises them, the use cases decide by them.

SyncError
├── PermanentError   trying again is useless: the change ends Failed at once
└── TransientError   the same call may work later: the change goes back to the queue
"""

from collections.abc import Iterator
from contextlib import contextmanager

RETRIES_EXHAUSTED = "RetriesExhausted"
"""The code of a change that was tried as often as it may be; its message goes on to the dead letters."""


class SyncError(Exception):
    """A call to AWS that did not work. ``code`` is AWS's error code, or ours in the same style."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class PermanentError(SyncError):
    """The request itself is refused; the same request will be refused again."""


class TransientError(SyncError):
    """The service did not manage, or did not answer.

    ``unanswered`` says that the call may have been carried out all the same (a time-out, a lost connection, a 5xx):
    look before you report or repeat.
    """

    def __init__(self, code: str, message: str, *, unanswered: bool = False) -> None:
        super().__init__(code, message)
        self.unanswered = unanswered


@contextmanager
def surprises_as_transient() -> Iterator[None]:
    """Raise what nobody expected as a ``TransientError``: it is tried again, and in the end dead-lettered and told."""
    try:
        yield
    except TransientError:
        raise
    except Exception as error:
        raise TransientError("InternalError", f"{type(error).__name__}: {error}") from error
