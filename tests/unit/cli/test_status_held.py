"""Held changes in the report of ``status``: the newest of each flow, if the caller may read them."""

from typing import Any, cast

import pytest

from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.errors import PermanentError, SyncError
from appflow_gitops.sync.held import HeldChange
from appflow_gitops.sync.inventory import State
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.status.held import newest_held, with_held
from fakes.held import FakeHeldChanges
from fakes.status_reports import one_of_everything


def held(flow: str, sequence: str) -> HeldChange:
    document = DocumentVersion(bucket="documents", key="flows/a.json")
    change = Change(
        identity=sequence,
        flowName=flow,
        correlationId="c",
        requestedAt="2026-01-15T12:00:00.000Z",
        document=document,
    )
    return HeldChange(change=change, sequence=sequence, heldAt="2026-01-15T12:00:00.000Z", reason="incident")


class Stored(FakeHeldChanges):
    """Lists one flow more whose held change is removed before it is read."""

    def flows(self) -> list[str]:
        return [*super().flows(), "released"]


def test_the_newest_held_change_of_each_flow_counts() -> None:
    changes = Stored()
    for each in (held("orders", "1"), held("orders", "2"), held("invoices", "3")):
        changes.keep(each)
    newest = newest_held(cast("Any", changes))
    assert {name: each.sequence for name, each in newest.items()} == {"orders": "2", "invoices": "3"}


def test_without_permission_nothing_is_shown_as_held() -> None:
    changes = FakeHeldChanges()
    changes.calls.fail("ListObjects", PermanentError("AccessDenied", "no"))
    assert newest_held(cast("Any", changes)) == {}
    changes.calls.fail("ListObjects", SyncError("Other", "no"))
    with pytest.raises(SyncError):
        newest_held(cast("Any", changes))


def test_flows_with_a_held_change_say_why_it_waits() -> None:
    changes = {name: held(name, "1") for name in ("orders", "contacts", "invoices")}
    shown = with_held(one_of_everything().inventory, changes)
    found = {flow.live.name: (flow.state, flow.outcome, flow.note) for flow in shown.flows}
    assert found["orders"][:2] == (State.PENDING, Outcome.HELD)
    assert found["contacts"][:2] == (State.DRIFTED, None)
    for name in ("orders", "contacts"):
        assert str(found[name][2]).startswith("a change is held: incident")
    assert found["accounts"] == (State.IN_SYNC, None, None)
    assert [str(flow.note).startswith("a change is held: incident") for flow in shown.missing] == [True]
