"""Former buckets: the documents buckets of deleted stacks. An owner in one of them counts as no owner.

``apply`` trusts no such owner (``Ownership.trusted``); scans and commands read the flows through ``AdoptableFlows``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.ownership import DOCUMENT
from appflow_gitops.service import service
from appflow_gitops.sync.ports import FlowCatalog

if TYPE_CHECKING:
    from appflow_gitops.flows.summary import FlowSummary


def parse_former_buckets(text: str) -> frozenset[str]:
    """The bucket names in a comma-separated list."""
    return frozenset(filter(None, (name.strip() for name in text.split(","))))


@service
class AdoptableFlows:
    """All flows, without the owners that are in one of the ``former_buckets``."""

    flows: FlowCatalog
    former_buckets: frozenset[str]

    def summaries(self) -> Iterator["FlowSummary"]:
        """See ``FlowCatalog``."""
        for summary in self.flows.summaries():
            former = summary.owner.is_in(self.former_buckets)
            yield replace(summary, tags=_without_owner(summary.tags)) if former else summary

    def describe(self, name: str) -> LiveFlow | None:
        """See ``FlowCatalog``."""
        live = self.flows.describe(name)
        if live is None or not live.owner.is_in(self.former_buckets):
            return live
        return replace(live, tags=_without_owner(live.tags))


def _without_owner(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if key != DOCUMENT}
