"""The operations on connectors, connector profiles and the entities behind them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import RLock

from moto.core.base_backend import BaseBackend
from moto.core.common_models import BaseModel

from . import connectors
from .behaviour import Behaviour
from .connectors import CUSTOM, WITHOUT_PROFILE, Registration
from .controls import controls
from .definition import Connection, Definition, Members
from .exceptions import (
    ConflictException,
    ConnectorServerException,
    ResourceNotFoundException,
    ValidationException,
)
from .flows import Flow
from .pages import page
from .tokens import TokenCache
from .wire import epoch, without_absent


@dataclass(eq=False)
class ConnectorProfile(BaseModel):
    """A connector profile without its credentials."""

    arn: str
    request: Members
    created_at: datetime
    last_updated_at: datetime

    @property
    def label(self) -> str | None:
        """The label of the custom connector."""
        label: str | None = self.request.get("connectorLabel")
        return label

    def to_json(self) -> Members:
        """Return the entry of DescribeConnectorProfiles."""
        return without_absent(
            {
                "connectorProfileArn": self.arn,
                "connectorProfileName": self.request["connectorProfileName"],
                "connectorType": self.request["connectorType"],
                "connectorLabel": self.label,
                "connectionMode": self.request["connectionMode"],
                "connectorProfileProperties": self.request["connectorProfileConfig"][
                    "connectorProfileProperties"
                ],
                "createdAt": epoch(self.created_at),
                "lastUpdatedAt": epoch(self.last_updated_at),
            }
        )

    def fits(self, request: Members) -> bool:
        """Return whether the filters of DescribeConnectorProfiles select the profile."""
        names = request.get("connectorProfileNames")
        return (not names or self.request["connectorProfileName"] in names) and all(
            request.get(member) in {None, self.request.get(member)}
            for member in ("connectorType", "connectorLabel")
        )


class ConnectorBackend(BaseBackend):
    """Connectors and connector profiles, from request to response. Callers hold ``lock``."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lock = RLock()
        self.flows: dict[str, Flow] = {}
        self.profiles: dict[str, ConnectorProfile] = {}
        self.registrations: dict[str, Registration] = {}
        self._tokens = TokenCache()

    @property
    def behaviour(self) -> Behaviour:
        """The switches, for all accounts and regions of the process."""
        return controls.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        controls.behaviour = behaviour

    @property
    def owner_arn(self) -> str:
        """The principal that creates and updates everything."""
        return f"arn:{self.partition}:iam::{self.account_id}:root"

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a resource of this kind (``flow``, ``connectorprofile``, ``connector``)."""
        return f"arn:{self.partition}:appflow:{self.region_name}:{self.account_id}:{kind}/{name}"

    def label(self, profile_name: str | None) -> str | None:
        """Return the label of the custom connector that a profile is for."""
        profile = self.profiles.get(profile_name or "")
        return None if profile is None else profile.label

    def create_connector_profile(self, request: Members) -> Members:
        """Create a connector profile; its credentials are not stored."""
        return self._once("CreateConnectorProfile", request, self._create_connector_profile)

    def _create_connector_profile(self, request: Members) -> Members:
        name = request["connectorProfileName"]
        if name in self.profiles:
            raise ConflictException(f"Connector Profile with name {name} already exists.")
        now, arn = self.behaviour.now(), self.arn("connectorprofile", name)
        self.profiles[name] = ConnectorProfile(arn, request, now, now)
        return {"connectorProfileArn": arn}

    def update_connector_profile(self, request: Members) -> Members:
        """Replace the connection mode and the configuration of a connector profile."""
        return self._once("UpdateConnectorProfile", request, self._update_connector_profile)

    def _update_connector_profile(self, request: Members) -> Members:
        profile = self._profile(request["connectorProfileName"])
        profile.request = {**profile.request, **request}
        profile.last_updated_at = self.behaviour.now()
        return {"connectorProfileArn": profile.arn}

    def describe_connector_profiles(self, request: Members) -> Members:
        """List connector profiles by name, in pages."""
        wanted = {name: profile for name, profile in self.profiles.items() if profile.fits(request)}
        profiles, token = page(wanted, request, 100)
        return without_absent(
            {"connectorProfileDetails": [profile.to_json() for profile in profiles], "nextToken": token}
        )

    def delete_connector_profile(self, request: Members) -> Members:
        """Delete a connector profile; one that flows use only with forceDelete."""
        name = request["connectorProfileName"]
        self._profile(name)
        users = sorted(flow.name for flow in self.flows.values() if name in profiles_of(flow.definition))
        if users and not request.get("forceDelete"):
            raise ConflictException(f"Connector Profile {name} is used by the flows: {', '.join(users)}")
        del self.profiles[name]
        return {}

    def register_connector(self, request: Members) -> Members:
        """Register a custom connector. Its Lambda function is not called."""
        return self._once("RegisterConnector", request, self._register_connector)

    def _register_connector(self, request: Members) -> Members:
        missing = [
            member
            for member in ("connectorLabel", "connectorProvisioningType", "connectorProvisioningConfig")
            if member not in request
        ]
        if missing or "lambda" not in request["connectorProvisioningConfig"]:
            raise ValidationException(f"{(missing or ['lambda'])[0]} is required to register a connector.")
        label = request["connectorLabel"]
        if label in self.registrations:
            raise ConflictException(f"Connector with label {label} already exists.")
        registration = self.registrations[label] = Registration(
            label=label,
            arn=self.arn("connector", label),
            registered_by=self.owner_arn,
            registered_at=self.behaviour.now(),
            provisioning=request["connectorProvisioningConfig"],
            description=request.get("description"),
        )
        return {"connectorArn": registration.arn}

    def update_connector_registration(self, request: Members) -> Members:
        """Replace the description and the Lambda function of a custom connector."""
        return self._once("UpdateConnectorRegistration", request, self._update_connector_registration)

    def _update_connector_registration(self, request: Members) -> Members:
        registration = self._registration(request["connectorLabel"])
        registration.description = request.get("description", registration.description)
        registration.provisioning = request.get("connectorProvisioningConfig", registration.provisioning)
        return {"connectorArn": registration.arn}

    def unregister_connector(self, request: Members) -> Members:
        """Remove a custom connector; one that profiles use only with forceDelete."""
        registration = self._registration(request["connectorLabel"])
        users = sorted(name for name, profile in self.profiles.items() if profile.label == registration.label)
        if users and not request.get("forceDelete"):
            raise ConflictException(
                f"Connector {registration.label} is used by the connector profiles: {', '.join(users)}"
            )
        del self.registrations[registration.label]
        return {}

    def list_connectors(self, request: Members) -> Members:
        """List custom connectors by label, in pages."""
        found, token = page(self.registrations, request)
        return without_absent({"connectors": [entry.to_json() for entry in found], "nextToken": token})

    def describe_connectors(self, request: Members) -> Members:
        """Describe the connectors that AppFlow provides, in pages."""
        wanted = request.get("connectorTypes") or list(connectors.provided())
        names, token = page({name: name for name in wanted if name != CUSTOM}, request)
        return without_absent(
            {
                "connectorConfigurations": {name: connectors.provided()[name] for name in names},
                "connectors": [connectors.summary(name) for name in names],
                "nextToken": token,
            }
        )

    def describe_connector(self, request: Members) -> Members:
        """Describe a connector that AppFlow provides, or a custom connector by its label."""
        if request["connectorType"] != CUSTOM:
            return {"connectorConfiguration": connectors.provided()[request["connectorType"]]}
        if "connectorLabel" not in request:
            raise ValidationException("connectorLabel is required for CustomConnector.")
        return {"connectorConfiguration": self._registration(request["connectorLabel"]).configuration()}

    def list_connector_entities(self, request: Members) -> Members:
        """List the entities of a connector by name, in pages. None of them contains others."""
        connector, profile = self._connection(request)
        used = {
            end.entity for end in self._connections() if (end.connector, end.profile) == (connector, profile)
        }
        names = controls.entities.names(connector, profile, self.behaviour, used)
        shown, token = page({name: name for name in names}, request, 10_000)
        entities = [{"name": name, "label": name, "hasNestedEntities": False} for name in shown]
        group = {} if request.get("entitiesPath") else {"Objects": entities}
        return without_absent({"connectorEntityMap": group, "nextToken": token})

    def describe_connector_entity(self, request: Members) -> Members:
        """Describe the fields of an entity."""
        connector, profile = self._connection(request)
        entity = request["connectorEntityName"]
        if not (self.behaviour.invent_fields or controls.entities.description(connector, profile, entity)):
            raise ConnectorServerException(
                f"The local AppFlow does not know the fields of {entity}: describe it at /moto-api/appflow/entities."
            )
        used = sorted(self._fields_in_use(connector, profile, entity))
        fields = controls.entities.fields(connector, profile, entity, self.behaviour, used)
        if fields is None:
            raise ResourceNotFoundException(f"Connector Entity with name {entity} does not exist.")
        return {"connectorEntityFields": fields}

    def reset_connector_metadata_cache(self, request: Members) -> Members:
        """Remove cached metadata: the fields of an entity, or the list of entities."""
        connector, profile = self._connection(request)
        controls.entities.reset_cache(connector, profile, request.get("connectorEntityName"))
        return {}

    def _connection(self, request: Members) -> tuple[str, str | None]:
        """Return the connector type and profile that a request names."""
        name, connector = request.get("connectorProfileName"), request.get("connectorType")
        if name is None and connector is None:
            raise ValidationException("connectorType or connectorProfileName is required.")
        if name is not None and (self.behaviour.strict_profiles or connector is None):
            of_profile = self._profile(name).request["connectorType"]
            if connector not in {None, of_profile}:
                raise ValidationException(f"Connector Profile {name} is not for {connector}.")
            return str(of_profile), name
        if connector not in WITHOUT_PROFILE and self.behaviour.strict_profiles:
            raise ValidationException(f"connectorProfileName is required for {connector}.")
        return str(connector), name

    def _connections(self) -> Iterator[Connection]:
        for flow in self.flows.values():
            yield from (flow.definition.source, *flow.definition.destinations)

    def _fields_in_use(self, connector: str, profile: str | None, entity: str) -> set[str]:
        """Return the fields of an entity that flows read or write."""
        wanted = (connector, profile, entity)
        fields: set[str] = set()
        for definition in (flow.definition for flow in self.flows.values()):
            if _key(definition.source) == wanted:
                fields |= definition.source_fields
            if any(_key(destination) == wanted for destination in definition.destinations):
                fields |= definition.destination_fields
        return {field for field in fields if not any(map(str.isspace, field))}

    def _once(self, operation: str, request: Members, act: Callable[[Members], Members]) -> Members:
        return self._tokens.once(operation, request, self.behaviour, lambda: act(request))

    def _profile(self, name: str) -> ConnectorProfile:
        if name not in self.profiles:
            raise ResourceNotFoundException(f"Connector Profile with name {name} does not exist.")
        return self.profiles[name]

    def _registration(self, label: str) -> Registration:
        if label not in self.registrations:
            raise ResourceNotFoundException(f"Connector with label {label} does not exist.")
        return self.registrations[label]


def _key(connection: Connection) -> tuple[str, str | None, str]:
    return connection.connector, connection.profile, connection.entity


def profiles_of(definition: Definition) -> list[str]:
    """Return the connector profiles that a flow uses. A connector that takes none accepts any name."""
    connections = [definition.source, *definition.destinations]
    return [
        end.profile for end in connections if end.profile is not None and end.connector not in WITHOUT_PROFILE
    ]
