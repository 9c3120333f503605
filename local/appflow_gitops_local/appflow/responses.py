"""AppFlow over HTTP: read a request, apply the fault that is set for it, perform it, log the call."""

import json
import socket
from typing import Any
from urllib.parse import unquote, urlparse

from botocore.exceptions import ConnectionClosedError
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import AccessDeniedError
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores

from .calls import Call
from .exceptions import AccessDeniedException, SerializationException
from .faults import Fault
from .models import AppFlowBackend, appflow_backends
from .shapes import read_request, service_model

_TAGS = "/tags/"
_OPERATIONS = {
    (model.http["method"], model.http["requestUri"].partition("{")[0]): name
    for name in service_model().operation_names
    for model in [service_model().operation_model(name)]
}
"""Method and path, without the ARN in it, of each operation."""
_RESOURCES = (
    ("flow", "flowName"),
    ("connectorprofile", "connectorProfileName"),
    ("connector", "connectorLabel"),
)
"""Kind of resource in an ARN, and the member with its name."""


class AppFlowResponse(BaseResponse):
    """Handler for AppFlow requests."""

    # The body is JSON; moto would otherwise read it as a query string too and find an Action in it.
    use_raw_body = True

    def __init__(self) -> None:
        super().__init__(service_name="appflow")

    @property
    def appflow_backend(self) -> AppFlowBackend:
        """The backend of the account and region of the request."""
        return appflow_backends[self.current_account][self.region]

    def call_action(self) -> TYPE_RESPONSE:
        """Perform the call, or the fault that is set for it, and log it."""
        operation: str | None = self._get_action()
        if operation is None:
            return self.unknown_operation(self.normalized_request, self.uri, {})
        backend, flow_name = self.appflow_backend, self._flow_name()
        fault = backend.faults.due(operation, flow_name)
        status: int | None = None
        try:
            response = self._perform() if fault is None else self._fail(fault)
            status = response[0]
        finally:
            token = self._members().get("clientToken")
            backend.calls.record(
                Call(backend.behaviour.now(), self.region, operation, flow_name, token, status)
            )
        return response

    def _perform(self) -> TYPE_RESPONSE:
        self.response_headers["content-type"] = "application/json"
        operation = self._get_action()
        if not hasattr(self, camelcase_to_underscores(operation)):
            return self._error(501, "NotImplementedException", f"The operation {operation} is not supported.")
        with self.appflow_backend.lock:
            response = super().call_action()
        self.appflow_backend.deliver_events()
        return response

    def _fail(self, fault: Fault) -> TYPE_RESPONSE:
        self.appflow_backend.behaviour.sleep(fault.delaySeconds)
        if fault.when == "after":
            self._perform()
            raise self._dropped_response()
        if fault.response_status is None:
            return self._perform()
        return self._error(fault.response_status, fault.error, f"{fault.error} is set as a fault.")

    @classmethod
    def unknown_operation(cls, request: Any, full_url: str, _headers: Any) -> TYPE_RESPONSE:
        """Respond to a method and path that the model does not define."""
        path = urlparse(full_url).path
        return cls._error(
            404, "UnknownOperationException", f"AppFlow has no operation {request.method} {path}."
        )

    @classmethod
    def _error(cls, status: int, error: str | None, message: str) -> TYPE_RESPONSE:
        """Return an error response; without an error type, the status alone."""
        headers, body = {"server": "amazon.com"}, ""
        if error:
            headers |= {"content-type": "application/json", "x-amzn-errortype": error}
            body = json.dumps({"message": message})
        headers, body = cls._enrich_response(headers, body)
        return status, headers, body

    def _dropped_response(self) -> Exception:
        """Close the connection of an HTTP client; in process, return the error that botocore makes of it."""
        if not self.is_werkzeug_request:
            return ConnectionClosedError(endpoint_url=self.uri)
        connection = self.normalized_request.environ.get("werkzeug.socket")
        if connection is not None:
            connection.shutdown(socket.SHUT_RDWR)
        return ConnectionAbortedError("a fault drops the response")

    def _get_action(self) -> str:
        path = _TAGS if self._has_tags_path() else self.parsed_url.path
        return _OPERATIONS.get((self.method, path))  # type: ignore[return-value] # None as in moto's own

    def _authenticate_and_authorize_normal_action(self, resource: str = "*") -> None:
        # Without a body, moto would sign the query string (of UntagResource) instead.
        self.data = self.raw_body
        try:
            super()._authenticate_and_authorize_normal_action(resource)
        except AccessDeniedError as denied:
            raise AccessDeniedException(f"{denied.message} on resource: {resource}") from None

    def _determine_resource(self) -> str:
        """Return the ARN that IAM policies are matched against."""
        if self._has_tags_path():
            return self._resource_arn()
        members = self._members()
        for kind, member in _RESOURCES:
            if isinstance(members.get(member), str):
                return self.appflow_backend.arn(kind, members[member])
        return "*"

    def _flow_name(self) -> str | None:
        if self._has_tags_path():
            return self._resource_arn().partition(":flow/")[2] or None
        name = self._members().get("flowName")
        return name if isinstance(name, str) else None

    def _has_tags_path(self) -> bool:
        return self.parsed_url.path.startswith(_TAGS)

    def _resource_arn(self) -> str:
        """Return the ARN in the path."""
        return unquote(self.parsed_url.path.removeprefix(_TAGS))

    def _members(self) -> dict[str, Any]:
        """Return the members of the body; none if it is not a JSON object."""
        try:
            members = json.loads(self.raw_body or b"{}")
        except (ValueError, RecursionError):
            return {}
        return members if isinstance(members, dict) else {}

    def _request(self) -> dict[str, Any]:
        """Return the request as the model defines it. Raises SerializationException, ValidationException."""
        try:
            members = json.loads(self.raw_body or b"{}")
        except (ValueError, RecursionError):
            raise SerializationException("The request body is not valid JSON.") from None
        if self._has_tags_path() and isinstance(members, dict):
            members = {**members, "resourceArn": self._resource_arn()}
            if "tagKeys" in self.querystring:
                members["tagKeys"] = self.querystring["tagKeys"]
        return read_request(self._get_action(), members)

    def create_flow(self) -> str:
        """Handle CreateFlow."""
        return json.dumps(self.appflow_backend.create_flow(self._request()))

    def describe_flow(self) -> str:
        """Handle DescribeFlow."""
        return json.dumps(self.appflow_backend.describe_flow(self._request()))

    def update_flow(self) -> str:
        """Handle UpdateFlow."""
        return json.dumps(self.appflow_backend.update_flow(self._request()))

    def delete_flow(self) -> str:
        """Handle DeleteFlow."""
        return json.dumps(self.appflow_backend.delete_flow(self._request()))

    def list_flows(self) -> str:
        """Handle ListFlows."""
        return json.dumps(self.appflow_backend.list_flows(self._request()))

    def start_flow(self) -> str:
        """Handle StartFlow."""
        return json.dumps(self.appflow_backend.start_flow(self._request()))

    def stop_flow(self) -> str:
        """Handle StopFlow."""
        return json.dumps(self.appflow_backend.stop_flow(self._request()))

    def describe_flow_execution_records(self) -> str:
        """Handle DescribeFlowExecutionRecords."""
        return json.dumps(self.appflow_backend.describe_flow_execution_records(self._request()))

    def cancel_flow_executions(self) -> str:
        """Handle CancelFlowExecutions."""
        return json.dumps(self.appflow_backend.cancel_flow_executions(self._request()))

    def tag_resource(self) -> str:
        """Handle TagResource."""
        return json.dumps(self.appflow_backend.tag_resource(self._request()))

    def untag_resource(self) -> str:
        """Handle UntagResource."""
        return json.dumps(self.appflow_backend.untag_resource(self._request()))

    def list_tags_for_resource(self) -> str:
        """Handle ListTagsForResource."""
        return json.dumps(self.appflow_backend.list_tags_for_resource(self._request()))

    def create_connector_profile(self) -> str:
        """Handle CreateConnectorProfile."""
        return json.dumps(self.appflow_backend.create_connector_profile(self._request()))

    def describe_connector_profiles(self) -> str:
        """Handle DescribeConnectorProfiles."""
        return json.dumps(self.appflow_backend.describe_connector_profiles(self._request()))

    def delete_connector_profile(self) -> str:
        """Handle DeleteConnectorProfile."""
        return json.dumps(self.appflow_backend.delete_connector_profile(self._request()))

    def list_connector_entities(self) -> str:
        """Handle ListConnectorEntities."""
        return json.dumps(self.appflow_backend.list_connector_entities(self._request()))

    def describe_connector_entity(self) -> str:
        """Handle DescribeConnectorEntity."""
        return json.dumps(self.appflow_backend.describe_connector_entity(self._request()))

    def reset_connector_metadata_cache(self) -> str:
        """Handle ResetConnectorMetadataCache."""
        return json.dumps(self.appflow_backend.reset_connector_metadata_cache(self._request()))

    def update_connector_profile(self) -> str:
        """Handle UpdateConnectorProfile."""
        return json.dumps(self.appflow_backend.update_connector_profile(self._request()))

    def register_connector(self) -> str:
        """Handle RegisterConnector."""
        return json.dumps(self.appflow_backend.register_connector(self._request()))

    def update_connector_registration(self) -> str:
        """Handle UpdateConnectorRegistration."""
        return json.dumps(self.appflow_backend.update_connector_registration(self._request()))

    def unregister_connector(self) -> str:
        """Handle UnregisterConnector."""
        return json.dumps(self.appflow_backend.unregister_connector(self._request()))

    def list_connectors(self) -> str:
        """Handle ListConnectors."""
        return json.dumps(self.appflow_backend.list_connectors(self._request()))

    def describe_connectors(self) -> str:
        """Handle DescribeConnectors."""
        return json.dumps(self.appflow_backend.describe_connectors(self._request()))

    def describe_connector(self) -> str:
        """Handle DescribeConnector."""
        return json.dumps(self.appflow_backend.describe_connector(self._request()))
