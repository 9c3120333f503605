"""Figures and how they are measured: candidate and baseline by turns. Every module of a figure builds on this."""

import statistics
from collections.abc import Callable, Sequence
from typing import NamedTuple

RATIO = "ratio"
LEAST_ROUNDS = 7
"""Medians of fewer say little on a machine that does other things too."""


class MeasurementError(Exception):
    """What was to be measured did not do its work; a figure of it would mean nothing."""


class Figure(NamedTuple):
    """What was measured, and what it may be at most. ``bench.json`` is a list of these."""

    name: str
    value: float
    limit: float
    unit: str

    @property
    def holds(self) -> bool:
        """Whether the value is within its limit."""
        return self.value <= self.limit


def alternately(candidate: Callable[[], float], baseline: Callable[[], float], rounds: int) -> float:
    """The median of as many ratios, each of a candidate's run to the baseline's right before it."""
    return statistics.median(_ratio(candidate, baseline) for _ in range(rounds))


def _ratio(candidate: Callable[[], float], baseline: Callable[[], float]) -> float:
    before = baseline()
    return candidate() / before


def rows(figures: Sequence[Figure]) -> list[dict[str, str | float]]:
    """The figures as ``bench.json`` has them, values to three places."""
    return [{**figure._asdict(), "value": round(figure.value, 3)} for figure in figures]
