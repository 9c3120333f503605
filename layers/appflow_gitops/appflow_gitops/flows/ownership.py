"""Ownership: the document, last change and desired status of a live flow, stored in its tags.

The tags are the only database. ``live`` and ``summary`` parse those of every flow they read; ``sync.ownership`` writes
them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import unquote

PREFIX = "appflow-gitops:"
DOCUMENT = PREFIX + "document"
VERSION = PREFIX + "version"
DIGEST = PREFIX + "digest"
COMMIT = PREFIX + "commit"
CHANGED = PREFIX + "changed"
STATUS = PREFIX + "status"
UPDATED = PREFIX + "updated"
TAGS = PREFIX + "tags"
REQUEST = PREFIX + "request"
OUR_TAGS = frozenset({DOCUMENT, VERSION, REQUEST, DIGEST, COMMIT, CHANGED, STATUS, UPDATED, TAGS})

TAG_LIMIT = 50
"""AppFlow's limit for the tags of one flow."""

CLOCK_TOLERANCE = 60
"""Seconds by which the clocks of two functions may differ."""

_ORDER = re.compile(r"[0-9]{1,12}/[0-9]{1,40}", re.ASCII)
_UPDATED = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)(?:/([0-9a-f]{16}))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Order:
    """When a change was requested, in whole epoch seconds, then its position among those of the same second.

    Orders the requests for one flow. Document changes do not need it: the bucket has the latest version.
    Whole seconds, because some events have no fraction. ``sequence`` is a string of digits.
    """

    requested_at: int
    sequence: str

    def __str__(self) -> str:
        return f"{self.requested_at}/{self.sequence}"


@dataclass(frozen=True, slots=True)
class Ownership:
    """The parsed tags of a live flow; all ``None`` for a flow that was never managed.

    ``document`` is an S3 URI, ``version`` the last version of it that was applied, ``request`` the request that was
    applied after it. ``updated_at`` is the flow's lastUpdatedAt (epoch seconds) when it was last in sync, ``generated``
    the digest of the tasks that Map_all had generated then (``canonical.generated_digest``).
    ``tags`` are the keys of the tags that its document set.
    """

    document: str | None = None
    version: str | None = None
    request: str | None = None
    digest: str | None = None
    commit: str | None = None
    order: Order | None = None
    status: str | None = None
    updated_at: float | None = None
    generated: str | None = None
    tags: frozenset[str] = frozenset()

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> Self:
        """Parse a flow's tags. A malformed tag counts as absent: anyone may edit tags."""
        document, updated = tags.get(DOCUMENT), _UPDATED.fullmatch(tags.get(UPDATED, ""))
        return cls(
            document=unquote(document.replace("=", "%")) if document else None,
            version=tags.get(VERSION),
            request=tags.get(REQUEST),
            digest=tags.get(DIGEST),
            commit=tags.get(COMMIT),
            order=_order(tags.get(CHANGED, "")),
            status=tags.get(STATUS) or None,
            updated_at=float(updated[1]) if updated else None,
            generated=updated[2] if updated else None,
            tags=frozenset(key for key in tags.get(TAGS, "").split() if not key.startswith(PREFIX)),
        )

    @property
    def is_managed(self) -> bool:
        """Whether a document or a request changed the flow, or set out to."""
        return not (self.document is None and self.order is None and self.digest is None)

    def trusted(self, now: float, former_buckets: frozenset[str]) -> Self:
        """The same without an owner in a former bucket, and without an order after ``now`` (epoch seconds).

        The order is compared with later ones, so one from a wrong clock would block the flow until then.
        """
        late = self.order is not None and self.order.requested_at > now + CLOCK_TOLERANCE
        return replace(
            self,
            document=None if self.is_in(former_buckets) else self.document,
            order=None if late else self.order,
        )

    def is_in(self, buckets: frozenset[str]) -> bool:
        """Whether the owning document is in one of these buckets."""
        return self.document is not None and self.document.removeprefix("s3://").partition("/")[0] in buckets

    def key_in(self, bucket: str) -> str | None:
        """The key of the owning document; ``None`` without an owner, and for one in another bucket."""
        here = f"s3://{bucket}/"
        return self.document.removeprefix(here) if self.document and self.document.startswith(here) else None


def _order(text: str) -> Order | None:
    if not _ORDER.fullmatch(text):
        return None
    requested_at, _, sequence = text.partition("/")
    return Order(int(requested_at), sequence)
