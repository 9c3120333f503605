"""The structure of ``policy.yaml``. What no grant allows is rejected."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from appflow_gitops.flows.model.scalars import ConnectorType
from appflow_gitops.flows.model.structure import Items, Omittable, Structure, whole
from appflow_gitops.quoting import quoted

Pattern = Annotated[
    str, Field(min_length=1, description="a name; * matches any text, ? matches one character")
]
KeyPrefix = Annotated[
    str,
    Field(
        pattern=whole("flows/([^/]+/)*"), description="a folder of the documents bucket such as flows/sales/"
    ),
]


class Grant(Structure):
    """The flows that may be changed, and what they may use. An omitted member allows any value, an empty list none."""

    flows: Items[Pattern] = Field(description="Names of the flows that may be changed.")
    connectors: Omittable[Items[ConnectorType]] = Field(
        default=None, description="Connectors that the flows may read from and write to."
    )
    connectorProfiles: Omittable[Items[Pattern]] = Field(
        default=None, description="Connector profiles that the flows may use."
    )
    buckets: Omittable[Items[Pattern]] = Field(
        default=None, description="Buckets that the flows may use, for any purpose."
    )
    create: Omittable[bool] = Field(
        default=None, description="Whether flows may be created, if the stack allows it."
    )

    @property
    def subject(self) -> str:
        """Who has the grant, for messages."""
        return "requests"


class FolderGrant(Grant):
    """The grant for the documents in one folder and its subfolders."""

    prefix: KeyPrefix = Field(
        description="Prefix of the documents' keys; the longest matching prefix applies."
    )

    @property
    def subject(self) -> str:
        """Who has the grant, for messages."""
        return f"documents under {quoted(self.prefix)}"


class Policy(Structure):
    """The grants of a deployment. What no grant allows is rejected."""

    documents: Items[FolderGrant] = Field(description="Grants for documents, by folder.")
    requests: Omittable[Grant] = Field(
        default=None,
        description="Grant for requests that carry their flow; if omitted, these are rejected.",
    )

    def grant_for(self, key: str | None) -> Grant | None:
        """Return the grant for the document with this key, or for requests (``None``)."""
        if key is None:
            return self.requests
        matching = (folder for folder in self.documents if key.startswith(folder.prefix))
        return max(matching, key=lambda folder: len(folder.prefix), default=None)


@dataclass(frozen=True, slots=True)
class BrokenPolicy:
    """A policy that could not be read, and the reason. It allows nothing."""

    reason: str
