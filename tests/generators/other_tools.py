"""Requests as other tools write them, derived from botocore's model and independent of the converter's tables.

Each function returns the content of a file that declares the flow: a template of CloudFormation, a Terraform state, the
output of ``terraform show -json``, the output of ``pulumi stack export``, a response of the Cloud Control API.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from appflow_gitops.flows.live import LiveFlow
from generators.requests import Request, shape_of

File = dict[str, Any]

_TF_NAMES = {
    "flowName": "name",
    "destinationFlowConfigList": "destination_flow_config",
    "tasks": "task",
    "pathPrefixHierarchy": "prefix_hierarchy",
    "maxParallelism": "max_page_size",
    "timezone": "timezone",
    "failOnFirstDestinationError": "fail_on_first_destination_error",
}
_PULUMI_NAMES = {
    "flowName": "name",
    "destinationFlowConfigList": "destinationFlowConfigs",
    "pathPrefixHierarchy": "prefixHierarchies",
    "maxParallelism": "maxPageSize",
    "connectorOperator": "connectorOperators",
    "SAPOData": "sapoData",
}
_CFN_NAMES = {
    "kmsArn": "KMSArn",
    "timezone": "TimeZone",
    "failOnFirstDestinationError": "FailOnFirstError",
    "paginationConfig": "paginationConfig",
    "parallelismConfig": "parallelismConfig",
    "maxPageSize": "maxPageSize",
    "maxParallelism": "maxParallelism",
}
_EMPTY = {"string": "", "boolean": False, "integer": 0, "long": 0, "map": None, "list": None, "timestamp": ""}
_ARN = "arn:aws:appflow:eu-west-1:123456789012:flow/orders"
_DEFAULT_KEY = "arn:aws:kms:eu-west-1:123456789012:key/0f0f0f0f-0000-4000-8000-000000000000"


def cloudformation(document: Request, _live: LiveFlow | None = None) -> File:
    """Return a template; the logical id is Orders."""
    resource = {"Type": "AWS::AppFlow::Flow", "Properties": _properties(document)}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Orders": resource}}


def cloud_control(document: Request, live: LiveFlow) -> File:
    """Return the response of GetResource, which reads the live flow."""
    state = {"FlowArn": live.arn, "FlowStatus": live.status, "KMSArn": _DEFAULT_KEY}
    properties = _properties({**live.configuration, "tags": document.get("tags", {})}) | state
    described = {"Identifier": document["flowName"], "Properties": json.dumps(properties)}
    return {"TypeName": "AWS::AppFlow::Flow", "ResourceDescription": described}


def terraform_state(document: Request, _live: LiveFlow | None = None) -> File:
    """Return a state of version 4; the address is ``module.crm.aws_appflow_flow.orders["eu"]``."""
    instance = {
        "index_key": "eu",
        "schema_version": 0,
        "attributes": _attributes(document),
        "sensitive_attributes": [],
    }
    resource = {
        "module": "module.crm",
        "mode": "managed",
        "type": "aws_appflow_flow",
        "name": "orders",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [instance],
    }
    return {
        "version": 4,
        "terraform_version": "1.9.5",
        "serial": 7,
        "lineage": "4f1f",
        "outputs": {},
        "resources": [resource],
    }


def terraform_show(document: Request, _live: LiveFlow | None = None) -> File:
    """Return the output of ``terraform show -json``, with the flow in a module."""
    resource = {
        "address": "module.crm.aws_appflow_flow.orders",
        "mode": "managed",
        "type": "aws_appflow_flow",
        "name": "orders",
        "schema_version": 0,
        "values": _attributes(document),
        "sensitive_values": {"destination_flow_config": [{}], "task": [{}], "trigger_config": [{}]},
    }
    module = {"address": "module.crm", "resources": [resource]}
    values = {"root_module": {"child_modules": [module]}}
    return {"format_version": "1.0", "terraform_version": "1.9.5", "values": values}


def terraform_awscc(document: Request, _live: LiveFlow | None = None) -> File:
    """Return a state of the provider awscc, which has the structure of CloudFormation."""
    state = terraform_state(document)
    (resource,) = state["resources"]
    resource["type"] = "awscc_appflow_flow"
    absent = {"flow_arn": _ARN, "id": document["flowName"], "metadata_catalog_config": None}
    resource["instances"][0]["attributes"] = absent | _properties(document, _snake_name)
    return state


def pulumi_native(document: Request, _live: LiveFlow | None = None) -> File:
    """Return the output of ``pulumi stack export`` with the provider aws-native, with CloudFormation's structure."""
    stack = pulumi(document)
    (resource,) = stack["deployment"]["resources"]
    inputs = _properties(
        document, lambda name: {"SAPOData": "sapoData"}.get(name, name[0].lower() + name[1:])
    )
    resource |= {"type": "aws-native:appflow:Flow", "inputs": inputs, "outputs": inputs}
    return stack


def pulumi(document: Request, _live: LiveFlow | None = None) -> File:
    """Return the output of ``pulumi stack export``."""
    inputs = _pulumi(document, shape_of(), extras(document)) | {"__defaults": []}
    resource = {
        "urn": "urn:pulumi:prod::crm::aws:appflow/flow:Flow::orders",
        "custom": True,
        "id": _ARN,
        "type": "aws:appflow/flow:Flow",
        "inputs": inputs,
        "outputs": inputs | {"arn": _ARN, "tagsAll": document.get("tags", {}), "kmsArn": _DEFAULT_KEY},
    }
    return {"version": 3, "deployment": {"manifest": {"version": "v3.140.0"}, "resources": [resource]}}


ALL: list[Callable[[Request, LiveFlow], File]] = [
    cloudformation,
    cloud_control,
    terraform_state,
    terraform_show,
    terraform_awscc,
    pulumi,
    pulumi_native,
]


def extras(document: Request) -> Request:
    """Return the members of a document that UpdateFlow does not have."""
    return {name: document[name] for name in ("kmsArn", "tags", "flowStatus") if name in document}


# CloudFormation


def _properties(document: Request, rename: Callable[[str], str] | None = None) -> File:
    spell = rename or _cfn_name
    properties: File = _in_cloudformation(document, shape_of(), spell)
    for name, value in extras(document).items():
        properties[spell(name)] = _pairs(value, spell) if name == "tags" else value
    return properties


def _in_cloudformation(value: Any, shape: Any, spell: Callable[[str], str]) -> Any:
    if shape.type_name == "list":
        return [_in_cloudformation(item, shape.member, spell) for item in value]
    if shape.type_name == "map":
        return _pairs(value, spell) if shape.name == "TaskPropertiesMap" else dict(value)
    if shape.type_name != "structure":
        return value
    if shape.name == "TriggerProperties":
        inner = shape.members["Scheduled"]
        return _in_cloudformation(value["Scheduled"], inner, spell) if "Scheduled" in value else {}
    return {
        spell(name): _in_cloudformation(value[name], member, spell)
        for name, member in shape.members.items()
        if name in value
    }


def _cfn_name(name: str) -> str:
    return _CFN_NAMES.get(name, name[0].upper() + name[1:])


def _snake_name(name: str) -> str:
    names = {
        "SAPOData": "sapo_data",
        "timezone": "time_zone",
        "failOnFirstDestinationError": "fail_on_first_error",
    }
    return names.get(name) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _pairs(value: dict[str, str], spell: Callable[[str], str]) -> list[File]:
    return [{spell("key"): key, spell("value"): inner} for key, inner in value.items()]


# Terraform


def _attributes(document: Request) -> File:
    attributes: File = _snake(document, shape_of())
    tags = document.get("tags")
    return attributes | {
        "id": _ARN,
        "arn": _ARN,
        "kms_arn": document.get("kmsArn", _DEFAULT_KEY),
        "flow_status": "Active",
        "tags": tags,
        "tags_all": tags or {},
    }


def _snake(value: Any, shape: Any) -> Any:
    """Return the value as the state has it: absent members are empty, objects are lists of one."""
    if shape.type_name == "list":
        if shape.member.type_name == "structure":
            return [_snake(item, shape.member) for item in value]
        return list(value)
    if shape.type_name == "timestamp":
        return _rfc_3339(value)
    if shape.type_name != "structure":
        return value
    return {
        _tf_name(name): _block(value.get(name), member)
        for name, member in shape.members.items()
        if name != "clientToken"
    }


def _block(value: Any, shape: Any) -> Any:
    if shape.type_name != "structure":
        return _EMPTY[shape.type_name] if value is None else _snake(value, shape)
    return [] if value is None else [_snake(value, shape)]


def _tf_name(name: str) -> str:
    return _TF_NAMES.get(name) or _snake_name(name)


def _rfc_3339(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# Pulumi


def _pulumi(value: Any, shape: Any, more: Request | None = None) -> Any:
    if shape.type_name == "list":
        return [_pulumi(item, shape.member) for item in value]
    if shape.type_name == "timestamp":
        return _rfc_3339(value)
    if shape.type_name != "structure":
        return value
    written: File = {"__defaults": []}
    for name, member in shape.members.items():
        if name in value and name != "clientToken":
            inner = _pulumi(value[name], member)
            written[_pulumi_name(name)] = [inner] if name == "connectorOperator" else inner
    return written | {name: inner for name, inner in (more or {}).items() if name != "flowStatus"}


def _pulumi_name(name: str) -> str:
    return _PULUMI_NAMES.get(name, name[0].lower() + name[1:])
