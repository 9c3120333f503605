"""P5 for every request there can be: what was applied is in sync, whatever AppFlow fills in, drops and shuffles."""

import json
from typing import Any

from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from appflow_gitops.sync.outcome import Outcome
from fakes.world import World
from generators.requests import flow_documents

KEY = "flows/any.json"
SWITCHES = st.fixed_dictionaries(
    {
        "task_order_seed": st.sampled_from([None, 1, 7]),
        "schedule_offset_zero": st.sampled_from(["present", "absent", "as sent"]),
        "rewrite_event_bridge_object": st.booleans(),
        "update_of_active_schedule": st.sampled_from(["Active", "Draft"]),
    }
)


@given(document=flow_documents(), switches=SWITCHES)
@settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_p5_a_document_that_was_applied_is_unchanged_on_the_next_drop(
    document: dict[str, Any], switches: dict[str, Any]
) -> None:
    world = World(may_create=True)
    world.flows.behave(**switches)
    [first] = world.apply(KEY, json.dumps(document))
    if first.data.outcome is not Outcome.APPLIED:
        reject()
    for _ in range(2):
        world.clock.advance(3600)
        before = len(world.calls.made)
        [event] = world.apply(KEY, json.dumps(document))
        assert event.data.outcome is Outcome.UNCHANGED
        made = world.calls.operations()[before:]
        written = {"SendMessageBatch", "TagResource", "PutEvents"}
        assert set(made) == {"GetObject", "ListObjects", "DescribeFlow", *written}
