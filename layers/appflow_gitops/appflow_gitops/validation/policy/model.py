"""The structure of ``policy.yaml``. What no grant allows is rejected."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from appflow_gitops.findings import Path
from appflow_gitops.flows.model.scalars import ConnectorType
from appflow_gitops.flows.model.structure import Items, Omittable, Structure, whole
from appflow_gitops.quoting import quoted
from appflow_gitops.validation.policy.hold import Hold
from appflow_gitops.validation.policy.patterns import matches

Pattern = Annotated[
    str, Field(min_length=1, description="a name; * matches any text, ? matches one character")
]
KeyPrefix = Annotated[
    str,
    Field(
        pattern=whole("flows/([^/]+/)*"), description="a folder of the documents bucket such as flows/sales/"
    ),
]

Period = Annotated[
    str, Field(pattern=whole("[1-9][0-9]{0,3}[mhd]"), description="a time such as 90m, 3h or 2d")
]
_UNITS = {"m": 60.0, "h": 3600.0, "d": 86400.0}

_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
Start = Annotated[
    str,
    Field(
        pattern=whole(f"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T)?{_CLOCK}"),
        description="a time of the day such as 22:00, or a date with a time such as 2026-12-20T00:00",
    ),
]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def seconds_of(period: str) -> float:
    """Return a period such as ``90m``, ``3h`` or ``2d`` in seconds."""
    return float(period[:-1]) * _UNITS[period[-1]]


GrantMode = Literal["apply", "observe"]


class Grant(Structure):
    """The flows that may be changed, and what they may use.

    An omitted member allows any value, an empty list none. Roles and keys are the exception: omitted, none is allowed,
    because they give a flow rights that its author may not have. With one of the three members about buckets, only the
    buckets in them are allowed.
    """

    flows: Items[Pattern] = Field(description="Names of the flows that may be changed.")
    connectors: Omittable[Items[ConnectorType]] = Field(
        default=None, description="Connectors that the flows may read from and write to."
    )
    connectorProfiles: Omittable[Items[Pattern]] = Field(
        default=None, description="Connector profiles that the flows may use."
    )
    buckets: Omittable[Items[Pattern]] = Field(
        default=None,
        description="Buckets that the flows may use, for any purpose; lake/sales/* allows one folder of a bucket.",
    )
    readBuckets: Omittable[Items[Pattern]] = Field(
        default=None, description="Buckets that the flows may read from, in addition to buckets."
    )
    writeBuckets: Omittable[Items[Pattern]] = Field(
        default=None, description="Buckets that the flows may write to, in addition to buckets."
    )
    glueRoles: Omittable[Items[Pattern]] = Field(
        default=None,
        description="ARNs of the roles that the flows may pass to AppFlow to update the Glue Data Catalog; omitted: "
        "none.",
    )
    glueDatabases: Omittable[Items[Pattern]] = Field(
        default=None, description="Databases of the Glue Data Catalog that the flows may update."
    )
    kmsKeys: Omittable[Items[Pattern]] = Field(
        default=None, description="ARNs of the KMS keys that the flows may use; omitted: none."
    )
    domains: Omittable[Items[Pattern]] = Field(
        default=None, description="Customer Profiles domains that the flows may write to."
    )
    eventSources: Omittable[Items[Pattern]] = Field(
        default=None, description="EventBridge partner event sources that the flows may write to."
    )
    create: Omittable[bool] = Field(
        default=None, description="Whether flows may be created, if the stack allows it."
    )

    @property
    def subject(self) -> str:
        """Who has the grant, for messages."""
        return "requests"


class RequestGrant(Grant):
    """The grant for requests."""

    runs: Omittable[Items[Pattern]] = Field(
        default=None, description="Names of the flows that requests may run; if omitted, none."
    )


class FolderGrant(Grant):
    """The grant for the documents in one folder and its subfolders."""

    prefix: KeyPrefix = Field(
        description="Prefix of the documents' keys; the longest matching prefix applies."
    )
    mode: Omittable[GrantMode] = Field(
        default=None,
        description="observe: report what the documents would change, and write nothing; apply (the default): change "
        "the flows.",
    )

    @property
    def subject(self) -> str:
        """Who has the grant, for messages."""
        return f"documents under {quoted(self.prefix)}"

    @property
    def is_observed(self) -> bool:
        """Whether changes of the documents are only reported."""
        return self.mode == "observe"


class FlowObjective(Structure):
    """What is expected of the runs of flows. A flow that does not meet it is reported as Stale or Silent."""

    flows: Items[Pattern] = Field(description="Names of the flows; the first objective that matches applies.")
    staleAfter: Omittable[Period] = Field(
        default=None,
        description="Longest time between two runs, such as 90m, 3h or 2d; by default twice the interval of a rate.",
    )
    minimumRecords: Omittable[Annotated[int, Field(ge=0)]] = Field(
        default=None,
        description="Smallest number of records of a run; 0 accepts empty runs. By default, unusually long series of "
        "empty runs are reported.",
    )

    newFields: Omittable[bool] = Field(
        default=None,
        description="Whether new fields of the object that the flows read are reported as Schema Drift Detected. By "
        "default, they are for flows with Map_all.",
    )

    @property
    def stale_after(self) -> float | None:
        """``staleAfter`` in seconds."""
        return None if self.staleAfter is None else seconds_of(self.staleAfter)


class Ignored(Structure):
    """Members of flows that make no difference: their live values are kept."""

    flows: Items[Pattern] = Field(description="Names of the flows.")
    pointers: Items[Pattern] = Field(
        description="JSON pointers to members of the flows, such as /description. Lists are ignored as a whole, except "
        "that /destinationFlowConfigList/0/... leads into the destination."
    )


class Pause(Structure):
    """Flows that are not changed until the pause is removed."""

    flows: Items[Pattern] = Field(description="Names of the flows.")
    reason: str = Field(min_length=1, description="Why; status events and the command print it.")


class Window(Structure):
    """A time in which flows may, or may not, be changed. Exactly one of ``allow`` and ``deny`` names the flows.

    Flows that an allow window names are changed in one of their allow windows only. A deny window takes precedence.
    """

    allow: Omittable[Items[Pattern]] = Field(
        default=None,
        description="Names of the flows that are changed only in this window, or another one of theirs.",
    )
    deny: Omittable[Items[Pattern]] = Field(
        default=None, description="Names of the flows that are not changed in this window."
    )
    start: Start = Field(
        description="When the window opens: a time of the day, or a date and a time for a window that opens once."
    )
    duration: Period = Field(description="How long it is open, such as 90m, 3h or 2d.")
    timeZone: Omittable[str] = Field(
        default=None, description="Time zone of start, such as Europe/Berlin; if omitted, UTC."
    )
    days: Omittable[Items[Day]] = Field(
        default=None, description="Days on which a recurring window opens; if omitted, every day."
    )
    reason: Omittable[str] = Field(default=None, description="Why; status events and the command print it.")
    breakGlass: Omittable[Items[Pattern]] = Field(
        default=None,
        description="Actors whose changes the window does not hold, as the provenance of the change names them.",
    )

    @property
    def flows(self) -> tuple[str, ...]:
        """The patterns of the flows that the window is about."""
        return self.allow or self.deny or ()

    @property
    def is_single(self) -> bool:
        """Whether the window opens once, on a date."""
        return "T" in self.start


class Pauses(Structure):
    """The content of ``paused.yaml``, which ``appflow-gitops pause`` writes."""

    paused: Items[Pause] = Field(description="Flows that are not changed for now: their changes are held.")


class Policy(Structure):
    """The grants of a deployment. What no grant allows is rejected."""

    documents: Items[FolderGrant] = Field(description="Grants for documents, by folder.")
    requests: Omittable[RequestGrant] = Field(
        default=None,
        description="Grant for requests that carry their flow; if omitted, these are rejected.",
    )

    health: Omittable[Items[FlowObjective]] = Field(
        default=None, description="What is expected of the runs of flows, by the flows' names."
    )

    ignore: Omittable[Items[Ignored]] = Field(
        default=None,
        description="Members of flows that make no difference, by the flows' names; updates keep their live values.",
    )

    paused: Omittable[Items[Pause]] = Field(
        default=None, description="Flows that are not changed for now: their changes are held."
    )
    windows: Omittable[Items[Window]] = Field(
        default=None, description="When flows may be changed; outside of it, their changes are held."
    )

    @property
    def may_hold(self) -> bool:
        """Whether any flow is paused, or has a window."""
        return bool(self.paused or self.windows)

    def hold(self, flow_name: str, actor: str | None, now: float) -> Hold | None:
        """Return why a change of the flow by this actor has to wait at ``now`` (epoch seconds), if it has."""
        if not self.may_hold:
            return None
        from appflow_gitops.validation.policy.windows import policy_hold  # noqa: PLC0415 - few policies have windows

        return policy_hold(self, flow_name, actor, now)

    def may_run(self, flow_name: str) -> bool:
        """Return whether requests may run the flow."""
        patterns = self.requests.runs if self.requests else None
        return matches(flow_name, patterns or ())

    def ignored_in(self, flow_name: str) -> tuple[Path, ...]:
        """Return the paths of the members that are ignored in the flow."""
        pointers = [
            pointer
            for entry in self.ignore or ()
            if matches(flow_name, entry.flows)
            for pointer in entry.pointers
        ]
        if not pointers:
            return ()
        from appflow_gitops.validation.policy.ignored import parse_member  # noqa: PLC0415 - few policies ignore any

        found = (parse_member(pointer) for pointer in dict.fromkeys(pointers))
        return tuple(path for path in found if isinstance(path, tuple))

    def observes(self, key: str | None, flow_name: str) -> bool:
        """Return whether changes are only reported, for a document with this key or a request for this flow.

        A request has no folder: it is observed if any observed folder may change its flow.
        """
        if key is None:
            return any(folder.is_observed and matches(flow_name, folder.flows) for folder in self.documents)
        grant = self.grant_for(key)
        return isinstance(grant, FolderGrant) and grant.is_observed

    def objective_for(self, flow_name: str) -> FlowObjective | None:
        """Return the first objective whose patterns match the flow."""
        matching = (objective for objective in self.health or () if matches(flow_name, objective.flows))
        return next(matching, None)

    def grant_for(self, key: str | None) -> Grant | None:
        """Return the grant for the document with this key, or for requests (``None``)."""
        if key is None:
            return self.requests
        matching = (folder for folder in self.documents if key.startswith(folder.prefix))
        return max(matching, key=lambda folder: len(folder.prefix), default=None)


@dataclass(frozen=True, slots=True)
class BrokenPolicy:
    """A policy that could not be read, or is required and missing, and the reason. It allows nothing."""

    reason: str
    is_missing: bool = False
    may_hold: ClassVar[bool] = False

    def hold(self, flow_name: str, actor: str | None, now: float) -> None:
        """Return no hold: a change is rejected at once."""

    def may_run(self, flow_name: str) -> None:
        """Return nothing: requests may run no flow."""

    def ignored_in(self, flow_name: str) -> tuple[()]:  # noqa: ARG002 - as Policy has it
        """Return no member, for any flow."""
        return ()

    def observes(self, key: str | None, flow_name: str) -> bool:  # noqa: ARG002 - as Policy has it
        """Return False: everything is rejected, and nothing is left to report."""
        return False

    def objective_for(self, flow_name: str) -> None:
        """Return no objective, for any flow."""


REQUIRED_POLICY = BrokenPolicy(
    "the stack requires a policy, and the documents bucket has no policy.yaml", is_missing=True
)
"""Replaces the policy that a stack with ``RequirePolicy=true`` does not have."""
