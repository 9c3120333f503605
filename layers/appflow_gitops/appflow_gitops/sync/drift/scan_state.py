"""What the last look for drift found: so the next looks only at what has changed since, and tells nothing twice.

``sync.drift`` reads and writes it. It may be lost at any time: then every flow that its tags do not settle is looked at
once more, and what is told again has the same id as before.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from pydantic import Field, ValidationError

from appflow_gitops.origin import Wire
from appflow_gitops.status.drift import Drift


class LastSeen(Wire):
    """What was found of one flow.

    ``fingerprint`` stands for all that can be known without a closer look; while it is the same, so is what was found.
    ``told`` is the id of the event that told of ``drift``.
    """

    fingerprint: str
    drift: Drift | None = None
    told: str | None = None


class ScanState(Wire):
    """What was found of every flow that its tags do not settle, by name; ``heals`` says whether it was to be mended."""

    schemaVersion: Literal["1"] = "1"
    heals: bool = False
    flows: Mapping[str, LastSeen] = Field(default_factory=dict)

    def under(self, *, heals: bool) -> "ScanState":
        """What still holds: nothing, once mending was switched on or off, so that what drifts already is mended too."""
        return self if self.heals == heals else ScanState(heals=heals)

    @property
    def counts(self) -> Counter[Drift]:
        """How many flows there are of each kind of drift."""
        return Counter(seen.drift for seen in self.flows.values() if seen.drift)


def read_scan_state(content: bytes | None) -> ScanState:
    """What was kept; an empty memory for nothing, and for what is none."""
    try:
        return ScanState.model_validate_json(content) if content else ScanState()
    except ValidationError:
        return ScanState()
