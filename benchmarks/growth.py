"""What 2,000 changes take that 200 do not: peak memory and processor time of apply, each in a new process.

Thousands of changes would take the local cloud too long, so ``stand_in`` answers here.
"""

import statistics
from typing import NamedTuple

from benchmarks.changes import BATCH, Dropped, batch
from benchmarks.figures import RATIO, Figure, MeasurementError
from benchmarks.processes import server, worker

FEW, MANY = 200, 2_000
FLOWS = 100
MEMORY_LIMIT = 1.05
TIME_LIMIT = 11


class Spent(NamedTuple):
    """What one process spent: its peak memory in KiB, and the seconds of its invocations."""

    peak: float
    seconds: float


def figures(rounds: int) -> list[Figure]:
    """The ratios of memory and of time."""
    pairs = [(_spent(FEW), _spent(MANY)) for _ in range(rounds)]
    memory = statistics.median(many.peak / few.peak for few, many in pairs)
    seconds = statistics.median(many.seconds / few.seconds for few, many in pairs)
    what = f"{MANY:,} changes against {FEW}"
    return [
        Figure(f"peak memory of apply, {what}", memory, MEMORY_LIMIT, RATIO),
        Figure(f"time of apply, {what}", seconds, TIME_LIMIT, RATIO),
    ]


def _spent(changes: int) -> Spent:
    """What apply spends on so many changes, the first one's lazy imports included."""
    answer = {}
    seconds = 0.0
    with server("stand_in") as endpoint, worker("apply", endpoint) as apply:
        for first in range(0, changes, BATCH):
            answer = apply(batch([_version(number) for number in range(first, first + BATCH)]))
            if sum(operation == "UpdateFlow" for _, operation, _ in answer["calls"]) != BATCH:
                raise MeasurementError(f"apply did not update every flow of a batch: {answer['answer']}")
            seconds += answer["seconds"]
    return Spent(answer["peak"], seconds)


def _version(number: int) -> Dropped:
    """The change with this number: one flow after the other, each in its next version."""
    version = str(number // FLOWS + 1)
    return Dropped(f"flow-{number % FLOWS}", version, version)
