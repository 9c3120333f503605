"""AppFlow in memory: the local AppFlow's own backend, called without a client and on a virtual clock."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from moto.core.exceptions import JsonRESTError

from appflow_gitops.flows.live import LiveFlow, parse_flow
from appflow_gitops.flows.runs import Run, newest_first, parse_run
from appflow_gitops.flows.summary import FlowSummary, parse_summary
from appflow_gitops.sync.errors import PermanentError, SyncError, TransientError
from appflow_gitops.sync.ports import Request
from appflow_gitops_local.appflow.behaviour import Behaviour
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.models import AppFlowBackend
from appflow_gitops_local.appflow.runs import outcome_from_json
from appflow_gitops_local.appflow.shapes import read_request
from fakes.calls import Calls
from fakes.clock import FakeClock

LENIENT = Behaviour(strict_profiles=False, strict_s3_source=False)
"""For flows that need neither connector profiles nor objects in their source."""

TRANSIENT = frozenset({"ConflictException", "ConnectorServerException"})


@dataclass(slots=True)
class FakeFlows:
    """Implements ``FlowService``, ``FlowCatalog`` and ``RunCatalog``.

    ``edit``, ``remove`` and ``retag`` are done in the console.

    Requests are validated as AppFlow validates them on the wire: members, enums, limits and patterns of its model.
    """

    clock: FakeClock
    calls: Calls = field(default_factory=Calls)
    backend: AppFlowBackend = field(default_factory=lambda: AppFlowBackend("eu-west-1", "123456789012"))

    tokens: list[str] = field(default_factory=list)
    """What UpdateFlow and CreateFlow were sent, carried out or not."""

    def __post_init__(self) -> None:
        self.behave()

    def behave(self, **switches: Any) -> None:
        """Set switches of the local AppFlow; its clock is this one's."""
        self.backend.behaviour = replace(LENIENT, clock=self.clock.to_datetime, **switches)

    def edit(self, request: Request) -> None:
        """Create or replace a flow behind the tool's back."""
        exists = request["flowName"] in self.backend.flows
        (self.backend.update_flow if exists else self.backend.create_flow)(dict(request))

    def remove(self, name: str) -> None:
        """Delete a flow behind the tool's back."""
        self.backend.delete_flow({"flowName": name, "forceDelete": True})

    def retag(self, name: str, tags: Mapping[str, str]) -> None:
        """Add tags to a flow behind the tool's back."""
        arn = self.backend.flows[name].arn
        self.backend.tag_resource(read_request("TagResource", {"resourceArn": arn, "tags": dict(tags)}))

    def script(self, name: str, **outcome: Any) -> None:
        """Set the outcome of the next run of a flow."""
        controls.outcomes.add(outcome_from_json({"flowName": name, **outcome}))

    def run(self, *names: str, **outcome: Any) -> list[dict[str, Any]]:
        """Run on-demand flows with this outcome; the events about them."""
        for name in names:
            self.script(name, **outcome)
            self.backend.start_flow({"flowName": name})
        return self.run_events()

    def run_events(self) -> list[dict[str, Any]]:
        """The events about runs until now that were not returned before, as EventBridge delivers them."""
        self.backend.catch_up()
        events, self.backend._events[:] = list(self.backend._events), []
        return [
            {
                "id": f"{event.run} {event.detail_type}",
                "detail-type": event.detail_type,
                "detail": event.detail,
            }
            for event in events
        ]

    def latest(self, name: str) -> tuple[Run, ...]:
        def found() -> tuple[Run, ...]:
            request = {"flowName": name, "maxResults": 100}
            return newest_first(
                map(parse_run, self.backend.describe_flow_execution_records(request)["flowExecutions"])
            )

        return self.calls("DescribeFlowExecutionRecords", name, found)

    def configuration(self, name: str) -> Mapping[str, Any]:
        """The live configuration, fillers included."""
        return parse_flow(self.backend.describe_flow({"flowName": name})).configuration

    def status(self, name: str) -> str:
        return self.backend.flows[name].status

    def tags(self, name: str) -> dict[str, str]:
        return self.backend.flows[name].tags

    def summaries(self) -> Iterator[FlowSummary]:
        asked: dict[str, Any] = {"maxResults": 100}
        while True:
            page = self.calls("ListFlows", "", partial(self.backend.list_flows, dict(asked)))
            yield from map(parse_summary, page["flows"])
            if "nextToken" not in page:
                return
            asked["nextToken"] = page["nextToken"]

    def describe(self, name: str) -> LiveFlow | None:
        def found() -> LiveFlow | None:
            if name not in self.backend.flows:
                return None
            return parse_flow(self.backend.describe_flow({"flowName": name}))

        return self.calls("DescribeFlow", name, found)

    def update(self, request: Request, token: str) -> None:
        self.tokens.append(token)
        self._call(
            "UpdateFlow", request["flowName"], self.backend.update_flow, {**request, "clientToken": token}
        )

    def create(self, request: Request, token: str, *, kms_arn: str | None, tags: Mapping[str, str]) -> None:
        self.tokens.append(token)
        extra = {"kmsArn": kms_arn} if kms_arn else {}
        members = {**request, **extra, "tags": dict(tags), "clientToken": token}
        self._call("CreateFlow", request["flowName"], self.backend.create_flow, members)

    def start(self, name: str) -> None:
        self._call("StartFlow", name, self.backend.start_flow, {"flowName": name})

    def start_run(self, name: str, token: str) -> str | None:
        def started() -> str | None:
            request = read_request("StartFlow", {"flowName": name, "clientToken": token})
            return self.backend.start_flow(request).get("executionId")

        return self.calls("StartFlow", name, started)

    def stop(self, name: str) -> None:
        self._call("StopFlow", name, self.backend.stop_flow, {"flowName": name})

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        request = {"resourceArn": arn, "tags": dict(tags)}
        self._call("TagResource", arn.rsplit("/", 1)[1], self.backend.tag_resource, request)

    def untag(self, arn: str, keys: Sequence[str]) -> None:
        request = {"resourceArn": arn, "tagKeys": list(keys)}
        self._call("UntagResource", arn.rsplit("/", 1)[1], self.backend.untag_resource, request)

    def _call(
        self,
        operation: str,
        name: str,
        carried_out: Callable[[dict[str, Any]], dict[str, Any]],
        request: dict[str, Any],
    ) -> None:
        self.calls(operation, name, lambda: _translated(operation, carried_out, request))


def _translated(
    operation: str, carried_out: Callable[[dict[str, Any]], dict[str, Any]], request: dict[str, Any]
) -> None:
    try:
        carried_out(read_request(operation, request))
    except JsonRESTError as error:
        raise _sync_error(error) from error


def _sync_error(error: JsonRESTError) -> SyncError:
    family = TransientError if error.error_type in TRANSIENT else PermanentError
    return family(error.error_type, error.message)
