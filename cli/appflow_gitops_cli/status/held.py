"""The held changes of flows, for the report."""

from collections.abc import Mapping
from dataclasses import replace

from appflow_gitops.aws.held_changes import S3HeldChanges
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.held import HeldChange
from appflow_gitops.sync.inventory import Inventory, MissingFlow, State, SyncStatus
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.hold_text import describe_held
from appflow_gitops_cli.parallel import in_parallel


def newest_held(changes: S3HeldChanges) -> dict[str, HeldChange]:
    """The newest held change of each flow, by name; none where the caller may not read them."""
    try:
        names = changes.flows()
        found = zip(names, in_parallel(changes.of_flow, names, "Reading held changes"), strict=True)
        return {name: held[-1] for name, held in found if held}
    except PermanentError:
        return {}


def with_held(inventory: Inventory, held: Mapping[str, HeldChange]) -> Inventory:
    """The inventory in which flows with a held change say why it waits, and until when."""
    return replace(
        inventory,
        flows=tuple(_held(flow, held.get(flow.live.name)) for flow in inventory.flows),
        missing=tuple(_missing(flow, held.get(flow.name)) for flow in inventory.missing),
    )


def _held(flow: SyncStatus, held: HeldChange | None) -> SyncStatus:
    if held is None:
        return flow
    outcome = Outcome.HELD if flow.state is State.PENDING else flow.outcome
    return replace(flow, note=_note(held), outcome=outcome)


def _missing(flow: MissingFlow, held: HeldChange | None) -> MissingFlow:
    return replace(flow, note=_note(held)) if held else flow


def _note(held: HeldChange) -> str:
    return f"a change is held: {describe_held(held.reason, held.heldUntil)}"
