"""What every mistake in a policy is called, the values that its members take, and what it says about a flow."""

import json
from typing import Any

import pytest

from appflow_gitops.validation.policy.model import BrokenPolicy, Policy
from appflow_gitops.validation.policy.read import read_policy

PERIOD = "a time such as '90m', '3h' or '2d'"
START = "a time of the day such as '22:00', or a date with a time such as '2026-12-20T00:00'"


def folder(**members: Any) -> dict[str, Any]:
    return {"documents": [{"prefix": "flows/", "flows": ["*"], **members}]}


def objective(**members: Any) -> dict[str, Any]:
    return {"documents": [], "health": [{"flows": ["*"], **members}]}


def window(**members: Any) -> dict[str, Any]:
    return {"documents": [], "windows": [{"deny": ["*"], "start": "22:00", "duration": "1h", **members}]}


def read(**members: Any) -> Policy:
    policy, findings = read_policy(json.dumps({"documents": [], **members}).encode(), "policy.yaml")
    assert isinstance(policy, Policy), findings
    return policy


@pytest.mark.parametrize(
    ("policy", "pointer", "message", "hint"),
    [
        ({}, "/documents", "missing key 'documents'", None),
        ({"documents": [], "helth": []}, "/helth", "unknown key 'helth'", "did you mean 'health'?"),
        ({"documents": {}}, "/documents", "expected a list, got an object", None),
        ({"documents": [1]}, "/documents/0", "expected an object, got a number", None),
        ({"documents": [], "requests": []}, "/requests", "expected an object, got a list", None),
        (
            folder(prefix="flows"),
            "/documents/0/prefix",
            "expected a folder of the documents bucket such as 'flows/sales/', got 'flows'",
            None,
        ),
        (
            folder(connectors=["Salesfoce"]),
            "/documents/0/connectors/0",
            "unknown connector type 'Salesfoce'",
            "did you mean 'Salesforce'?",
        ),
        (folder(mode="obsrve"), "/documents/0/mode", "unknown mode 'obsrve'", "did you mean 'observe'?"),
        (folder(flows=[1]), "/documents/0/flows/0", "expected a string, got a number", None),
        (folder(flows=[""]), "/documents/0/flows/0", "expected a name or pattern, got ''", None),
        (folder(create="no"), "/documents/0/create", "expected true or false, got a string", None),
        (
            objective(staleAfter="3 hours"),
            "/health/0/staleAfter",
            f"expected {PERIOD}, got '3 hours'",
            None,
        ),
        (
            objective(minimumRecords="1"),
            "/health/0/minimumRecords",
            "expected a whole number, got a string",
            None,
        ),
        (objective(minimumRecords=-1), "/health/0/minimumRecords", "expected 0 or more, got '-1'", None),
        (
            objective(minRecords=1),
            "/health/0/minRecords",
            "unknown key 'minRecords'",
            "did you mean 'minimumRecords'?",
        ),
        (window(start="25:00"), "/windows/0/start", f"expected {START}, got '25:00'", None),
        (window(duration="1x"), "/windows/0/duration", f"expected {PERIOD}, got '1x'", None),
        (window(days=["mondy"]), "/windows/0/days/0", "unknown day 'mondy'", "did you mean 'monday'?"),
    ],
)
def test_a_mistake_in_a_policy_is_named_with_what_was_expected(
    policy: dict[str, Any], pointer: str, message: str, hint: str | None
) -> None:
    broken, [finding] = read_policy(json.dumps(policy).encode(), "policy.yaml")
    assert isinstance(broken, BrokenPolicy)
    assert (finding.rule, finding.pointer, finding.message, finding.hint) == (
        "AFG311",
        pointer,
        message,
        hint,
    )


@pytest.mark.parametrize("period", ["1m", "9h", "10d", "9999m", "365d"])
def test_a_period_has_one_to_four_digits_and_a_unit(period: str) -> None:
    assert isinstance(read_policy(json.dumps(objective(staleAfter=period)).encode(), "p.yaml")[0], Policy)


@pytest.mark.parametrize(
    "period", ["0m", "01h", "10000m", "1", "m", "1s", "1 h", "1h ", "-1h", "1.5h", "1hh"]
)
def test_another_period_is_an_error(period: str) -> None:
    _, [finding] = read_policy(json.dumps(objective(staleAfter=period)).encode(), "p.yaml")
    assert finding.pointer == "/health/0/staleAfter"


@pytest.mark.parametrize("start", ["00:00", "09:59", "19:00", "23:59", "2026-12-20T00:00"])
def test_a_window_starts_at_a_time_of_the_day_or_of_a_date(start: str) -> None:
    assert isinstance(read_policy(json.dumps(window(start=start)).encode(), "p.yaml")[0], Policy)


@pytest.mark.parametrize(
    "start",
    ["24:00", "9:00", "12:60", "12:00:00", "2026-12-20", "2026-12-20 00:00", "26-12-20T00:00", "12:00Z"],
)
def test_another_start_is_an_error(start: str) -> None:
    _, [finding] = read_policy(json.dumps(window(start=start)).encode(), "p.yaml")
    assert finding.pointer == "/windows/0/start"


GRANTS = {
    "documents": [
        {"prefix": "flows/", "flows": ["*"]},
        {"prefix": "flows/new/", "flows": ["new-*"], "mode": "observe"},
        {"prefix": "flows/new/done/", "flows": ["*"], "mode": "apply"},
    ],
    "requests": {"flows": ["*"], "runs": ["orders"]},
    "health": [
        {"flows": ["orders"], "staleAfter": "3h"},
        {"flows": ["o*"], "staleAfter": "2d"},
    ],
}


@pytest.mark.parametrize(
    ("key", "flow", "observed"),
    [
        ("flows/a.json", "new-a", False),
        ("flows/new/a.json", "new-a", True),
        ("flows/new/a.json", "old-a", True),
        ("flows/new/done/a.json", "new-a", False),
        ("other/a.json", "new-a", False),
        (None, "new-a", True),
        (None, "old-a", False),
    ],
)
def test_a_folder_is_observed_and_a_request_for_a_flow_that_it_may_change(
    key: str | None, flow: str, *, observed: bool
) -> None:
    assert read(**GRANTS).observes(key, flow) == observed


@pytest.mark.parametrize(("flow", "stale_after"), [("orders", "3h"), ("offers", "2d"), ("items", None)])
def test_the_first_matching_objective_applies(flow: str, stale_after: str | None) -> None:
    found = read(**GRANTS).objective_for(flow)
    assert (found.staleAfter if found else None) == stale_after


def test_only_the_flows_that_the_policy_names_may_be_run() -> None:
    assert read(**GRANTS).may_run("orders")
    assert not read(**GRANTS).may_run("offers")
    assert not read(requests={"flows": ["*"]}).may_run("orders")
    assert not read().may_run("orders")


def test_a_policy_without_pauses_and_windows_holds_nothing() -> None:
    assert not read().may_hold
    assert read().hold("orders", None, 0.0) is None
    assert read(paused=[{"flows": ["*"], "reason": "r"}]).may_hold
    assert read(windows=[{"deny": ["*"], "start": "22:00", "duration": "1h"}]).may_hold


def test_a_broken_policy_allows_nothing_and_holds_nothing() -> None:
    broken = read_policy(b"", "policy.yaml")[0]
    assert isinstance(broken, BrokenPolicy)
    assert not broken.is_missing
    assert not broken.may_hold
    answers: list[Any] = [
        getattr(broken, name)(*arguments)
        for name, arguments in {
            "may_run": ("orders",),
            "hold": ("orders", None, 0.0),
            "objective_for": ("orders",),
            "ignored_in": ("orders",),
            "observes": ("flows/a.json", "orders"),
        }.items()
    ]
    assert answers == [None, None, None, (), False]
