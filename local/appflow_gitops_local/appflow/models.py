"""AppFlowBackend: the flows and connector profiles of one account and region, and what each operation does to
them.

``responses`` calls it with requests that :mod:`shapes` has read. The texts of the conflicts with an existing
or active flow, of a missing profile and of the wrappers around problems are AWS's, seen in public; the rest
is ours.
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
from .tokens import TokenMemory

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
        """The run as lastRunExecutionDetails, at this time."""
        return {
            "mostRecentExecutionTime": epoch(self.started),
            "mostRecentExecutionStatus": "InProgress" if now < self.ends else "Successful",
        }


@dataclass(eq=False)
class Flow(BaseModel):
    """A flow as the service keeps it."""

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
        """Whether it is activated and deactivated, rather than run on demand."""
        return self.definition.trigger_type != "OnDemand"

    def replace(self, definition: Definition, behaviour: Behaviour) -> None:
        """Take over a new definition as a whole; what it leaves out is gone."""
        if definition.tasks != self.definition.tasks:
            self.schema_version += 1
        self.status = status_after_update(self, definition, behaviour)
        self.definition = definition
        # Two updates within one tick of the clock must still be told apart by their times.
        self.touch(behaviour)

    def touch(self, behaviour: Behaviour) -> None:
        """Count as updated now; no two updates share a moment."""
        self.last_updated_at = max(behaviour.now(), self.last_updated_at + _TICK)

    def summary(self, now: datetime) -> Members:
        """The flow as ListFlows shows it."""
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
        """The flow as DescribeFlow shows it."""
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
    """The flowStatus that an update leads to.

    A new trigger type decides alone: on-demand flows are Active, others wait in Draft for StartFlow.
    """
    if definition.trigger_type != flow.definition.trigger_type:
        return first_status(definition)
    if flow.status in _INACTIVE and behaviour.update_of_inactive != "keep":
        return behaviour.update_of_inactive
    if flow.status == "Active" and flow.runs_by_itself:
        return behaviour.update_of_active_schedule
    return flow.status


def first_status(definition: Definition) -> str:
    """The flowStatus of a new flow."""
    return "Active" if definition.trigger_type == "OnDemand" else "Draft"


@dataclass(eq=False)
class ConnectorProfile(BaseModel):
    """A connector profile, its credentials left out."""

    arn: str
    request: Members
    created_at: datetime

    def to_json(self) -> Members:
        """The profile as DescribeConnectorProfiles shows it."""
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
        """Whether DescribeConnectorProfiles asks for it."""
        names = request.get("connectorProfileNames")
        return (not names or self.request["connectorProfileName"] in names) and all(
            request.get(member) in {None, self.request.get(member)}
            for member in ("connectorType", "connectorLabel")
        )


class AppFlowBackend(BaseBackend):
    """The operations of AppFlow. Callers hold ``lock``; each takes a request as read and gives the answer's
    members.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lock = RLock()
        self.flows: dict[str, Flow] = {}
        self.profiles: dict[str, ConnectorProfile] = {}
        self._tokens = TokenMemory()

    def reset(self) -> None:
        """Forget everything, the controls of the process too."""
        super().reset()
        controls.reset()

    @property
    def behaviour(self) -> Behaviour:
        """How the service behaves, in every account and region of the process."""
        return controls.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        controls.behaviour = behaviour

    @property
    def faults(self) -> Faults:
        """The faults that are due, in every account and region of the process."""
        return controls.faults

    @property
    def calls(self) -> Calls:
        """The calls that arrived, in every account and region of the process."""
        return controls.calls

    def arn(self, kind: str, name: str) -> str:
        """The ARN of a ``flow`` or ``connectorprofile``."""
        return f"arn:{self.partition}:appflow:{self.region_name}:{self.account_id}:{kind}/{name}"

    def create_flow(self, request: Members) -> Members:
        """A new flow: Active on demand, Draft otherwise."""
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
        """The whole definition replaced, the rest kept."""
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
        """The flow, with everything that the service adds."""
        key = uuid5(NAMESPACE_URL, self.arn("key", "default"))
        service_key = f"arn:{self.partition}:kms:{self.region_name}:{self.account_id}:key/{key}"
        return self._flow(request).description(self.behaviour, self.account_id, service_key)

    def list_flows(self, request: Members) -> Members:
        """A page of flows, by name."""
        now = self.behaviour.now()
        flows, token = page(self.flows, request)
        return without_absent({"flows": [flow.summary(now) for flow in flows], "nextToken": token})

    def delete_flow(self, request: Members) -> Members:
        """One flow less; an activated one only by force."""
        flow = self._flow(request)
        if flow.status == "Active" and flow.runs_by_itself and not request.get("forceDelete"):
            raise ConflictException(
                f"Flow is in active state, please set forceDelete to true or deactivate the flow: {flow.name}"
            )
        del self.flows[flow.name]
        return {}

    def start_flow(self, request: Members) -> Members:
        """A run of an on-demand flow, the activation of any other."""
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
        """The deactivation of a scheduled or event flow."""
        flow = self._flow(request)
        if not flow.runs_by_itself:
            raise UnsupportedOperationException(f"The on-demand flow {flow.name} cannot be stopped.")
        flow.status = "Suspended"
        return {"flowArn": flow.arn, "flowStatus": flow.status}

    def tag_resource(self, request: Members) -> Members:
        """Tags of a flow added or replaced."""
        flow = self._tagged(request)
        tags = {**flow.tags, **request["tags"]}
        check_tag_count(tags)
        self._retag(flow, tags)
        return {}

    def untag_resource(self, request: Members) -> Members:
        """Tags of a flow removed; keys that it does not have are no error."""
        flow = self._tagged(request)
        self._retag(flow, {key: value for key, value in flow.tags.items() if key not in request["tagKeys"]})
        return {}

    def _retag(self, flow: Flow, tags: dict[str, str]) -> None:
        flow.tags = tags
        if self.behaviour.tags_are_updates:
            flow.touch(self.behaviour)

    def list_tags_for_resource(self, request: Members) -> Members:
        """The tags of a flow."""
        return {"tags": dict(self._tagged(request).tags)}

    def create_connector_profile(self, request: Members) -> Members:
        """A new profile; its credentials are not kept."""
        return self._once("CreateConnectorProfile", request, self._create_connector_profile)

    def _create_connector_profile(self, request: Members) -> Members:
        name = request["connectorProfileName"]
        if name in self.profiles:
            raise ConflictException(f"Connector Profile with name {name} already exists.")
        arn = self.arn("connectorprofile", name)
        self.profiles[name] = ConnectorProfile(arn, request, self.behaviour.now())
        return {"connectorProfileArn": arn}

    def describe_connector_profiles(self, request: Members) -> Members:
        """A page of the profiles that are asked for, by name."""
        wanted = {name: profile for name, profile in self.profiles.items() if profile.fits(request)}
        profiles, token = page(wanted, request)
        return without_absent(
            {"connectorProfileDetails": [profile.to_json() for profile in profiles], "nextToken": token}
        )

    def delete_connector_profile(self, request: Members) -> Members:
        """One profile less; one that flows use only by force."""
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
            raise ConnectorServerException(f"There is no object under {prefix!r} in the bucket {bucket}.")

    def _bucket_holds(self, name: str, prefix: str) -> bool:
        from moto.s3.models import s3_backends  # noqa: PLC0415 - slow, and asked for by one switch only

        bucket = s3_backends[self.account_id][self.partition].buckets.get(name)
        return bucket is not None and any(key.startswith(prefix) for key in bucket.keys)


def profiles_of(definition: Definition) -> list[str]:
    """The connector profiles that a flow names."""
    connections = [definition.source, *definition.destinations]
    return [connection.profile for connection in connections if connection.profile is not None]


def profile_missing(name: str) -> ResourceNotFoundException:
    """The error for a connector profile that is not there."""
    return ResourceNotFoundException(f"Connector Profile with name {name} does not exist.")


def check_tag_count(tags: dict[str, str]) -> None:
    """Raises ValidationException where a resource would have more tags than AWS allows."""
    if len(tags) > TAGS_PER_RESOURCE:
        raise ValidationException(f"A resource can have {TAGS_PER_RESOURCE} tags at most, not {len(tags)}.")


def page(items: dict[str, Item], request: Members) -> tuple[list[Item], str | None]:
    """The items from nextToken on, by name, at most maxResults of them, and the token for the next page if
    any.

    The token holds the last name shown, so items that come and go between two pages move no other.
    """
    after = name_in_token(request["nextToken"]) if "nextToken" in request else ""
    names = sorted(name for name in items if name > after)
    size = request.get("maxResults", PAGE_SIZE)
    token = base64.urlsafe_b64encode(names[size - 1].encode()).decode() if len(names) > size else None
    return [items[name] for name in names[:size]], token


def name_in_token(token: str) -> str:
    """The name in a nextToken. Raises ValidationException where the service did not give it."""
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise ValidationException("The nextToken is not valid.") from None


def epoch(moment: datetime) -> float:
    """Seconds since 1970, to the millisecond."""
    return round(moment.timestamp(), 3)


def without_absent(members: dict[str, Any]) -> Members:
    """Members whose value is None left out, as AWS leaves them out."""
    return {name: value for name, value in members.items() if value is not None}


appflow_backends = BackendDict(AppFlowBackend, "appflow")
