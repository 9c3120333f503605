"""The operations of AppFlow on the flows and connector profiles of one account and region.

The error texts for existing and active flows, missing profiles and the wrappers around problems are AWS's, as quoted
in public reports. The other texts are our own wording.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.common_models import BaseModel
from moto.moto_api._internal import mock_random

from .behaviour import Behaviour
from .calls import Calls
from .controls import controls
from .definition import Definition, Members
from .describe import described
from .exceptions import (
    ConflictException,
    ConnectorServerException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    UnsupportedOperationException,
    ValidationException,
)
from .faults import Faults
from .rules import problems, replacements
from .tokens import TokenCache

PAGE_SIZE = 100
TAGS_PER_RESOURCE = 50

_TICK = timedelta(milliseconds=1)
_INACTIVE = {"Suspended", "Errored", "Deprecated"}

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Run:
    """The last run of an on-demand flow."""

    started: datetime
    ends: datetime

    def to_json(self, now: datetime) -> Members:
        """Return the lastRunExecutionDetails at this time."""
        return {
            "mostRecentExecutionTime": epoch(self.started),
            "mostRecentExecutionStatus": "InProgress" if now < self.ends else "Successful",
        }


@dataclass(eq=False)
class Flow(BaseModel):
    """The state of a flow."""

    name: str
    arn: str
    owner_arn: str
    definition: Definition
    status: str
    created_at: datetime
    last_updated_at: datetime
    kms_arn: str | None
    tags: dict[str, str] = field(default_factory=dict)
    schema_version: int = 1
    run: Run | None = None

    @property
    def runs_by_itself(self) -> bool:
        """Whether StartFlow activates the flow rather than runs it."""
        return self.definition.trigger_type != "OnDemand"

    def replace(self, definition: Definition, behaviour: Behaviour) -> None:
        """Replace the whole definition."""
        if definition.tasks != self.definition.tasks:
            self.schema_version += 1
        self.status = status_after_update(self, definition, behaviour)
        self.definition = definition
        self.touch(behaviour)

    def touch(self, behaviour: Behaviour) -> None:
        """Set lastUpdatedAt to the current time, or later so that two updates never share it."""
        self.last_updated_at = max(behaviour.now(), self.last_updated_at + _TICK)

    def summary(self, now: datetime) -> Members:
        """Return the entry of ListFlows."""
        definition = self.definition
        return without_absent(
            {
                **self._stamps(now),
                "description": definition.members.get("description"),
                "sourceConnectorType": definition.source.connector,
                "destinationConnectorType": definition.destinations[0].connector,
                "triggerType": definition.trigger_type,
            }
        )

    def description(self, behaviour: Behaviour, account_id: str, service_key: str) -> Members:
        """Return the response of DescribeFlow."""
        return without_absent(
            {
                **self._stamps(behaviour.now()),
                **described(self.definition, behaviour, account_id),
                "kmsArn": self.kms_arn or (service_key if behaviour.fill_kms_arn else None),
                "flowStatusMessage": "",
                "lastRunMetadataCatalogDetails": [],
                "schemaVersion": self.schema_version,
            }
        )

    def _stamps(self, now: datetime) -> Members:
        return {
            "flowName": self.name,
            "flowArn": self.arn,
            "flowStatus": self.status,
            "createdAt": epoch(self.created_at),
            "createdBy": self.owner_arn,
            "lastUpdatedAt": epoch(self.last_updated_at),
            "lastUpdatedBy": self.owner_arn,
            "tags": dict(self.tags),
            "lastRunExecutionDetails": self.run and self.run.to_json(now),
        }


def status_after_update(flow: Flow, definition: Definition, behaviour: Behaviour) -> str:
    """Return the flowStatus after an update. A new trigger type results in the status of a new flow."""
    if definition.trigger_type != flow.definition.trigger_type:
        return first_status(definition)
    if flow.status in _INACTIVE and behaviour.update_of_inactive != "keep":
        return behaviour.update_of_inactive
    if flow.status == "Active" and flow.runs_by_itself:
        return behaviour.update_of_active_schedule
    return flow.status


def first_status(definition: Definition) -> str:
    """Return the flowStatus of a new flow: Active on demand, otherwise Draft until StartFlow."""
    return "Active" if definition.trigger_type == "OnDemand" else "Draft"


@dataclass(eq=False)
class ConnectorProfile(BaseModel):
    """A connector profile without its credentials."""

    arn: str
    request: Members
    created_at: datetime

    def to_json(self) -> Members:
        """Return the entry of DescribeConnectorProfiles."""
        return without_absent(
            {
                "connectorProfileArn": self.arn,
                "connectorProfileName": self.request["connectorProfileName"],
                "connectorType": self.request["connectorType"],
                "connectorLabel": self.request.get("connectorLabel"),
                "connectionMode": self.request["connectionMode"],
                "connectorProfileProperties": self.request["connectorProfileConfig"][
                    "connectorProfileProperties"
                ],
                "createdAt": epoch(self.created_at),
                "lastUpdatedAt": epoch(self.created_at),
            }
        )

    def fits(self, request: Members) -> bool:
        """Return whether the filters of DescribeConnectorProfiles select the profile."""
        names = request.get("connectorProfileNames")
        return (not names or self.request["connectorProfileName"] in names) and all(
            request.get(member) in {None, self.request.get(member)}
            for member in ("connectorType", "connectorLabel")
        )


class AppFlowBackend(BaseBackend):
    """The operations of AppFlow, from request to response. Callers hold ``lock``."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lock = RLock()
        self.flows: dict[str, Flow] = {}
        self.profiles: dict[str, ConnectorProfile] = {}
        self._tokens = TokenCache()

    def reset(self) -> None:
        """Restore the initial state, also of the controls."""
        super().reset()
        controls.reset()

    @property
    def behaviour(self) -> Behaviour:
        """The switches, for all accounts and regions of the process."""
        return controls.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        controls.behaviour = behaviour

    @property
    def faults(self) -> Faults:
        """The faults that are set, for all accounts and regions of the process."""
        return controls.faults

    @property
    def calls(self) -> Calls:
        """The log of calls, for all accounts and regions of the process."""
        return controls.calls

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a resource of this kind (``flow``, ``connectorprofile``)."""
        return f"arn:{self.partition}:appflow:{self.region_name}:{self.account_id}:{kind}/{name}"

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
        check_tag_count(request.get("tags", {}))
        now = self.behaviour.now()
        flow = self.flows[name] = Flow(
            name=name,
            arn=self.arn("flow", name),
            owner_arn=f"arn:{self.partition}:iam::{self.account_id}:root",
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
            *replacements(flow.definition, definition, self.behaviour),
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
        return self._flow(request).description(self.behaviour, self.account_id, service_key)

    def list_flows(self, request: Members) -> Members:
        """List flows by name, in pages."""
        now = self.behaviour.now()
        flows, token = page(self.flows, request)
        return without_absent({"flows": [flow.summary(now) for flow in flows], "nextToken": token})

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
            flow.status = "Active"
            return {"flowArn": flow.arn, "flowStatus": flow.status}
        now = self.behaviour.now()
        flow.run = Run(now, now + timedelta(seconds=self.behaviour.run_seconds))
        return {"flowArn": flow.arn, "flowStatus": flow.status, "executionId": str(mock_random.uuid4())}

    def stop_flow(self, request: Members) -> Members:
        """Deactivate a scheduled or event flow."""
        flow = self._flow(request)
        if not flow.runs_by_itself:
            raise UnsupportedOperationException(f"The on-demand flow {flow.name} cannot be stopped.")
        flow.status = "Suspended"
        return {"flowArn": flow.arn, "flowStatus": flow.status}

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

    def create_connector_profile(self, request: Members) -> Members:
        """Create a connector profile; its credentials are not stored."""
        return self._once("CreateConnectorProfile", request, self._create_connector_profile)

    def _create_connector_profile(self, request: Members) -> Members:
        name = request["connectorProfileName"]
        if name in self.profiles:
            raise ConflictException(f"Connector Profile with name {name} already exists.")
        arn = self.arn("connectorprofile", name)
        self.profiles[name] = ConnectorProfile(arn, request, self.behaviour.now())
        return {"connectorProfileArn": arn}

    def describe_connector_profiles(self, request: Members) -> Members:
        """List connector profiles by name, in pages."""
        wanted = {name: profile for name, profile in self.profiles.items() if profile.fits(request)}
        profiles, token = page(wanted, request)
        return without_absent(
            {"connectorProfileDetails": [profile.to_json() for profile in profiles], "nextToken": token}
        )

    def delete_connector_profile(self, request: Members) -> Members:
        """Delete a connector profile; one that flows use only with forceDelete."""
        name = request["connectorProfileName"]
        if name not in self.profiles:
            raise profile_missing(name)
        users = sorted(flow.name for flow in self.flows.values() if name in profiles_of(flow.definition))
        if users and not request.get("forceDelete"):
            raise ConflictException(f"Connector Profile {name} is used by the flows: {', '.join(users)}")
        del self.profiles[name]
        return {}

    def _once(self, operation: str, request: Members, act: Callable[[Members], Members]) -> Members:
        return self._tokens.once(operation, request, self.behaviour, lambda: act(request))

    def _flow(self, request: Members) -> Flow:
        name = request["flowName"]
        if name not in self.flows:
            raise ResourceNotFoundException(f"Flow with name {name} does not exist.")
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
                if name not in self.profiles:
                    raise profile_missing(name)

    def _check_s3_source(self, definition: Definition) -> None:
        if not self.behaviour.strict_s3_source or definition.source.connector != "S3":
            return
        bucket, prefix = definition.source.object
        if not self._bucket_holds(bucket, prefix):
            raise ConnectorServerException(f"Bucket {bucket} has no object with the prefix '{prefix}'.")

    def _bucket_holds(self, name: str, prefix: str) -> bool:
        from moto.s3.models import s3_backends  # noqa: PLC0415 - slow, and asked for by one switch only

        bucket = s3_backends[self.account_id][self.partition].buckets.get(name)
        return bucket is not None and any(key.startswith(prefix) for key in bucket.keys)


def profiles_of(definition: Definition) -> list[str]:
    """Return the connector profiles that a flow names."""
    connections = [definition.source, *definition.destinations]
    return [connection.profile for connection in connections if connection.profile is not None]


def profile_missing(name: str) -> ResourceNotFoundException:
    """Return the error for a missing connector profile."""
    return ResourceNotFoundException(f"Connector Profile with name {name} does not exist.")


def check_tag_count(tags: dict[str, str]) -> None:
    """Raise ValidationException for more tags than AWS allows."""
    if len(tags) > TAGS_PER_RESOURCE:
        raise ValidationException(f"A resource can have {TAGS_PER_RESOURCE} tags at most, not {len(tags)}.")


def page(items: dict[str, Item], request: Members) -> tuple[list[Item], str | None]:
    """Return a page of items by name, and the token of the next page.

    The token contains the last name of the page, so items that are added or removed between two requests do not move
    others to another page.
    """
    after = name_in_token(request["nextToken"]) if "nextToken" in request else ""
    names = sorted(name for name in items if name > after)
    size = request.get("maxResults", PAGE_SIZE)
    token = base64.urlsafe_b64encode(names[size - 1].encode()).decode() if len(names) > size else None
    return [items[name] for name in names[:size]], token


def name_in_token(token: str) -> str:
    """Return the name in a nextToken. Raises ValidationException for an invalid token."""
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise ValidationException("The nextToken is not valid.") from None


def epoch(moment: datetime) -> float:
    """Return seconds since 1970, to the millisecond."""
    return round(moment.timestamp(), 3)


def without_absent(members: dict[str, Any]) -> Members:
    """Return the members without those that are None."""
    return {name: value for name, value in members.items() if value is not None}


appflow_backends = BackendDict(AppFlowBackend, "appflow")
