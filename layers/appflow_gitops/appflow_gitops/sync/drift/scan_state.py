"""The scan state: what the last scan found, so that the next one inspects only what changed and reports nothing twice.

It may be lost at any time. The next scan then inspects every flow that its tags do not settle, and what it reports
again has the same id as before.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from pydantic import ConfigDict, Field, ValidationError

from appflow_gitops.origin import Wire
from appflow_gitops.sync.drift.report import Drift


class LastSeen(Wire):
    """The last inspection of one flow.

    ``fingerprint`` identifies everything that is known of the flow without inspecting it: while it is the same, so is
    the result. ``reported`` is the id of the reported drift.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    fingerprint: str
    drift: Drift | None = None
    reported: str | None = Field(default=None, alias="told")


class ScanState(Wire):
    """The last inspection of every flow that its tags do not settle, by name, and whether drift was repaired then."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    schemaVersion: Literal["1"] = "1"
    self_heal: bool = Field(default=False, alias="heals")
    flows: Mapping[str, LastSeen] = Field(default_factory=dict)

    def under(self, *, self_heal: bool) -> "ScanState":
        """What still holds: nothing once ``SelfHeal`` was switched, so that existing drift is repaired too."""
        return self if self.self_heal == self_heal else ScanState(self_heal=self_heal)

    @property
    def counts(self) -> Counter[Drift]:
        """The number of flows per kind of drift."""
        return Counter(seen.drift for seen in self.flows.values() if seen.drift)

    def render(self) -> bytes:
        """The state as JSON."""
        return self.model_dump_json(exclude_none=True, by_alias=True).encode()


def read_scan_state(content: bytes | None) -> ScanState:
    """Parse the state; empty where there is none, or none that can be parsed."""
    try:
        return ScanState.model_validate_json(content) if content else ScanState()
    except ValidationError:
        return ScanState()
