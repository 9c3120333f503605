"""The details of the events that automation sends to the bus: ``Flow Change Requested``, ``Flow Run Requested``."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError

from appflow_gitops.origin import DocumentVersion, Mode, Provenance, Wire
from appflow_gitops.quoting import quoted
from appflow_gitops.sync.errors import PermanentError

REQUESTED = "Flow Change Requested"
"""The EventBridge detail-type."""

RUN_REQUESTED = "Flow Run Requested"
"""The EventBridge detail-type of a request to run a flow."""

PROVENANCE_BYTES = 2048
"""S3's limit for the metadata of an object, where the provenance of a dropped document is."""

EXPECTED = (
    'expected a detail of {"document": ..., "provenance": {...}, "force": false, '
    '"mode": "apply"}, where document is a flow, a list of flows, a text, or {"bucket": ..., "key": ...}'
)


class ObjectPointer(Wire):
    """A document in the documents bucket; the latest version where none is named."""

    model_config = ConfigDict(strict=True)

    bucket: str
    key: str
    versionId: str | None = None


class FlowChangeRequest(Wire):
    """A request: a document and its provenance.

    ``force`` allows it to change a flow of another document; in plan mode nothing is changed.
    """

    model_config = ConfigDict(strict=True)

    document: DocumentVersion | str | dict[str, Any] | list[Any]
    provenance: Provenance = Field(default_factory=Provenance)
    force: bool = False
    mode: Annotated[Mode, Field(strict=False)] = Mode.APPLY


class FlowRunRequest(Wire):
    """A request to run an on-demand flow."""

    model_config = ConfigDict(strict=True)

    flowName: str
    provenance: Provenance = Field(default_factory=Provenance)


def parse_run_request(detail: Mapping[str, Any]) -> FlowRunRequest:
    """Parse the detail of a request to run a flow. Raises ``PermanentError``."""
    body = detail.get("data", detail)
    members = (
        {name: value for name, value in body.items() if name != "metadata"} if isinstance(body, dict) else {}
    )
    _check_size(members.get("provenance"))
    try:
        return FlowRunRequest.model_validate(members)
    except ValidationError:
        expected = 'expected a detail of {"flowName": "...", "provenance": {...}}'
        raise PermanentError(
            "InvalidRequest", f"missing or unknown key, or invalid value; {expected}"
        ) from None


def parse_request(detail: Mapping[str, Any]) -> FlowChangeRequest:
    """Parse an event's detail; it may be wrapped in ``data``, as in our own events.

    Raises ``PermanentError`` with what was found and what was expected.
    """
    body = detail.get("data", detail)
    if not isinstance(body, dict) or "document" not in body:
        raise PermanentError("InvalidRequest", f"missing key 'document'; {EXPECTED}")
    members = {name: value for name, value in body.items() if name != "metadata"}
    _check_size(members.get("provenance"))
    try:
        pointer = _pointer(members["document"])
        return FlowChangeRequest.model_validate({**members, "document": pointer or members["document"]})
    except ValidationError as error:
        invalid = sorted({str(problem["loc"][0]) for problem in error.errors() if problem["loc"]})
        names = ", ".join(map(quoted, invalid))
        raise PermanentError("InvalidRequest", f"unknown key or invalid value: {names}; {EXPECTED}") from None


def _check_size(provenance: object) -> None:
    """Raise ``PermanentError`` for more provenance than an object in the bucket can have."""
    size = len(json.dumps(provenance, ensure_ascii=False).encode(errors="surrogatepass"))
    if size > PROVENANCE_BYTES:
        message = f"provenance has {size:,} bytes; expected at most {PROVENANCE_BYTES:,}"
        raise PermanentError("InvalidRequest", message)


def _pointer(document: object) -> DocumentVersion | None:
    """The object that a request points to; ``None`` when the document is in the request itself."""
    if not isinstance(document, dict) or "bucket" not in document or "key" not in document:
        return None
    found = ObjectPointer.model_validate(document)
    return DocumentVersion(bucket=found.bucket, key=found.key, versionId=found.versionId)
