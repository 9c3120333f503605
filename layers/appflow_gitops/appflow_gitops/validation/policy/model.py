"""The structure of ``policy.yaml``. What no grant allows is rejected."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from appflow_gitops.flows.model.scalars import ConnectorType
from appflow_gitops.flows.model.structure import Items, Omittable, Structure, whole
from appflow_gitops.quoting import quoted
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

    @property
    def subject(self) -> str:
        """Who has the grant, for messages."""
        return f"documents under {quoted(self.prefix)}"


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
        return None if self.staleAfter is None else float(self.staleAfter[:-1]) * _UNITS[self.staleAfter[-1]]


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

    def may_run(self, flow_name: str) -> bool:
        """Return whether requests may run the flow."""
        patterns = self.requests.runs if self.requests else None
        return matches(flow_name, patterns or ())

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

    def may_run(self, flow_name: str) -> None:
        """Return nothing: requests may run no flow."""

    def objective_for(self, flow_name: str) -> None:
        """Return no objective, for any flow."""


REQUIRED_POLICY = BrokenPolicy(
    "the stack requires a policy, and the documents bucket has no policy.yaml", is_missing=True
)
"""Replaces the policy that a stack with ``RequirePolicy=true`` does not have."""
