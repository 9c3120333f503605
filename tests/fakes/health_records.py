"""Health records in memory."""

from dataclasses import dataclass, field

from appflow_gitops.sync.health.record import HealthRecord
from fakes.calls import Calls


@dataclass(slots=True)
class FakeHealthRecords:
    """Implements ``HealthRecords``."""

    calls: Calls = field(default_factory=Calls)
    kept: dict[str, HealthRecord] = field(default_factory=dict)

    def read(self, flow_name: str) -> HealthRecord | None:
        return self.calls("GetObject", f"health/{flow_name}.json", lambda: self.kept.get(flow_name))

    def names(self) -> frozenset[str]:
        return self.calls("ListObjects", "health/", lambda: frozenset(self.kept))

    def delete(self, flow_name: str) -> None:
        def remove() -> None:
            self.kept.pop(flow_name, None)

        self.calls("DeleteObject", f"health/{flow_name}.json", remove)

    def write(self, flow_name: str, record: HealthRecord) -> None:
        def keep() -> None:
            self.kept[flow_name] = HealthRecord.model_validate_json(record.model_dump_json(exclude_none=True))

        self.calls("PutObject", f"health/{flow_name}.json", keep)
