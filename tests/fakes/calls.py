"""The gate that every call of every fake goes through: it counts, and it can fail, hang or kill.

A crash is a ``Crash``, which no ``except Exception`` catches: to the code under test it is the end of the process.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import TypeVar

from fakes.clock import FakeClock

T = TypeVar("T")


class Crash(BaseException):
    """The process was killed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a call: it fails before it is carried out, or after it (the answer is lost).

    ``seconds`` pass until the caller sees the error.
    """

    error: BaseException
    after: bool = False
    seconds: float = 0.0


@dataclass(slots=True)
class Calls:
    """Every call in order; ``faults`` decides, given the operation and its running number, what goes wrong."""

    made: list[tuple[str, str]] = field(default_factory=list)
    faults: Callable[[str, int], Fault | None] = lambda operation, number: None  # noqa: ARG005
    watch: Callable[[str, str], None] = lambda operation, subject: None  # noqa: ARG005
    """Called after every call that was carried out, also when its answer is then lost."""
    clock: FakeClock = field(default_factory=FakeClock)
    deadline: float = inf
    """When the invocation that makes the calls is killed."""

    def __call__(self, operation: str, subject: str, carried_out: Callable[[], T]) -> T:
        self.made.append((operation, subject))
        fault = self.faults(operation, len(self.made))
        if fault and not fault.after:
            raise self._error_of(fault)
        answer = carried_out()
        self.watch(operation, subject)
        if fault:
            raise self._error_of(fault)
        return answer

    def _error_of(self, fault: Fault) -> BaseException:
        """What the caller sees once the time of the fault has passed: the end of its invocation, if that is earlier."""
        self.clock.now += fault.seconds
        if self.clock.now < self.deadline:
            return fault.error
        self.clock.now = self.deadline
        return Crash()

    def count(self, operation: str) -> int:
        return sum(1 for made, _ in self.made if made == operation)

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.made]

    def fail(self, operation: str, *errors: BaseException, after: bool = False) -> None:
        """Let the next calls of one operation fail, one for each error."""
        self.answer(**{operation: [Fault(error, after) for error in errors]})

    def answer(self, **faults: Sequence[Fault | None]) -> None:
        """Decide how the next calls of some operations go, one after the other; ``None`` lets a call through."""
        waiting = {operation: list(planned) for operation, planned in faults.items()}

        def next_fault(called: str, _: int) -> Fault | None:
            return waiting[called].pop(0) if waiting.get(called) else None

        self.faults = next_fault

    def crash_after(self, number: int) -> None:
        """Kill the process right after the call with this running number, from now on counted from 1."""
        at = len(self.made) + number
        self.faults = lambda _, called: Fault(Crash(), after=True) if called == at else None
