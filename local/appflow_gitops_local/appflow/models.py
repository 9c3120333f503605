"""The operations on flows.

The error texts for existing and active flows, missing profiles and the wrappers around problems are AWS's, as quoted
in public reports. The other texts are our own wording.
"""

from dataclasses import replace
from uuid import NAMESPACE_URL, uuid5

from moto.core.base_backend import BackendDict

from .calls import Calls
from .connector_backend import ConnectorBackend, profiles_of
from .controls import controls
from .definition import Definition, Members
from .events import FlowEvent
from .exceptions import (
    ConflictException,
    ConnectorServerException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    UnsupportedOperationException,
    ValidationException,
)
from .faults import Faults
from .flows import Flow, first_status
from .pages import page
from .rules import problems, replacements
from .runner import Runner
from .wire import without_absent

PAGE_SIZE = 100
TAGS_PER_RESOURCE = 50


class AppFlowBackend(ConnectorBackend):
    """AppFlow in one account and region, from request to response. Callers hold ``lock``."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._flows_made = 0
        self._events: list[FlowEvent] = []
        self._runner = Runner(controls, self._events.append)

    def reset(self) -> None:
        """Restore the initial state, also of the controls."""
        super().reset()
        controls.reset()

    @property
    def faults(self) -> Faults:
        """The faults that are set, for all accounts and regions of the process."""
        return controls.faults

    @property
    def calls(self) -> Calls:
        """The log of calls, for all accounts and regions of the process."""
        return controls.calls

    def create_flow(self, request: Members) -> Members:
        """Create a flow."""
        return self._once("CreateFlow", request, self._create_flow)

    def _create_flow(self, request: Members) -> Members:
        name, definition = request["flowName"], Definition.of_request(request)
        if name in self.flows:
            raise ConflictException(f"Flow with name {name} already exists.")
        if len(self.flows) >= self.behaviour.flow_quota:
            raise ServiceQuotaExceededException(
                f"The account has {len(self.flows)} flows; its quota is {self.behaviour.flow_quota}."
            )
        if refused := problems(definition, self.behaviour):
            raise ValidationException(f"Create Flow request failed: [{', '.join(refused)}]")
        self._check_profiles(definition)
        self._check_s3_source(definition)
        now = self.behaviour.now()
        self._flows_made += 1
        flow = self.flows[name] = Flow(
            name=name,
            arn=self.arn("flow", name),
            owner_arn=self.owner_arn,
            number=self._flows_made,
            definition=definition,
            status=first_status(definition),
            created_at=now,
            last_updated_at=now,
            kms_arn=request.get("kmsArn"),
            tags=dict(request.get("tags", {})),
        )
        return {"flowArn": flow.arn, "flowStatus": flow.status}

    def update_flow(self, request: Members) -> Members:
        """Replace the definition of a flow; tags and key remain."""
        return self._once("UpdateFlow", request, self._update_flow)

    def _update_flow(self, request: Members) -> Members:
        flow, definition = self._flow(request), Definition.of_request(request)
        refused = [
            *replacements(flow.definition, definition, self.behaviour, self.account_id),
            *problems(definition, self.behaviour),
        ]
        if refused:
            raise ValidationException(f"Update Flow request failed due to:[{', '.join(refused)}]")
        self._check_profiles(definition)
        flow.replace(definition, self.behaviour)
        return {"flowStatus": flow.status}

    def describe_flow(self, request: Members) -> Members:
        """Describe a flow, with the values that the service adds."""
        key = uuid5(NAMESPACE_URL, self.arn("key", "default"))
        service_key = f"arn:{self.partition}:kms:{self.region_name}:{self.account_id}:key/{key}"
        flow = self._flow(request)
        behaviour, source = self.behaviour, flow.definition.source
        if entity := controls.entities.description(source.connector, source.profile, source.entity):
            names = tuple(field["identifier"] for field in entity.fields or ())
            behaviour = replace(behaviour, source_fields=names)
        return flow.description(behaviour, self.account_id, service_key)

    def list_flows(self, request: Members) -> Members:
        """List flows by name, in pages."""
        self.catch_up()
        flows, token = page(self.flows, request, PAGE_SIZE)
        return without_absent({"flows": [self._summary(flow) for flow in flows], "nextToken": token})

    def _summary(self, flow: Flow) -> Members:
        """Return the entry of ListFlows, with the labels of custom connectors."""
        source, destination = flow.definition.source, flow.definition.destinations[0]
        labels = {
            "sourceConnectorLabel": self.label(source.profile),
            "destinationConnectorLabel": self.label(destination.profile),
        }
        return without_absent({**flow.summary(), **labels})

    def delete_flow(self, request: Members) -> Members:
        """Delete a flow; an active schedule only with forceDelete."""
        flow = self._flow(request)
        if flow.status == "Active" and flow.runs_by_itself and not request.get("forceDelete"):
            raise ConflictException(
                f"Flow is in active state, please set forceDelete to true or deactivate the flow: {flow.name}"
            )
        del self.flows[flow.name]
        return {}

    def start_flow(self, request: Members) -> Members:
        """Run an on-demand flow, or activate another."""
        return self._once("StartFlow", request, self._start_flow)

    def _start_flow(self, request: Members) -> Members:
        flow = self._flow(request)
        if flow.runs_by_itself:
            if flow.status != "Active":
                flow.activate(self.behaviour.now())
            return {"flowArn": flow.arn, "flowStatus": flow.status}
        run = self._runner.run_on_demand(flow)
        return {"flowArn": flow.arn, "flowStatus": flow.status, "executionId": run.execution_id}

    def stop_flow(self, request: Members) -> Members:
        """Deactivate a scheduled or event flow."""
        flow = self._flow(request)
        if not flow.runs_by_itself:
            raise UnsupportedOperationException(f"The on-demand flow {flow.name} cannot be stopped.")
        flow.deactivate("Suspended")
        return {"flowArn": flow.arn, "flowStatus": flow.status}

    def describe_flow_execution_records(self, request: Members) -> Members:
        """List the runs of a flow, newest first, in pages."""
        runs = self._flow(request).runs
        numbered = {f"{len(runs) - number:012}": run for number, run in enumerate(runs)}
        records, token = page(numbered, request)
        return without_absent({"flowExecutions": [run.to_json() for run in records], "nextToken": token})

    def cancel_flow_executions(self, request: Members) -> Members:
        """Cancel runs in progress."""
        return {"invalidExecutions": self._runner.cancel(self._flow(request), request.get("executionIds"))}

    def catch_up(self) -> None:
        """Do what was due for all flows until now."""
        for flow in list(self.flows.values()):
            self._runner.catch_up(flow)

    def deliver_events(self) -> None:
        """Send the events of runs to the default event bus. Called without ``lock``: targets may take their time."""
        with self.lock:
            events = sorted(self._events, key=lambda event: event.at)
            self._events.clear()
        behaviour = self.behaviour
        entries = [
            event.entry() for event in events if not event.is_lost(behaviour.lose_events, behaviour.seed)
        ]
        if entries:
            controls.send_events(self.account_id, self.region_name, entries)

    def tag_resource(self, request: Members) -> Members:
        """Add or replace tags of a flow."""
        flow = self._tagged(request)
        tags = {**flow.tags, **request["tags"]}
        check_tag_count(tags)
        self._retag(flow, tags)
        return {}

    def untag_resource(self, request: Members) -> Members:
        """Remove tags of a flow; missing keys are ignored."""
        flow = self._tagged(request)
        self._retag(flow, {key: value for key, value in flow.tags.items() if key not in request["tagKeys"]})
        return {}

    def _retag(self, flow: Flow, tags: dict[str, str]) -> None:
        flow.tags = tags
        if self.behaviour.tags_are_updates:
            flow.touch(self.behaviour)

    def list_tags_for_resource(self, request: Members) -> Members:
        """List the tags of a flow."""
        return {"tags": dict(self._tagged(request).tags)}

    def _flow(self, request: Members) -> Flow:
        name = request["flowName"]
        if name not in self.flows:
            raise ResourceNotFoundException(f"Flow with name {name} does not exist.")
        self._runner.catch_up(self.flows[name])
        return self.flows[name]

    def _tagged(self, request: Members) -> Flow:
        arn = request["resourceArn"]
        for flow in self.flows.values():
            if flow.arn == arn:
                return flow
        raise ResourceNotFoundException(f"Resource {arn} does not exist.")

    def _check_profiles(self, definition: Definition) -> None:
        if self.behaviour.strict_profiles:
            for name in profiles_of(definition):
                self._profile(name)

    def _check_s3_source(self, definition: Definition) -> None:
        if not self.behaviour.strict_s3_source or definition.source.connector != "S3":
            return
        bucket, prefix = definition.source.object
        if not self._bucket_holds(bucket, prefix):
            raise ConnectorServerException(f"Bucket {bucket} has no object with the prefix '{prefix}'.")

    def _bucket_holds(self, name: str, prefix: str) -> bool:
        from moto.s3.models import s3_backends  # noqa: PLC0415 - slow, and asked for by one switch only

        bucket = s3_backends[self.account_id][self.partition].buckets.get(name)
        return bucket is None or any(key.startswith(prefix) for key in list(bucket.keys))


def check_tag_count(tags: dict[str, str]) -> None:
    """Raise ValidationException for more tags than AWS allows."""
    if len(tags) > TAGS_PER_RESOURCE:
        raise ValidationException(f"A resource can have {TAGS_PER_RESOURCE} tags at most, not {len(tags)}.")


appflow_backends = BackendDict(AppFlowBackend, "appflow")


def catch_up() -> None:
    """Let all flows of the process run that are due, and send their events."""
    for regions in list(appflow_backends.values()):
        for backend in list(regions.values()):
            with backend.lock:
                backend.catch_up()
            backend.deliver_events()
