"""Decides what ``push`` does with each document: from its content, the bucket and the inventory. No I/O."""

from collections.abc import Collection, Iterable
from enum import StrEnum

from appflow_gitops.sync.inventory import Inventory, State
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.push.local_documents import LocalDocument


class Step(StrEnum):
    """What is done with a document."""

    UPLOAD = "upload"
    """The bucket has other content under its key, or none."""
    REAPPLY = "ask"
    """The bucket has this content, but a flow of the document is out of sync: request another apply."""
    UNCHANGED = "unchanged"
    """The bucket has this content, and every flow is in sync."""
    REFUSED = "refused"
    """Every change of the document would be refused. It is sent only with --force."""
    INVALID = "invalid"
    """The document is invalid, or the stack would reject it. It is never sent."""


InSync = frozenset[tuple[str, str]]
"""Pairs of a document's key and the name of a flow that is in sync with it."""


def flows_in_sync(inventory: Inventory) -> InSync:
    """The flows that are in sync according to the inventory.

    One without an owner is still to be adopted, unless its document is only observed.
    """
    return frozenset(
        (flow.document, flow.live.name)
        for flow in inventory.flows
        if flow.state is State.IN_SYNC
        and flow.document is not None
        and (flow.live.owner.document or flow.is_observed)
    )


def choose_step(document: LocalDocument, stored: bytes | None, in_sync: InSync) -> Step:
    """The step for a document. ``stored`` is the content under its key in the bucket."""
    if not document.is_complete or not document.checked.valid:
        return Step.INVALID
    if stored != document.content:
        return Step.UPLOAD
    all_in_sync = all((document.key, flow) in in_sync for flow in document.flows)
    return Step.UNCHANGED if all_in_sync else Step.REAPPLY


def releases_flows(document: LocalDocument, stored: bytes | None, environment: Environment) -> bool:
    """Whether the stored document declares a flow that this version does not declare.

    Such a document is uploaded first: a document that takes the flow over is rejected while both declare it.
    """
    if stored is None:
        return False
    before = {flow.name for flow in validate(stored, document.key, environment, document.key).flows}
    return not before <= set(document.flows)


def extra_keys(stored: Iterable[str], documents: Collection[LocalDocument]) -> tuple[str, ...]:
    """The keys in the bucket without a document in the folder."""
    local = {document.key for document in documents}
    return tuple(sorted(key for key in stored if key not in local))
