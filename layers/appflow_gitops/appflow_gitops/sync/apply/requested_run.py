"""Requested runs: start a run of an on-demand flow, behind the changes of the flow that waited in the queue."""

from collections.abc import Callable
from dataclasses import replace

from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.quoting import quoted
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.errors import ErrorDetail, TransientError
from appflow_gitops.sync.held import hold_of
from appflow_gitops.sync.outcome import ChangeResult, Outcome
from appflow_gitops.sync.ports import FlowService
from appflow_gitops.sync.run_grant import run_objection
from appflow_gitops.validation.environment import Environment

UPDATE_VISIBLE_AFTER = 15.0
"""Seconds after an update for which a run on demand may use the previous configuration (apache/airflow#28869)."""


def start_requested_run(
    change: Change, environment: Environment, flows: FlowService, clock: Callable[[], float]
) -> ChangeResult:
    """Start the run. Raises ``TransientError`` while the last update of the flow may not be visible yet.

    The id of the change is the clientToken, so a repeated delivery starts no second run for eight hours. ``clock``
    returns epoch seconds.
    """
    result = ChangeResult(Outcome.REJECTED, change.flowName, action=Action.RUN)
    if error := run_objection(environment, change.flowName):
        return replace(result, error=error)
    live = flows.describe(change.flowName)
    if live is None:
        message = f"flow {quoted(change.flowName)} does not exist"
        return replace(
            result, outcome=Outcome.FAILED, error=ErrorDetail("ResourceNotFoundException", message)
        )
    result = replace(result, arn=live.arn, flow_status=live.status)
    if live.trigger_type != "OnDemand":
        return replace(result, error=_not_on_demand(live))
    if hold := hold_of(change, environment, clock()):
        return replace(result, outcome=Outcome.HELD, reason=hold.reason, held_until=hold.until)
    visible = (live.last_updated_at or 0.0) + UPDATE_VISIBLE_AFTER
    if visible > clock():
        raise TransientError(
            "UpdateNotVisible", "the last update of the flow may not be visible to a run yet"
        )
    run = flows.start_run(change.flowName, change.id)
    return replace(result, outcome=Outcome.STARTED, run=run)


def _not_on_demand(live: LiveFlow) -> ErrorDetail:
    message = f"flow {quoted(live.name)} is {live.trigger_type}: AppFlow starts its runs, expected an on-demand flow"
    return ErrorDetail("NotOnDemand", message)
