"""The share of existing flows that ``push`` changes without confirmation."""

from dataclasses import dataclass

MOST_PERCENT = 30
FEWEST_FLOWS = 10
"""Existing flows below which any number may change. Both limits are those of octoDNS."""


@dataclass(frozen=True, slots=True)
class ChangedShare:
    """How many of the existing flows of a folder a push changes. New flows and changed tags do not count."""

    changed: int
    existing: int

    @property
    def is_mass_change(self) -> bool:
        """Whether the push needs confirmation."""
        return self.existing >= FEWEST_FLOWS and self.changed * 100 > self.existing * MOST_PERCENT

    def __str__(self) -> str:
        return (
            f"this push would change {self.changed:,} of {self.existing:,} existing flows, "
            f"more than {MOST_PERCENT} %"
        )
