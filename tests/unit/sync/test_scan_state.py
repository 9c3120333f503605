"""What a scan keeps for the next one, in which form, and what the next one concludes from it."""

import json
from typing import Any

import pytest

from appflow_gitops.sync.drift.report import Drift
from appflow_gitops.sync.drift.scan_state import LastSeen, ScanState, continued, read_scan_state

NOW, HOUR = 1_768_478_400.0, 3600.0


def seen(**members: Any) -> LastSeen:
    return LastSeen(fingerprint="f", **members)


def state(**members: Any) -> ScanState:
    return ScanState(**members)


def test_the_state_is_kept_with_the_names_of_its_first_version() -> None:
    """A newer or older version reads it."""
    kept = state(self_heal=True, flows={"orders": seen(reported="r", drift=Drift.DRIFTED)})
    content = kept.render()
    assert json.loads(content) == {
        "schemaVersion": "1",
        "heals": True,
        "flows": {"orders": {"fingerprint": "f", "told": "r", "drift": "drifted", "repairs": 0}},
    }
    assert read_scan_state(content) == kept


def test_every_member_survives_a_round_trip() -> None:
    full = seen(
        drift=Drift.PENDING,
        reported="r",
        since=NOW,
        subject="s",
        repairs=3,
        repairedAt=NOW,
        limited=True,
    )
    kept = state(
        self_heal=True,
        flows={"orders": full},
        documentsAfter="flows/a.json",
        flowsAfter="a",
        repaired={"orders": NOW},
        limitedAs="abc",
    )
    assert read_scan_state(kept.render()) == kept


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"schemaVersion": "2"}', b'{"mood": "good"}'])
def test_a_state_that_is_lost_or_cannot_be_read_is_empty(content: bytes | None) -> None:
    assert read_scan_state(content) == ScanState()
    assert not ScanState().self_heal
    assert ScanState().due(NOW) == frozenset()


def test_a_state_without_self_heal_is_from_scans_that_repaired_nothing() -> None:
    content = b'{"flows": {"orders": {"fingerprint": "f"}}}'
    kept = read_scan_state(content)
    assert kept.under(self_heal=False) is kept
    assert kept.under(self_heal=True).flows == {}


@pytest.mark.parametrize(("before", "after"), [(False, True), (True, False)])
def test_only_the_repairs_of_the_hour_count_once_self_heal_was_switched(before: bool, after: bool) -> None:
    kept = state(
        self_heal=before, flows={"orders": seen()}, flowsAfter="a", limitedAs="x", repaired={"orders": NOW}
    )
    assert kept.under(self_heal=before) is kept
    assert kept.under(self_heal=after) == state(self_heal=after, repaired={"orders": NOW})


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (seen(), False),
        (seen(drift=Drift.DRIFTED, reported="r"), False),
        (seen(since=NOW), True),
        (seen(since=0.0), True),
        (seen(limited=True), True),
        (seen(repairs=1, repairedAt=NOW - HOUR), True),
        (seen(repairs=1, repairedAt=NOW - HOUR + 300), True),
        (seen(repairs=1, repairedAt=NOW - HOUR + 301), False),
        (seen(repairs=2, repairedAt=NOW - HOUR), False),
        (seen(repairs=2, repairedAt=NOW - 2 * HOUR), True),
    ],
)
def test_a_flow_is_inspected_again_while_anything_about_it_is_open(last: LastSeen, due: bool) -> None:
    assert state(flows={"orders": last}).due(NOW) == ({"orders"} if due else frozenset())


@pytest.mark.parametrize(
    ("at", "held", "expected"),
    [
        (NOW, (), {"orders": NOW}),
        (NOW - HOUR + 1, (), {"orders": NOW - HOUR + 1}),
        (NOW - HOUR, (), {}),
        (NOW - 9 * HOUR, ("orders",), {"orders": NOW + HOUR}),
        (NOW - 9 * HOUR, ("returns",), {}),
    ],
)
def test_a_repair_counts_for_an_hour_and_while_it_is_held(
    at: float, held: tuple[str, ...], expected: dict[str, float]
) -> None:
    assert state(repaired={"orders": at}).recent(NOW, held) == expected
    assert state().recent(NOW, held) == {}


def test_limited_repairs_and_kinds_of_drift_are_counted() -> None:
    kept = state(
        flows={
            "a": seen(limited=True, subject="s", drift=Drift.DRIFTED),
            "b": seen(subject="t", drift=Drift.DRIFTED),
            "c": seen(limited=True, drift=Drift.MISSING),
            "d": seen(),
        }
    )
    assert kept.limited == {"a": "s", "c": None}
    assert kept.counts == {Drift.DRIFTED: 2, Drift.MISSING: 1}


@pytest.mark.parametrize(
    ("after", "order"),
    [(None, "abc"), ("", "abc"), ("a", "bca"), ("aa", "bca"), ("b", "cab"), ("c", "abc"), ("z", "abc")],
)
def test_a_scan_continues_behind_the_last_item_that_was_reached(after: str | None, order: str) -> None:
    assert continued("cab", after, str) == [*order]
