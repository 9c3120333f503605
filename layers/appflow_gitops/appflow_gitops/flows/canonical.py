"""The canonical form of a request, its digests and its clientTokens.

``sync`` sends the token and stores the content digest in the flow's tags and in status events.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import rfc8785

from appflow_gitops.findings import Json, to_pointer
from appflow_gitops.flows.diff import possibly_generated
from appflow_gitops.flows.ignored import without_ignored
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.normalise import normalise, object_at

if TYPE_CHECKING:
    from appflow_gitops.flows.document import FlowDocument

_SECOND_PART = 16


def canonical_json(value: Json | Mapping[str, Json]) -> bytes:
    """Return ``value`` as canonical JSON (RFC 8785) in UTF-8. Equal values give equal bytes, 1.0 and 1 included.

    Raises ValueError for values that the RFC excludes: integers beyond ``MAX_EXACT_INTEGER``, NaN, infinity and lone
    surrogates. Validated documents have none of them, and rounding would give two requests the same token.
    """
    return rfc8785.dumps(dict(value) if isinstance(value, Mapping) else value)


def content_digest(request: Mapping[str, Json]) -> str:
    """Return the SHA-256 (hex) of the exact request without its clientToken. Equal digests mean equal parameters.

    Raises ValueError as ``canonical_json`` does.
    """
    return _sha256({member: value for member, value in request.items() if member != "clientToken"})


def declared_digest(document: "FlowDocument") -> str:
    """Return the SHA-256 (hex) of what the document declares: of its request, without the members that are ignored.

    What is ignored is part of it, so that a flow is compared again once the policy ignores something else.
    """
    if not document.ignored:
        return content_digest(document.request)
    ignored: list[Json] = [*sorted(map(to_pointer, document.ignored))]
    declared = dict(without_ignored(document.request, document.ignored))
    return _sha256({"request": declared, "ignored": ignored})


def live_digest(live: LiveFlow) -> str:
    """Return the SHA-256 (hex) of the live flow's normalised configuration and lastUpdatedAt.

    Tasks are sorted, because DescribeFlow may return them in a different order each time (TF#43591) and a retry must
    repeat its token.
    """
    configuration = normalise(live.configuration)
    tasks = configuration.get("tasks")
    if isinstance(tasks, list):
        configuration["tasks"] = sorted(tasks, key=partial(json.dumps, sort_keys=True))
    return _sha256({"configuration": configuration, "lastUpdatedAt": live.last_updated_at})


def generated_digest(request: Mapping[str, Json], live: LiveFlow) -> str | None:
    """Return the start of the SHA-256 (hex) of the live tasks that Map_all may have generated.

    None for a request without Map_all. Tasks are sorted, as in ``live_digest``.
    """
    tasks = request.get("tasks")
    if not isinstance(tasks, list) or not any(object_at(task).get("taskType") == "Map_all" for task in tasks):
        return None
    generated = [item.live for item in possibly_generated(request, live.configuration)]
    return _sha256(sorted(generated, key=partial(json.dumps, sort_keys=True)))[:_SECOND_PART]


def update_token(request: Mapping[str, Json], live: LiveFlow) -> str:
    """Return the clientToken for changing ``live`` to ``request``: 81 characters of 0-9, a-f and "-".

    It is the digest of the request and the start of the live flow's digest. A retry of the same transition repeats the
    token. Returning to an earlier content within AppFlow's 8 hours, or reverting a console edit, does not, because the
    live flow is then a different one. Raises ValueError as ``canonical_json`` does.
    """
    return f"{content_digest(request)}-{live_digest(live)[:_SECOND_PART]}"


def creation_token(
    request: Mapping[str, Json], *, kms_arn: str | None, tags: Mapping[str, str], change_id: str
) -> str:
    """Return the clientToken for creating a flow, in the form of ``update_token``.

    It is the digest of everything that CreateFlow sends, and the start of the digest of the change's id. A retry of the
    change repeats the token; another change that creates the flow again after it was deleted does not. Raises
    ValueError as ``canonical_json`` does.
    """
    sent = content_digest({**request, "kmsArn": kms_arn, "tags": dict(tags)})
    return f"{sent}-{_sha256(change_id)[:_SECOND_PART]}"


def _sha256(value: Json | Mapping[str, Json]) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()
