"""Ownership and provenance, kept as tags on the live flow (design section 6, steps 3 and 8).

There is no database: by these tags a later change knows which document a flow belongs to, which change was the last,
and which status the flow is meant to have. ``apply`` reads them, ``reconcile`` writes them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote

from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.apply.delivery import Delivery, Order, parse_order

PREFIX = "appflow-gitops:"
DOCUMENT = PREFIX + "document"
VERSION = PREFIX + "version"
DIGEST = PREFIX + "digest"
COMMIT = PREFIX + "commit"
CHANGED = PREFIX + "changed"
STATUS = PREFIX + "status"
UPDATED = PREFIX + "updated"

TAG_VALUE_LIMIT = 256
_ORDER = re.compile(r"[0-9]{1,12}/[0-9]{1,40}", re.ASCII)
_MOMENT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)
_COMMIT = re.compile(r"[\w.:/@+=-]{1,256}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ownership:
    """What the tags of a live flow say about who manages it; a flow that was never managed has none of it."""

    document: str | None
    version: str | None
    order: Order | None
    status: str | None
    updated_at: float | None = None
    """The flow's lastUpdatedAt (epoch seconds) when it was found to be as the change wanted it."""

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> Self:
        """Read from a flow's tags."""
        document, changed = tags.get(DOCUMENT), tags.get(CHANGED)
        return cls(
            document=unquote(document.replace("=", "%")) if document else None,
            version=tags.get(VERSION),
            order=parse_order(changed) if changed and _ORDER.fullmatch(changed) else None,
            status=tags.get(STATUS),
            updated_at=_moment(tags.get(UPDATED, "")),
        )

    def key_in(self, bucket: str) -> str | None:
        """The key of the document in this bucket that the flow belongs to; ``None`` where it belongs to none there."""
        here = f"s3://{bucket}/"
        return self.document.removeprefix(here) if self.document and self.document.startswith(here) else None


def _moment(text: str) -> float | None:
    return float(text) if _MOMENT.fullmatch(text) else None


def owner_tag(document: DocumentVersion) -> str:
    """The document as a tag value. AppFlow takes few characters in one, so others are written ``=XX``, reversibly.

    May be longer than ``TAG_VALUE_LIMIT``: intake refuses such a key.
    """
    return quote(document.uri, safe="/:@+.-_, ").replace("%", "=")


def ownership_tags(
    delivery: Delivery, before: Ownership | None, *, digest: str, status: str | None
) -> dict[str, str]:
    """The tags that say that this change is live. A request does not become the owner: that tag is left out.

    ``before`` is who managed the flow until now. The latest request that ever counted stays noted, also when an older
    document change is carried out after it: requests that are older still have no claim.
    """
    order = max(delivery.order, before.order) if before and before.order else delivery.order
    tags = {DIGEST: digest, CHANGED: str(order), VERSION: delivery.version}
    if delivery.change.document:
        tags[DOCUMENT] = owner_tag(delivery.change.document)
    if status:
        tags[STATUS] = status
    commit = delivery.change.provenance.commit
    if commit and _COMMIT.fullmatch(commit):
        tags[COMMIT] = commit
    return tags


def updated_tag(updated_at: float | None) -> dict[str, str]:
    """The tag that lets a later look know, without DescribeFlow, that the flow is as it was left.

    ``updated_at`` is the flow's lastUpdatedAt in epoch seconds; none where AppFlow does not tell it.
    """
    return {} if updated_at is None else {UPDATED: f"{updated_at:.6f}"}


def without_ours(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that a document may give its flow: ours come along when somebody pastes what DescribeFlow says."""
    return {key: value for key, value in tags.items() if not key.startswith(PREFIX)}


def outdated(live: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The wanted tags that the live flow is_missing or has with another value.

    The same change delivered again leaves the flow alone: only its place in the queue is another.
    """
    missing = {key: value for key, value in wanted.items() if live.get(key) != value}
    if missing.keys() == {CHANGED} and _second(live.get(CHANGED, "")) == _second(missing[CHANGED]):
        return {}
    return missing


def _second(changed: str) -> str:
    return changed.partition("/")[0]
