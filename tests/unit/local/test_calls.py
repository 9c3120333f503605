"""The log of calls counts all of them and shows the last 1,000."""

from datetime import UTC, datetime

from appflow_gitops_local.appflow.calls import Call, Calls

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_every_call_is_counted_and_the_last_thousand_are_kept_until_they_are_cleared() -> None:
    calls = Calls()
    made = [Call(NOON, "eu-west-1", "ListFlows", None, str(number), 200) for number in range(1001)]
    for call in made:
        calls.record(call)
    calls.record(Call(NOON, "eu-west-1", "UpdateFlow", "orders", None, None))
    assert calls.counts() == {"ListFlows": 1001, "UpdateFlow": 1}
    assert [call.client_token for call in calls.recent()] == [*map(str, range(2, 1001)), None]
    calls.clear()
    assert (calls.counts(), calls.recent()) == ({}, [])
