"""The tags that record a change on its live flow. ``apply`` writes them; ``flows.ownership`` parses them."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from appflow_gitops.flows.ownership import (
    CHANGED,
    COMMIT,
    DIGEST,
    DOCUMENT,
    PREFIX,
    REQUEST,
    STATUS,
    TAGS,
    UPDATED,
    VERSION,
    Ownership,
)
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.errors import ErrorDetail

TAG_VALUE_LIMIT = 256
_COMMIT = re.compile(r"[\w.:/@+=-]{1,256}", re.ASCII)


def owner_tag(document: DocumentVersion) -> str:
    """The document as a tag value. AppFlow allows few characters in one; others are written ``=XX``, reversibly.

    May be longer than ``TAG_VALUE_LIMIT``: intake rejects such a key.
    """
    return quote(document.uri, safe="/:@+.-_, ").replace("%", "=").replace("~", "=7E")


def key_objection(document: DocumentVersion) -> ErrorDetail | None:
    """Why the key of this document cannot be recorded in a tag; ``None`` if it can."""
    if len(owner_tag(document)) <= TAG_VALUE_LIMIT:
        return None
    message = f"key too long: bucket and key must fit into a tag of {TAG_VALUE_LIMIT} characters"
    return ErrorDetail("KeyTooLong", message)


def claim_tags(delivery: Delivery, status: str | None, *, clears_status: bool = False) -> dict[str, str]:
    """The tags that are written before an update: the owner, and the status that the flow must have at the end.

    ``clears_status`` empties the status of an earlier version. A request does not become the owner. Nothing here says
    that the change was applied.
    """
    tags = {}
    if delivery.change.document:
        tags[DOCUMENT] = owner_tag(delivery.change.document)
    if status or clears_status:
        tags[STATUS] = status or ""
    return tags


def record_tags(delivery: Delivery, before: Ownership, digest: str) -> dict[str, str]:
    """The tags that record this change as applied.

    ``before`` is the ownership until now. The latest request that was ever applied stays recorded, also when an older
    document change is applied after it: requests older than that one remain superseded.
    """
    order = max(delivery.order, before.order) if before.order else delivery.order
    name = VERSION if delivery.change.document else REQUEST
    tags = {DIGEST: digest, CHANGED: str(order), name: delivery.version}
    commit = delivery.change.provenance.commit
    if commit and _COMMIT.fullmatch(commit):
        tags[COMMIT] = commit
    return tags


def updated_tag(updated_at: float | None, generated: str | None = None) -> dict[str, str]:
    """The tag by which later scans recognise, without DescribeFlow, a flow that was not updated since.

    ``updated_at`` is the flow's lastUpdatedAt in epoch seconds; no tag where AppFlow does not return one. ``generated``
    is the digest of the tasks that Map_all generated.
    """
    if updated_at is None:
        return {}
    return {UPDATED: f"{updated_at:.6f}/{generated}" if generated else f"{updated_at:.6f}"}


def recorded_tags(keys: Iterable[str]) -> dict[str, str]:
    """The tag that records which tags the document sets, so that they can be removed when it no longer does.

    Keys that do not fit into one value are not recorded, and never removed.
    """
    value = ""
    for key in sorted(keys):
        longer = f"{value} {key}".strip()
        if len(longer) <= TAG_VALUE_LIMIT:
            value = longer
    return {TAGS: value} if value else {}


def obsolete(live: Mapping[str, str], owner: Ownership, wanted: Mapping[str, str]) -> list[str]:
    """The keys of live tags to remove: those that the document set and no longer has, and records that are outdated.

    Without a known commit, the commit of an earlier version must not stay, nor a request once a document was applied
    after it.
    """
    ours = {*owner.tags, COMMIT, TAGS, REQUEST}
    return sorted(key for key in live.keys() & ours if key not in wanted)


def without_ours(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that a document may set on its flow. Ours, which come with a pasted DescribeFlow answer, are dropped."""
    return {key: value for key, value in tags.items() if not key.startswith(PREFIX)}


def outdated(live: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The wanted tags that are missing on the live flow or have another value there.

    A repeated delivery of the same change writes nothing: only its position in the queue differs.
    """
    missing = {key: value for key, value in wanted.items() if live.get(key) != value}
    if missing.keys() == {CHANGED} and _second(live.get(CHANGED, "")) == _second(missing[CHANGED]):
        return {}
    return missing


def _second(changed: str) -> str:
    return changed.partition("/")[0]
