"""The flows that documents, requests and console edits ask for in the simulation: few values, so that they collide."""

import json
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

from fakes.clock import START

FLOWS = ("orders", "returns")
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Wish:
    """One flow as it is wanted; the ``start`` of its schedule, in epoch seconds, has passed."""

    flow: str
    description: str = "a"
    scheduled: bool = False
    status: Literal["Active", "Suspended"] | None = None
    start: int | None = None
    prefix: str = "raw"
    map_all: bool = False
    projection: tuple[str, ...] = ()
    """The fields of a projection beside Map_all."""

    @property
    def name(self) -> str:
        """Its name in a history: the members that differ from the default."""
        usual = Wish(self.flow)
        differing = (
            f"{member} {getattr(self, member)}"
            for member in self.__slots__[1:]
            if getattr(self, member) != getattr(usual, member)
        )
        return " ".join([self.flow, *differing])

    def request(self) -> dict[str, Any]:
        """The members of UpdateFlow."""
        return {
            "flowName": self.flow,
            "description": self.description,
            "triggerConfig": self._trigger(),
            "sourceFlowConfig": {
                "connectorType": "S3",
                "sourceConnectorProperties": {"S3": {"bucketName": "shop-in", "bucketPrefix": self.prefix}},
            },
            "destinationFlowConfigList": [
                {"connectorType": "S3", "destinationConnectorProperties": {"S3": {"bucketName": "shop-out"}}}
            ],
            "tasks": [*self._projection(), *(MAP_ALL if self.map_all else MAPPED)],
        }

    def document(self) -> dict[str, Any]:
        """The flow as a document has it."""
        status = {"flowStatus": self.status} if self.status else {}
        return {**self.request(), **status}

    def _projection(self) -> list[dict[str, Any]]:
        if not self.projection:
            return []
        fields = list(self.projection)
        return [{"taskType": "Filter", "sourceFields": fields, "connectorOperator": {"S3": "PROJECTION"}}]

    def _trigger(self) -> dict[str, Any]:
        if not self.scheduled:
            return {"triggerType": "OnDemand"}
        schedule: dict[str, Any] = {"scheduleExpression": "rate(1hours)", "dataPullMode": "Complete"}
        if self.start is not None:
            schedule["scheduleStartTime"] = self.start
        return {"triggerType": "Scheduled", "triggerProperties": {"Scheduled": schedule}}


MAPPED: list[dict[str, Any]] = [
    {"taskType": "Filter", "sourceFields": ["id"], "connectorOperator": {"S3": "PROJECTION"}},
    {
        "taskType": "Map",
        "sourceFields": ["id"],
        "destinationField": "id",
        "connectorOperator": {"S3": "NO_OP"},
    },
]
MAP_ALL: list[dict[str, Any]] = [
    {"taskType": "Map_all", "sourceFields": [], "connectorOperator": {"S3": "NO_OP"}}
]

VARIANTS: list[dict[str, Any]] = [
    *({"description": text} for text in "abc"),
    {"map_all": True},
    *(
        {"scheduled": True, "description": text, "status": status}
        for text, status in product("ab", ("Active", "Suspended", None))
    ),
    {"scheduled": True, "start": int(START) - 5400},
    {"prefix": "elsewhere"},
]
WISHES = {wish.name: wish for wish in (Wish(flow, **variant) for flow in FLOWS for variant in VARIANTS)}
"""By name, so that a history is short."""


def text_of(wishes: list[Wish]) -> str:
    """A document that declares these flows."""
    return json.dumps([wish.document() for wish in wishes])
