"""The detail of a ``Flow Change Requested`` event, as automation sends it to the bus."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError

from appflow_gitops.origin import DocumentVersion, Mode, Provenance, Wire
from appflow_gitops.sync.errors import PermanentError

REQUESTED = "Flow Change Requested"
"""The EventBridge detail-type."""

EXPECTED = (
    'The detail of a Flow Change Requested event is {"document": ..., "provenance": {...}, "force": false, '
    '"mode": "apply"}; the document is a flow, a list of flows, the text of a document, or {"bucket": ..., "key": ...}.'
)


class ObjectPointer(Wire):
    """A document that lies in the documents bucket; the latest version where none is named."""

    model_config = ConfigDict(strict=True)

    bucket: str
    key: str
    versionId: str | None = None


class FlowChangeRequest(Wire):
    """What is asked for: a document, where it comes from, whether another document's flow may be changed, and whether
    to change anything at all.
    """

    model_config = ConfigDict(strict=True)

    document: DocumentVersion | str | dict[str, Any] | list[Any]
    provenance: Provenance = Field(default_factory=Provenance)
    force: bool = False
    mode: Annotated[Mode, Field(strict=False)] = Mode.APPLY


def parse_request(detail: Mapping[str, Any]) -> FlowChangeRequest:
    """The request in an event's detail; ``data`` around it, as in our own events, is understood.

    Raises ``PermanentError`` with what is wrong and what is expected.
    """
    body = detail.get("data", detail)
    if not isinstance(body, dict) or "document" not in body:
        raise PermanentError("InvalidRequest", f"There is no document in this request. {EXPECTED}")
    members = {name: value for name, value in body.items() if name != "metadata"}
    try:
        pointer = _pointer(members["document"])
        return FlowChangeRequest.model_validate({**members, "document": pointer or members["document"]})
    except ValidationError as error:
        places = ", ".join(sorted({str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}))
        raise PermanentError("InvalidRequest", f"Not understood: {places}. {EXPECTED}") from None


def _pointer(document: object) -> DocumentVersion | None:
    """The object that a request points to; ``None`` when the document is in the request itself."""
    if not isinstance(document, dict) or "bucket" not in document or "key" not in document:
        return None
    found = ObjectPointer.model_validate(document)
    return DocumentVersion(bucket=found.bucket, key=found.key, versionId=found.versionId)
