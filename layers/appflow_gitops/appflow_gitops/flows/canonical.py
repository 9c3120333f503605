"""The canonical form of a request, the digests made of it, and the clientToken.

``sync`` sends the token and keeps the content digest in the flow's tags and the status events.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import partial

import rfc8785

from appflow_gitops.findings import Json
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.normalise import normalise

_LIVE_DIGITS = 16


def canonical_json(value: Json | Mapping[str, Json]) -> bytes:
    """``value`` as canonical JSON (RFC 8785), UTF-8: equal values give equal bytes, 1.0 and 1 among them.

    Raises ValueError for what the RFC has no form for: integers beyond 2^53 - 1 either way, NaN and
    infinities, lone surrogates. A document's shape is checked before it gets here, and rounding such a
    number would give two requests one token.
    """
    return rfc8785.dumps(dict(value) if isinstance(value, Mapping) else value)


def content_digest(request: Mapping[str, Json]) -> str:
    """SHA-256, in hex, of the exact request without its clientToken: equal digests mean equal parameters.

    Raises ValueError as ``canonical_json`` does.
    """
    return _sha256({member: value for member, value in request.items() if member != "clientToken"})


def live_digest(live: LiveFlow) -> str:
    """SHA-256, in hex, of the live flow's configuration and lastUpdatedAt.

    Of the normal form, tasks sorted: DescribeFlow may list the tasks of one and the same flow in another
    order the next time (TF#43591), and a retry must repeat its token.
    """
    configuration = normalise(live.configuration)
    tasks = configuration.get("tasks")
    if isinstance(tasks, list):
        configuration["tasks"] = sorted(tasks, key=partial(json.dumps, sort_keys=True))
    return _sha256({"configuration": configuration, "lastUpdatedAt": live.last_updated_at})


def client_token(request: Mapping[str, Json], live: LiveFlow | None) -> str:
    """The clientToken for taking ``live`` to ``request``: 81 characters of 0-9, a-f and "-".

    The content digest, then the beginning of the live flow's digest; ``live`` is None where there is no such
    flow yet. A retry of the same transition repeats the token; going back to an earlier content within
    AppFlow's 8 hours does not, nor does repairing a console edit, because the flow that is replaced is then
    another one. Raises ValueError as ``canonical_json`` does.
    """
    replaced = live_digest(live) if live else _sha256(None)
    return f"{content_digest(request)}-{replaced[:_LIVE_DIGITS]}"


def _sha256(value: Json | Mapping[str, Json]) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()
