"""What ``push`` does with each document, from what folder, bucket and inventory say. Pure; ``work`` calls it."""

from collections.abc import Collection, Iterable
from enum import StrEnum

from appflow_gitops.sync.inventory import Inventory, State
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.push.folder import LocalDocument


class Step(StrEnum):
    """What is done with a document."""

    UPLOAD = "upload"
    """The bucket has something else under its key, or nothing."""
    REAPPLY = "ask"
    """The bucket has these bytes, but a flow of the document is not in sync with it: asked for once more."""
    UNCHANGED = "unchanged"
    """The bucket has these bytes, and every flow is as they say."""
    INVALID = "invalid"
    """The stack would say, or has said, that it is invalid, and nothing has changed since."""


Synced = frozenset[tuple[str, str]]
"""The key of a document and the name of a flow that is in sync with it."""


def synced(inventory: Inventory) -> Synced:
    """What the inventory says is in sync."""
    return frozenset(
        (flow.document, flow.live.name)
        for flow in inventory.flows
        if flow.state is State.IN_SYNC and flow.document is not None
    )


def decide(document: LocalDocument, stored: bytes | None, in_sync: Synced) -> Step:
    """What to do with a document. ``stored`` is what the bucket has under its key."""
    if not document.is_whole:
        return Step.INVALID
    if stored != document.content:
        return Step.UPLOAD
    if not document.checked.valid:
        return Step.INVALID
    settled = all((document.key, flow) in in_sync for flow in document.flows)
    return Step.UNCHANGED if settled else Step.REAPPLY


def gives_up_flows(document: LocalDocument, stored: bytes | None, environment: Environment) -> bool:
    """Whether the stored document declares a flow that this one declares no more.

    Such a document goes before the others: one that takes the flow over is refused as long as both declare it.
    """
    if stored is None:
        return False
    before = {flow.name for flow in validate(stored, document.key, environment, document.key).flows}
    return not before <= set(document.flows)


def gone(stored: Iterable[str], documents: Collection[LocalDocument]) -> tuple[str, ...]:
    """The keys in the bucket that the folder has no document for."""
    kept = {document.key for document in documents}
    return tuple(sorted(key for key in stored if key not in kept))
