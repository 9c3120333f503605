"""template.yaml into the running local cloud, through the same APIs that a deployment to AWS uses.

``cloud`` calls ``deploy`` once the server answers; what it returns is all that ``delivery`` and ``runtime``
need.
"""

import ast
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from appflow_gitops_local import template as sam
from appflow_gitops_local.clients import Cloud
from appflow_gitops_local.delivery import AsyncTrigger, QueueTrigger
from appflow_gitops_local.iam import Grant, Role, grants
from appflow_gitops_local.parameters import check_parameters
from appflow_gitops_local.runtime import Credentials, Function
from appflow_gitops_local.template import Deployable, TemplateError


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployed stack. Functions have their physical names."""

    outputs: Mapping[str, str]
    functions: Mapping[str, Function]
    roles: Mapping[str, Role]
    """Access key id of a function -> the role that it has assumed."""
    log_groups: Mapping[str, str]
    mappings: tuple[QueueTrigger, ...]
    invocations: tuple[AsyncTrigger, ...]
    skipped: Mapping[str, str]


def deploy(
    path: Path, stack: str, parameters: Mapping[str, str], cloud: Cloud, concurrency: int
) -> Deployment:
    """Deploy the SAM template at ``path``. Raises TemplateError.

    ``concurrency`` caps how many workers poll one queue.
    """
    written = sam.read_template(path)
    check_parameters(written.get("Parameters", {}), parameters)
    code = sam.code_folders(written, path.parent)
    placed = sam.with_code_at(written, *_placeholder_code(cloud, stack))
    deployable = sam.deployable(sam.transformed(placed, parameters, cloud.region), code, _known_to_moto)
    _create(cloud, stack, deployable.template, parameters)
    created = _Stack(cloud, stack, deployable)
    created.configure_buckets()
    functions = created.functions()
    return Deployment(
        outputs=created.outputs(),
        functions=functions,
        roles={function.credentials.key: created.role(function) for function in functions.values()},
        log_groups=created.log_groups(),
        mappings=created.mappings(concurrency),
        invocations=created.invocations(),
        skipped=deployable.skipped,
    )


def _known_to_moto(resource_type: str) -> bool:
    # Imports most of moto, which takes more than a second: a template error is reported first.
    from moto.cloudformation.parsing import get_model_map  # noqa: PLC0415

    return resource_type in get_model_map()


def _placeholder_code(cloud: Cloud, stack: str) -> tuple[str, str]:
    """An object that moto can take for code; the functions run from their folders."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("README", "The functions of the local cloud run from their folders.")
    bucket, key = f"{stack}-local-code", "placeholder.zip"
    storage = cloud.client("s3")
    # S3 does not accept the name of us-east-1 as a location.
    elsewhere = cloud.region != "us-east-1"
    location = {"CreateBucketConfiguration": {"LocationConstraint": cloud.region}} if elsewhere else {}
    storage.create_bucket(Bucket=bucket, **location)
    storage.put_object(Bucket=bucket, Key=key, Body=content.getvalue())
    return bucket, key


def _create(cloud: Cloud, stack: str, template: sam.Template, parameters: Mapping[str, str]) -> None:
    formation = cloud.client("cloudformation")
    try:
        formation.create_stack(
            StackName=stack,
            TemplateBody=json.dumps(template),
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        )
    except ClientError as error:
        raise TemplateError(f"the stack cannot be created: {error}") from None
    status = formation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    if status != "CREATE_COMPLETE":
        raise TemplateError(f"the stack cannot be created: it is {status}")


class _Stack:
    """A created stack: what its logical ids refer to."""

    def __init__(self, cloud: Cloud, name: str, deployable: Deployable) -> None:
        self._cloud = cloud
        self._name = name
        self._deployable = deployable
        resources = cloud.client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
        self._ids = {
            found["LogicalResourceId"]: found["PhysicalResourceId"]
            for found in resources
            if "PhysicalResourceId" in found
        }

    def outputs(self) -> dict[str, str]:
        found = self._cloud.client("cloudformation").describe_stacks(StackName=self._name)["Stacks"][0]
        return {
            output["OutputKey"]: self._cloud.reachable(output["OutputValue"])
            for output in found.get("Outputs", [])
        }

    def configure_buckets(self) -> None:
        """Do what moto's CloudFormation leaves out: versioning and events to EventBridge."""
        storage = self._cloud.client("s3")
        for name, resource in self._deployable.template["Resources"].items():
            if resource["Type"] != sam.BUCKET or name not in self._ids:
                continue
            properties = resource.get("Properties", {})
            if versioning := properties.get("VersioningConfiguration"):
                storage.put_bucket_versioning(Bucket=self._ids[name], VersioningConfiguration=versioning)
            if properties.get("NotificationConfiguration", {}).get("EventBridgeConfiguration"):
                storage.put_bucket_notification_configuration(
                    Bucket=self._ids[name], NotificationConfiguration={"EventBridgeConfiguration": {}}
                )

    def functions(self) -> dict[str, Function]:
        service = self._cloud.client("lambda")
        found = {}
        for logical, folders in self._deployable.code.items():
            described = service.get_function_configuration(FunctionName=self._ids[logical])
            variables = described.get("Environment", {}).get("Variables", {})
            found[described["FunctionName"]] = Function(
                name=described["FunctionName"],
                arn=described["FunctionArn"],
                handler=described["Handler"],
                timeout=int(described["Timeout"]),
                memory=int(described["MemorySize"]),
                path=folders,
                environment={name: self._cloud.reachable(str(value)) for name, value in variables.items()},
                credentials=self._assumed(described["Role"], described["FunctionName"]),
            )
        return found

    def _assumed(self, role_arn: str, session: str) -> Credentials:
        given = self._cloud.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=session)[
            "Credentials"
        ]
        return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def role(self, function: Function) -> Role:
        """Return the role of a function, as its session sees it."""
        described = self._cloud.client("lambda").get_function_configuration(FunctionName=function.name)
        name = described["Role"].rpartition("/")[2]
        account = described["Role"].split(":")[4]
        policies = [*self._inline_policies(name), *self._attached_policies(name)]
        try:
            found: list[Grant] = [grant for policy in policies for grant in grants(policy)]
        except ValueError as error:
            raise TemplateError(f"unsupported policy of role '{name}': {error}") from None
        return Role(f"arn:aws:sts::{account}:assumed-role/{name}/{function.name}", tuple(found))

    def _inline_policies(self, role: str) -> Iterator[dict[str, Any]]:
        service = self._cloud.client("iam")
        for name in service.list_role_policies(RoleName=role)["PolicyNames"]:
            document = service.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            # moto stores the document of a CloudFormation resource as the text of a Python value.
            yield ast.literal_eval(document) if isinstance(document, str) else document

    def _attached_policies(self, role: str) -> Iterator[dict[str, Any]]:
        service = self._cloud.client("iam")
        for attached in service.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
            policy = service.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
            version = service.get_policy_version(
                PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"]
            )
            yield version["PolicyVersion"]["Document"]

    def log_groups(self) -> dict[str, str]:
        return {
            self._ids[function]: self._ids[group] for function, group in self._deployable.log_groups.items()
        }

    def mappings(self, concurrency: int) -> tuple[QueueTrigger, ...]:
        found = self._cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        return tuple(queue_trigger(mapping, concurrency) for mapping in found)

    def invocations(self) -> tuple[AsyncTrigger, ...]:
        return tuple(
            AsyncTrigger(
                queue=self._queue(queue),
                function=self._ids[function],
                retries=policy.retries,
                dead_letters=self._queue(policy.dead_letters) if policy.dead_letters else None,
                on_failure=self._queue(policy.on_failure) if policy.on_failure else None,
            )
            for function, queue in self._deployable.invocations.items()
            for policy in [self._deployable.async_policies[function]]
        )

    def _queue(self, logical: str) -> str:
        """The name of a queue, which is the end of its URL."""
        return str(self._ids[logical]).rpartition("/")[2]


def queue_trigger(mapping: Mapping[str, Any], concurrency: int) -> QueueTrigger:
    """Return the trigger of an entry of ListEventSourceMappings; ``concurrency`` caps its own maximum."""
    maximum = (mapping.get("ScalingConfig") or {}).get("MaximumConcurrency")
    return QueueTrigger(
        queue=mapping["EventSourceArn"].rpartition(":")[2],
        queue_arn=mapping["EventSourceArn"],
        function=mapping["FunctionArn"].rpartition(":")[2],
        batch_size=int(mapping["BatchSize"]),
        partial="ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or []),
        concurrency=min(concurrency, int(maximum or concurrency)),
    )
