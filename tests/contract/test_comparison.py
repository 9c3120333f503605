"""The diff is empty for every behaviour of the local AppFlow: defaults, dropped members and reordered tasks."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from appflow_gitops.flows.diff import diff
from appflow_gitops_local.appflow.behaviour import Behaviour
from appflow_gitops_local.appflow.definition import Definition, Members
from appflow_gitops_local.appflow.describe import described
from generators.requests import Request, update_flow_requests

BEHAVIOURS = [
    replace(Behaviour(), rewrite_event_bridge_object=True),
    replace(Behaviour(), task_order_seed=7, schedule_offset_zero="absent"),
]


@given(request=update_flow_requests(), behaviour=st.sampled_from(BEHAVIOURS))
def test_p5_a_request_is_in_sync_with_its_described_flow(request: Request, behaviour: Behaviour) -> None:
    sent: Members = json.loads(json.dumps(request))
    assert diff(request, described(Definition(sent), behaviour, "111122223333")) == ()
