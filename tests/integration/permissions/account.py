"""An account with the stack in it, and the functions running in it with their own roles and nothing more."""

import ast
import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core.authorization import enable_iam_authentication

from appflow_gitops.sync.errors import SyncError
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.clients import Cloud
from appflow_gitops_local.deployment import Deployment, deploy
from appflow_gitops_local.iam import Account as Place
from appflow_gitops_local.iam import Call, Grant, Operation, grants, needed, needed_for_a_missing_object
from appflow_gitops_local.runtime import Function
from fakes.flows import LENIENT
from template.stack import TEMPLATE

REGION = "us-east-1"
HERE = Place(REGION, "123456789012")
NOT_FOUND = 404
PORTS = ("intake", "attempts", "detector", "schema_detector", "dead_letters", "watcher")
"""What makes the ports of a function, in its handler's module."""
PARAMETERS = {
    "FlowNamePrefix": "team-",
    "CheckFields": "refuse",
    "CreateMissingFlows": "true",
    "ConnectorProfiles": f"arn:aws:appflow:{REGION}:123456789012:connectorprofile/team-*",
    "FlowBuckets": "arn:aws:s3:::team-lake",
    "GlueCatalogRoles": "arn:aws:iam::123456789012:role/team-catalog",
    "FlowKeys": f"arn:aws:kms:{REGION}:123456789012:key/11111111-2222-3333-4444-555555555555",
    "KmsKey": f"arn:aws:kms:{REGION}:123456789012:key/66666666-7777-8888-9999-000000000000",
    "Stage": "dev",
    "SelfHeal": "true",
}
"""Everything that adds a permission is switched on, everything that narrows one is narrowed."""


class InMemory(Cloud):
    """The services of moto, without a server."""

    def __init__(self) -> None:
        super().__init__("https://queue.amazonaws.com", REGION)
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            create: Callable[..., Any] = (
                self._session.client
            )  # the stubs know services by their literal names
            self._clients[service] = create(service)
        return self._clients[service]


@dataclass(frozen=True, slots=True)
class Context:
    """What the handlers use of Lambda's context."""

    function_name: str
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn"
    aws_request_id: str = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@dataclass(slots=True)
class Judge:
    """Watches the calls of one function, and denies those that its grants do not allow."""

    grants: tuple[Grant, ...]
    called: set[Call] = field(default_factory=set)
    denied: set[Call] = field(default_factory=set)

    def watch(self, session: boto3.Session) -> None:
        session.events.register("before-parameter-build", self._before)
        session.events.register("needs-retry", self._after)

    def _before(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: object) -> None:
        operation = Operation(model.service_model.service_name, model.name, params)
        context["judged"] = needed_for_a_missing_object(operation, HERE)
        for call in needed(operation, HERE):
            assert call.resource is not None, f"{call.action} has no entry in the table of iam.py"
            self._judge(call, model.name)

    def _after(self, response: Any, operation: Any, request_dict: dict[str, Any], **_: object) -> None:
        if response and response[0].status_code == NOT_FOUND:
            for call in request_dict["context"]["judged"]:
                self._judge(call, operation.name)

    def _judge(self, call: Call, operation: str) -> None:
        self.called.add(call)
        if not any(grant.allows(call) for grant in self.grants):
            self.denied.add(call)
            denied: Any = {
                "Error": {"Code": "AccessDenied", "Message": f"{call.action} on {call.resource}"},
                "ResponseMetadata": {"HTTPStatusCode": 403},
            }
            raise ClientError(denied, operation)


class Account:
    """The deployed stack. ``client`` may do everything; what ``run`` runs may do what its role allows."""

    def __init__(self) -> None:
        self._cloud = InMemory()
        self.stack: Deployment = deploy(TEMPLATE, "appflow-gitops", PARAMETERS, self._cloud, 1)
        self.bucket = self.stack.outputs["DocumentsBucketName"]
        self.queue = self.stack.outputs["FlowChangesQueueUrl"]
        self._heard = self._listen()
        self.grants = {name: self._grants(function) for name, function in self._functions().items()}

    def client(self, service: str) -> Any:
        """A client with all permissions."""
        return self._cloud.client(service)

    def drop(self, key: str, content: str) -> str:
        """Store an object in the documents bucket; its version id."""
        put = self.client("s3").put_object(Bucket=self.bucket, Key=key, Body=content.encode())
        return str(put["VersionId"])

    def empty(self) -> None:
        """No flows, no documents, no messages, no faults."""
        flows, storage = self.client("appflow"), self.client("s3")
        controls.reset()
        controls.behaviour = LENIENT
        for flow in flows.list_flows()["flows"]:
            flows.delete_flow(flowName=flow["flowName"], forceDelete=True)
        versions = storage.list_object_versions(Bucket=self.bucket)
        for entry in [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]:
            storage.delete_object(Bucket=self.bucket, Key=entry["Key"], VersionId=entry["VersionId"])
        self.ends()

    def ends(self) -> set[str]:
        """What was reported since the last call, and ``Queued`` where a change was queued.

        Outcomes, drifts and healths, and the objects whose fields changed.
        """
        reported = [event["detail"]["data"] for event in self._taken(self._heard)]
        ends = {
            data.get("outcome") or data.get("drift") or data.get("health") or data["connectorEntityName"]
            for data in reported
        }
        return ends | ({"Queued"} if self._taken(self.queue) else set())

    def _taken(self, url: str) -> list[dict[str, Any]]:
        """The bodies of a queue's messages, which are then gone."""
        queue, found = self.client("sqs"), []
        while messages := queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
        return found

    def run(self, name: str, event: dict[str, Any], without: Grant | None = None) -> Judge:
        """What a function calls for an event, with its role less one grant."""
        function = self._functions()[name]
        judge = Judge(tuple(grant for grant in self.grants[name] if grant != without))
        role = self._role(function)
        session = self.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName=name)["Credentials"]
        environment = {
            **function.environment,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
            "AWS_SESSION_TOKEN": session["SessionToken"],
        }
        with pytest.MonkeyPatch.context() as patch:
            for variable, value in environment.items():
                patch.setenv(variable, value)
            handler = import_module(f"{name}.handler")
            # A denied call may bring the event back, which is not the question here.
            with fresh_clients(handler, judge), enable_iam_authentication(), contextlib.suppress(SyncError):
                handler.handler(event, Context(function.name))
        for receipt in [record.get("receiptHandle") for record in event.get("Records", ())]:
            if receipt:
                self.client("sqs").delete_message(QueueUrl=self.queue, ReceiptHandle=receipt)
        return judge

    def _functions(self) -> dict[str, Function]:
        return {function.handler.partition(".")[0]: function for function in self.stack.functions.values()}

    def _role(self, function: Function) -> dict[str, Any]:
        described = self.client("lambda").get_function_configuration(FunctionName=function.name)
        name = described["Role"].rsplit("/", 1)[-1]
        role: dict[str, Any] = self.client("iam").get_role(RoleName=name)["Role"]
        return role

    def _grants(self, function: Function) -> tuple[Grant, ...]:
        """The role's grants, after its policies were brought into a form that moto can judge."""
        service, role = self.client("iam"), self._role(function)["RoleName"]
        found: list[Grant] = []
        for name in service.list_role_policies(RoleName=role)["PolicyNames"]:
            policy = service.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            # moto keeps what it was given by CloudFormation as the text of a Python value.
            document = ast.literal_eval(policy) if isinstance(policy, str) else policy
            found += grants(document)
            service.put_role_policy(
                RoleName=role, PolicyName=name, PolicyDocument=json.dumps(as_moto_judges(document))
            )
        return tuple(found)

    def _listen(self) -> str:
        queues, events = self.client("sqs"), self.client("events")
        heard = queues.create_queue(QueueName="heard")["QueueUrl"]
        arn = queues.get_queue_attributes(QueueUrl=heard, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        bus, pattern = self.stack.outputs["EventBusName"], '{"source": ["appflow-gitops"]}'
        events.put_rule(Name="heard", EventBusName=bus, EventPattern=pattern)
        events.put_targets(Rule="heard", EventBusName=bus, Targets=[{"Id": "heard", "Arn": arn}])
        return str(heard)


def as_moto_judges(policy: dict[str, Any]) -> dict[str, Any]:
    """A policy without what moto takes for a denial.

    It denies every statement with a condition, knows no resource for the bus, and takes the batch for another action.
    """
    return {**policy, "Statement": [_statement_as_moto_judges(each) for each in policy["Statement"]]}


def _statement_as_moto_judges(statement: dict[str, Any]) -> dict[str, Any]:
    adapted = {member: value for member, value in statement.items() if member != "Condition"}
    match statement["Action"]:
        case "events:PutEvents":
            return {**adapted, "Resource": "*"}
        case "sqs:SendMessage":
            return {**adapted, "Action": "sqs:SendMessageBatch"}
    return adapted


@contextlib.contextmanager
def fresh_clients(handler: Any, judge: Judge) -> Iterator[None]:
    """Inside, the function creates new clients and ``judge`` watches them; afterwards they are forgotten."""
    ports = [getattr(handler, name) for name in PORTS if hasattr(handler, name)]
    boto3.setup_default_session()
    judge.watch(boto3._get_default_session())
    for port in ports:
        port.cache_clear()
    try:
        yield
    finally:
        for port in ports:
            port.cache_clear()
        boto3.DEFAULT_SESSION = None
