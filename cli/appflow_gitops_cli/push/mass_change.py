"""The share of existing flows that ``push`` changes without confirmation."""

from collections.abc import Iterable, Set
from dataclasses import dataclass

from appflow_gitops.sync.ports import StoredDocument
from appflow_gitops.validation.environment import Environment
from appflow_gitops_cli.documents.report import counted

MOST_PERCENT = 30
FEWEST_FLOWS = 10
"""Existing flows below which any number may change. Both limits are those of octoDNS."""


@dataclass(frozen=True, slots=True)
class ChangedShare:
    """How many of the existing flows a push changes. New flows and changed tags do not count.

    ``blocked`` are existing flows of invalid documents, which cannot change: they do not make the share smaller.
    """

    changed: int
    existing: int
    blocked: int = 0

    def __add__(self, other: "ChangedShare") -> "ChangedShare":
        return ChangedShare(
            self.changed + other.changed, self.existing + other.existing, self.blocked + other.blocked
        )

    @property
    def is_mass_change(self) -> bool:
        """Whether the push needs confirmation."""
        is_large = self.existing + self.blocked >= FEWEST_FLOWS
        return is_large and self.changed * 100 > self.existing * MOST_PERCENT

    def __str__(self) -> str:
        blocked = (
            f", not counting {counted(self.blocked, 'flow')} of invalid documents" if self.blocked else ""
        )
        return (
            f"this push would change {self.changed:,} of {self.existing:,} existing flows, "
            f"more than {MOST_PERCENT} %{blocked}"
        )


def share_by_variables(
    documents: Iterable[StoredDocument], before: Environment, after: Environment, live: Set[str]
) -> ChangedShare:
    """The flows of documents that are not pushed, and that change because their variables do.

    apply and the drift scan read these documents with the new values. ``live`` are the names of existing flows.
    """
    changed = existing = 0
    for stored in documents:
        old = {flow.name: flow.document for flow in stored.validated(before).flows}
        for flow in stored.validated(after).flows:
            if flow.name in live:
                existing += 1
                changed += flow.document is not None and flow.document != old.get(flow.name)
    return ChangedShare(changed, existing)


NO_FLOWS = ChangedShare(0, 0)
