"""The flows that documents, requests and console edits ask for in the simulation: few values, so that they collide.

Each history draws from a few ``FAMILIES`` of wishes, whose members are variants of one another.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Literal

from fakes.clock import START

FLOWS = ("orders", "returns")
HOUR = 3600
LEAD = 60
"""Seconds that a start must be ahead, and some more."""
NAMED_BY_VARIABLE = "${env.FLOW}"
ALIAS = "arn:aws:kms:eu-west-1:123456789012:alias/flows"
_VARIABLE = re.compile(r"\$\{env\.(\w+)\}")


@dataclass(frozen=True, slots=True)
class Wish:
    """One flow as it is wanted; the ``start`` of its schedule, in epoch seconds, has passed.

    ``projection`` are the fields of a projection beside Map_all, ``tags`` the keys of its tags. One with
    ``kms_arn`` is invalid: an alias is not the ARN of a key.
    """

    flow: str
    description: str = "a"
    scheduled: bool = False
    status: Literal["Active", "Suspended"] | None = None
    start: int | None = None
    end: int | None = None
    prefix: str = "raw"
    map_all: bool = False
    projection: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    kms_arn: str | None = None

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

    @property
    def has_variables(self) -> bool:
        return bool(_VARIABLE.search(self.flow + self.description))

    def resolved(self, variables: Mapping[str, str]) -> "Wish | None":
        """The wish with the values of its variables; ``None`` if it is invalid."""
        flow, description = (_resolved(text, variables) for text in (self.flow, self.description))
        if self.kms_arn or flow is None or description is None:
            return None
        return replace(self, flow=flow, description=description)

    def named(self, variables: Mapping[str, str]) -> str:
        """The name of its flow; as written where a variable is undefined."""
        return _resolved(self.flow, variables) or self.flow

    def may_be_over(self, now: float) -> bool:
        """Whether its schedule can have no run left: a start in the past is moved forward by up to an hour."""
        return self.end is not None and self.end <= now + HOUR + LEAD

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
        members = {
            "flowStatus": self.status,
            "kmsArn": self.kms_arn,
            "tags": dict.fromkeys(self.tags, "x"),
        }
        return {**self.request(), **{name: value for name, value in members.items() if value}}

    def _projection(self) -> list[dict[str, Any]]:
        if not self.projection:
            return []
        fields = list(self.projection)
        return [{"taskType": "Filter", "sourceFields": fields, "connectorOperator": {"S3": "PROJECTION"}}]

    def _trigger(self) -> dict[str, Any]:
        if not self.scheduled:
            return {"triggerType": "OnDemand"}
        times = {"scheduleStartTime": self.start, "scheduleEndTime": self.end}
        schedule = {
            "scheduleExpression": "rate(1hours)",
            "dataPullMode": "Complete",
            **{name: time for name, time in times.items() if time is not None},
        }
        return {"triggerType": "Scheduled", "triggerProperties": {"Scheduled": schedule}}


def resolve(wishes: tuple[Wish, ...], variables: Mapping[str, str]) -> tuple[Wish, ...] | None:
    """The wishes of one document with the values of its variables; ``None`` if it is invalid."""
    valid = tuple(filter(None, (wish.resolved(variables) for wish in wishes)))
    names = {wish.flow for wish in valid}
    return valid if wishes and len(names) == len(wishes) else None


def _resolved(text: str, variables: Mapping[str, str]) -> str | None:
    missing = [name for name in _VARIABLE.findall(text) if name not in variables]
    return None if missing else _VARIABLE.sub(lambda found: variables[found[1]], text)


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
WIDE = ("Email", "Id", "LastModifiedDate", "Name")
"""A projection that has every field that Map_all generates a task for."""

VARIANTS: dict[str, list[dict[str, Any]]] = {
    "texts": [{"description": text} for text in "abc"],
    "mappings": [{}, {"map_all": True}, {"map_all": True, "projection": WIDE}],
    "statuses": [
        {"scheduled": True, "description": text, "status": status}
        for text, status in product("ab", ("Active", "Suspended", None))
    ],
    "triggers": [{}, {"scheduled": True}, {"description": "b"}, {"scheduled": True, "status": "Suspended"}],
    "starts": [{"scheduled": True}, {"scheduled": True, "start": int(START) - 5400}],
    "ends": [
        {"scheduled": True, "description": text, "start": int(START) - 5400, "end": int(START) + 6 * HOUR}
        for text in "ab"
    ],
    "sources": [{}, {"description": "b"}, {"prefix": "elsewhere"}],
    "tags": [{}, {"tags": ("team",)}, {"tags": ("cost", "team")}, {"description": "b"}],
    "keys": [{}, {"description": "b"}, {"kms_arn": ALIAS}],
    "variables": [{}, {"description": "${env.TEXT}"}],
}
FAMILIES = {
    family: [Wish(flow, **variant) for flow in FLOWS for variant in variants]
    for family, variants in VARIANTS.items()
}
FAMILIES["variables"] += [Wish(NAMED_BY_VARIABLE), Wish(NAMED_BY_VARIABLE, "${env.TEXT}")]
WISHES = {wish.name: wish for family in FAMILIES.values() for wish in family}
"""By name, so that a history is short."""


def text_of(wishes: Iterable[Wish]) -> str:
    """A document that declares these flows."""
    return json.dumps([wish.document() for wish in wishes])
