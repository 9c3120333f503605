"""An event bus that keeps its events by kind."""

import json
from dataclasses import dataclass, field
from typing import Any

from appflow_gitops.status.bus import BusEvent
from appflow_gitops.status.drift import DriftEvent, LimitedRepairsEvent
from appflow_gitops.status.events import StatusEvent
from appflow_gitops.status.health import HealthEvent
from appflow_gitops.status.schema_drift import SchemaDriftEvent
from fakes.calls import Calls


@dataclass(slots=True)
class FakeBus:
    """Implements ``EventBus``."""

    calls: Calls = field(default_factory=Calls)
    events: list[StatusEvent] = field(default_factory=list)
    drifts: list[DriftEvent] = field(default_factory=list)
    limited: list[LimitedRepairsEvent] = field(default_factory=list)
    health: list[HealthEvent] = field(default_factory=list)
    schema_drifts: list[SchemaDriftEvent] = field(default_factory=list)

    def publish(self, event: BusEvent) -> None:
        self.calls("PutEvents", "", lambda: self._keep(event))

    def _keep(self, event: BusEvent) -> None:
        match event:
            case DriftEvent():
                self.drifts.append(event)
            case LimitedRepairsEvent():
                self.limited.append(event)
            case HealthEvent():
                self.health.append(event)
            case SchemaDriftEvent():
                self.schema_drifts.append(event)
            case StatusEvent():
                self.events.append(event)

    @property
    def outcomes(self) -> list[str]:
        return [event.data.outcome.value for event in self.events]

    @property
    def last(self) -> dict[str, Any]:
        """The detail of the last event, as consumers see it."""
        detail: dict[str, Any] = json.loads(self.events[-1].detail())
        return detail
