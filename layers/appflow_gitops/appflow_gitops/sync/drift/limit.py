"""The limit on repairs: how many flows scans may change within an hour. Pure; ``detector`` applies it.

Repairs are what variables, the policy and self-healing change. Documents and requests are not limited: ``push`` asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from appflow_gitops.sync.change import change_id
from appflow_gitops.sync.drift.report import LimitedRepairs

CONFIRMED = "Flow Repairs Confirmed"
"""The EventBridge detail-type of a confirmation."""

HOUR = 3600.0
_CONFIRMATION_DIGITS = 12

Subjects = Mapping[str, str | None]
"""Name of a flow -> the digest of the difference that would be repaired."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The repairs that a scan wants to queue beside those of the last hour.

    ``limited`` are those that the scan before reported under the confirmation ``limited_as``; ``recent`` are the flows
    that were repaired within the last hour.
    """

    most: int
    wanted: Subjects
    recent: frozenset[str]
    limited: Subjects
    limited_as: str | None

    @property
    def id(self) -> str:
        """Identifies the differences that would be repaired."""
        return change_id(f"repairs {sorted(self.wanted.items())}", None)

    @property
    def is_exceeded(self) -> bool:
        """Whether the repairs are more than the limit allows."""
        return len(self.wanted.keys() | self.recent) > self.most

    def is_confirmed_by(self, confirmation: str | None) -> bool:
        """Whether a confirmation is about these repairs, or about more than them: some may be done already."""
        is_known = confirmation is not None and confirmation == self.limited_as
        return is_known and self.wanted.items() <= self.limited.items()

    def report(self, correlation_id: str, now: float, flows: int) -> LimitedRepairs:
        """The report on repairs that exceed the limit; ``flows`` is the number of all flows that documents declare."""
        return LimitedRepairs(
            self.id,
            correlation_id,
            now,
            confirmation=self.id[:_CONFIRMATION_DIGITS],
            limit=self.most,
            flow_names=tuple(sorted(self.wanted)),
            recent=len(self.recent),
            declared=flows,
        )
