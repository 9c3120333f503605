"""The scan state: what the last scan found, so that the next one inspects only what changed and reports nothing twice.

It may be lost at any time. The next scan then inspects every flow that its tags do not settle, and what it reports
again has the same id as before.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Literal, TypeVar

from pydantic import ConfigDict, Field, ValidationError

from appflow_gitops.origin import Wire
from appflow_gitops.sync.drift.report import Drift
from appflow_gitops.sync.drift.waits import HOUR, is_due

T = TypeVar("T")


class LastSeen(Wire):
    """The last inspection of one flow.

    ``fingerprint`` identifies everything that is known of the flow without inspecting it: while it is the same, so is
    the result. ``reported`` is the id of the reported drift. ``since`` is when it was first found, while it may still
    be a change in progress. ``subject`` identifies the difference, ``repairs`` counts the changes that were queued to
    repair it, the last one at ``repairedAt``. ``limited``: a repair waits for a confirmation. Times are in epoch
    seconds.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    fingerprint: str
    drift: Drift | None = None
    reported: str | None = Field(default=None, alias="told")
    since: float | None = None
    subject: str | None = None
    repairs: int = 0
    repairedAt: float | None = None
    limited: Literal[True] | None = None


class ScanState(Wire):
    """The last inspection of every flow that its tags do not settle, by name, and whether drift was repaired then.

    ``documentsAfter`` and ``flowsAfter`` are the last key and the last flow that a scan reached whose time ran out.
    ``repaired`` has the flows that were repaired within an hour and when, ``limitedAs`` the confirmation of limited
    repairs.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    schemaVersion: Literal["1"] = "1"
    self_heal: bool = Field(default=False, alias="heals")
    flows: Mapping[str, LastSeen] = Field(default_factory=dict)
    documentsAfter: str | None = None
    flowsAfter: str | None = None
    repaired: Mapping[str, float] | None = None
    limitedAs: str | None = None

    def due(self, now: float) -> frozenset[str]:
        """The flows to inspect although nothing changed: not reported yet, or not repaired yet."""
        return frozenset(
            name
            for name, seen in self.flows.items()
            if seen.since is not None
            or seen.limited
            or (seen.repairedAt is not None and is_due(seen.repairs, seen.repairedAt, now))
        )

    def under(self, *, self_heal: bool) -> "ScanState":
        """What still holds: nothing once ``SelfHeal`` was switched, so that existing drift is repaired too."""
        return self if self.self_heal == self_heal else ScanState(self_heal=self_heal, repaired=self.repaired)

    def recent(self, now: float, held: Container[str]) -> dict[str, float]:
        """The flows that were repaired within an hour, and when.

        A repair that is ``held`` counts until it is applied, which may be at any time until the next scan.
        """
        return {
            name: now + HOUR if name in held else at
            for name, at in (self.repaired or {}).items()
            if name in held or at > now - HOUR
        }

    @property
    def limited(self) -> dict[str, str | None]:
        """The flows whose repair exceeded the limit, and the difference that it would repair."""
        return {name: seen.subject for name, seen in self.flows.items() if seen.limited}

    @property
    def counts(self) -> Counter[Drift]:
        """The number of flows per kind of drift."""
        return Counter(seen.drift for seen in self.flows.values() if seen.drift)

    def render(self) -> bytes:
        """The state as JSON."""
        return self.model_dump_json(exclude_none=True, by_alias=True).encode()


def continued(items: Iterable[T], after: str | None, name: Callable[[T], str]) -> list[T]:
    """The items sorted by name, starting behind ``after``: those up to it are the last."""
    return sorted(items, key=lambda item: (after is not None and name(item) <= after, name(item)))


def read_scan_state(content: bytes | None) -> ScanState:
    """Parse the state; empty where there is none, or none that can be parsed."""
    try:
        return ScanState.model_validate_json(content) if content else ScanState()
    except ValidationError:
        return ScanState()
