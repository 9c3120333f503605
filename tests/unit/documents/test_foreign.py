"""A file that is not a flow document has one finding: what it is, and what to do with it."""

import json
from typing import Any

import pytest

from appflow_gitops.documents import foreign_kinds
from appflow_gitops.documents.foreign import may_be_flow, recognise
from appflow_gitops.documents.limits import MAX_BYTES, MAX_FINDINGS
from appflow_gitops.documents.read import read_document
from appflow_gitops.findings import Position
from appflow_gitops.validation.validate import validate, validate_value
from unit.validation.rule_cases import document

PASCAL = {
    "FlowName": "tickets",
    "TriggerConfig": {"TriggerType": "OnDemand"},
    "SourceFlowConfig": {"ConnectorType": "Zendesk"},
    "DestinationFlowConfigList": [{"ConnectorType": "S3"}],
    "Tasks": [{"TaskType": "Map_all", "TaskProperties": [{"Key": "a", "Value": "b"}]}],
}
SNAKE = {
    "name": "tickets",
    "source_flow_config": [{"connector_type": "Zendesk", "connector_profile_name": None}],
    "destination_flow_config": [{"connector_type": "S3"}],
    "task": [{"task_type": "Map_all", "source_fields": []}],
    "trigger_config": [{"trigger_type": "OnDemand"}],
}
PULUMI = {
    "name": "tickets",
    "sourceFlowConfig": {"connectorType": "Zendesk"},
    "destinationFlowConfigs": [{"connectorType": "S3"}],
    "tasks": [{"taskType": "Map_all", "connectorOperators": [{"zendesk": "NO_OP"}]}],
    "triggerConfig": {"triggerType": "OnDemand"},
}
RESOURCE = {"Type": "AWS::AppFlow::Flow", "Properties": PASCAL}
TF_RESOURCE = {"mode": "managed", "type": "aws_appflow_flow", "name": "tickets", "values": SNAKE}
PULUMI_RESOURCE = {
    "urn": "urn:pulumi:prod::crm::aws:appflow/flow:Flow::tickets",
    "type": "aws:appflow/flow:Flow",
    "outputs": PULUMI,
}
CLAIM = {
    "apiVersion": "appflow.aws.upbound.io/v1beta1",
    "kind": "Flow",
    "spec": {"forProvider": {"sourceFlowConfig": [{}], "destinationFlowConfig": [{}], "task": [{}]}},
}
SUMMARY = {
    "flowName": "tickets",
    "flowArn": "arn:aws:appflow:eu-west-1:111122223333:flow/tickets",
    "sourceConnectorType": "Zendesk",
    "destinationConnectorType": "S3",
}

FILES = [
    ("a CloudFormation template", {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}),
    ("a CloudFormation template", {"Resources": {"Tickets": RESOURCE}}),
    (
        "a CloudFormation template",
        {"Parameters": {"P": {"Type": "String"}}, "Resources": {"B": {"Type": "AWS::S3::Bucket"}}},
    ),
    ("a CloudFormation template", {"TemplateBody": "Resources: {}", "StagesAvailable": ["Original"]}),
    ("an AWS SAM template", {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Tickets": RESOURCE}}),
    ("an AWS SAM template", {"Transform": ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"]}),
    ("a resource of a CloudFormation template", RESOURCE),
    ("a resource of a CloudFormation template", {"Tickets": RESOURCE}),
    ("a flow in CloudFormation's spelling", PASCAL),
    ("a flow in CloudFormation's spelling", {"FlowName": "tickets", "Tags": []}),
    ("a list of CloudFormation parameters", [{"ParameterKey": "P", "ParameterValue": "v"}]),
    (
        "a Serverless Framework configuration",
        {"service": "crm", "resources": {"Resources": {"Tickets": RESOURCE}}},
    ),
    ("a manifest that 'cdk synth' wrote", {"version": "36.0.0", "artifacts": {}}),
    (
        "a Cloud Control API response",
        {"TypeName": "AWS::AppFlow::Flow", "ResourceDescription": {"Identifier": "t"}},
    ),
    ("a Cloud Control API response", {"TypeName": "AWS::AppFlow::Flow", "ResourceDescriptions": []}),
    ("a Cloud Control API response", {"Identifier": "tickets", "Properties": json.dumps(PASCAL)}),
    (
        "a Terraform state",
        {"version": 4, "terraform_version": "1.9.0", "serial": 3, "lineage": "x", "resources": []},
    ),
    (
        "a Terraform state",
        {"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": {}}},
    ),
    ("a Terraform plan", {"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {}}),
    ("a Terraform configuration", {"resource": {"aws_appflow_flow": {"tickets": SNAKE}}}),
    (
        "a Terraform configuration",
        {"//": "cdktf", "terraform": {}, "provider": {"aws": [{}]}, "resource": [{}]},
    ),
    ("a flow in Terraform's spelling", TF_RESOURCE),
    ("a flow in Terraform's spelling", {"awscc_appflow_flow": {"tickets": {"flow_name": "tickets"}}}),
    ("a flow in Terraform's spelling", SNAKE),
    ("a flow in Terraform's spelling", {"flow_name": "tickets", "tasks": [], "trigger_config": {}}),
    ("a Pulumi stack export", {"version": 3, "deployment": {"manifest": {}, "resources": [PULUMI_RESOURCE]}}),
    ("a Pulumi program", {"name": "crm", "runtime": "yaml", "resources": {}}),
    ("a Pulumi program", {"resources": {"tickets": {"type": "aws:appflow:Flow", "properties": PULUMI}}}),
    ("a flow in Pulumi's spelling", PULUMI_RESOURCE),
    ("a flow in Pulumi's spelling", PULUMI),
    ("a Kubernetes manifest of Crossplane", CLAIM),
    ("a Kubernetes manifest", {"apiVersion": "v1", "kind": "ConfigMap", "data": {"flow.json": "{}"}}),
    ("a PutIntegration request", {"DomainName": "crm", "FlowDefinition": PASCAL}),
    ("ListFlows output", {"flows": [SUMMARY], "nextToken": "x"}),
    ("ListFlows output", {"flows": []}),
    ("ListFlows output", [SUMMARY]),
    ("DescribeFlowExecutionRecords output", {"flowExecutions": []}),
    ("a list of connector profiles", {"connectorProfileDetails": []}),
    (
        "an AppFlow response",
        {"flowArn": "arn:aws:appflow:eu-west-1:111122223333:flow/t", "flowStatus": "Active"},
    ),
    ("an EventBridge event", {"detail-type": "Flow Change Requested", "detail": {"flow": {}}, "source": "x"}),
    ("an IAM policy", {"Version": "2012-10-17", "Statement": []}),
    ("a policy of appflow-gitops", {"documents": [{"prefix": "flows/", "flows": ["*"]}]}),
    ("a variables file", {"STAGE": "prod", "LAKE": "lake-prod", "PAGE_SIZE": 500}),
    ("a variables file", {"STAGE": "prod", "LAKE": None}),
    ("a policy of appflow-gitops", {"requests": {"flows": ["*"]}, "health": []}),
    (
        "a Pulumi stack export",
        {"version": 3, "checkpoint": {"stack": "x", "latest": {"resources": [PULUMI_RESOURCE]}}},
    ),
    (
        "a file encrypted with SOPS",
        {"flowName": "ENC[AES256_GCM,data:x]", "sops": {"mac": "ENC[x]", "version": "3.9"}},
    ),
    ("a report of appflow-gitops", {"documents": [{"file": "flows/a.yaml", "findings": []}]}),
    ("a JSON Schema", {"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {}}),
    ("an object around a flow", {"data": [{"flow": {"flowName": "t", "tasks": [], "triggerConfig": {}}}]}),
    ("an object without any key of a flow", {"name": "web", "version": "1.0.0", "scripts": {"test": None}}),
    ("an object without any key of a flow", {"stage": "prod", "lake": "lake-prod"}),
]


@pytest.mark.parametrize(("kind", "value"), FILES, ids=[f"{n}: {kind}" for n, (kind, _) in enumerate(FILES)])
def test_a_file_that_is_something_else_has_one_finding(kind: str, value: object) -> None:
    checked = validate(json.dumps(value).encode(), "file.json")
    (finding,) = checked.findings
    assert finding.rule == "AFG018"
    assert kind in finding.message
    assert finding.hint
    assert not checked.valid


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({"Resources": {"Tickets": RESOURCE}}, "/Resources/Tickets/Properties"),
        (
            {"values": {"root_module": {"resources": [TF_RESOURCE]}}, "terraform_version": "1"},
            "/values/root_module/resources/0/values",
        ),
        ({"deployment": {"resources": [{}, PULUMI_RESOURCE]}}, "/deployment/resources/1/outputs"),
        ([{"flow": {"flowName": "t", "triggerConfig": {}}}], "/0/flow"),
        (CLAIM, "/spec/forProvider"),
    ],
)
def test_the_hint_says_where_the_flow_is(value: object, pointer: str) -> None:
    (finding,) = validate(json.dumps(value).encode(), "file.json").findings
    assert f"the flow is at '{pointer}'" in (finding.hint or "")


def test_a_request_with_another_tools_file_has_one_finding_too() -> None:
    (finding,) = validate_value({"Resources": {"Tickets": RESOURCE}}).findings
    assert finding.rule == "AFG018"


TEMPLATE = """\
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Tickets:
    Type: AWS::AppFlow::Flow
    Properties:
      FlowName: !Sub "${AWS::StackName}-tickets"
"""


def test_functions_and_dates_in_a_template_are_not_reported() -> None:
    many = "".join(f"  B{n}: {{Type: 'AWS::S3::Bucket', Name: !Ref P{n}}}\n" for n in range(2 * MAX_FINDINGS))
    (finding,) = validate(f"{TEMPLATE}{many}".encode(), "template.yaml").findings
    assert finding.rule == "AFG018"


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        (f"{TEMPLATE}      Broken: [\n", "template.yaml", "CloudFormation"),
        ('{"terraform_version": "1.9.0", "lineage": "x",', "terraform.json", "Terraform state"),
        (
            'resource "aws_appflow_flow" "tickets" {\n  name = "tickets"\n}\n',
            "main.tf",
            "Terraform configuration",
        ),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", "a.json", "Git LFS"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", "a.yaml", "Git LFS"),
        ("<!DOCTYPE html>\n<html>403</html>\n", "a.json", "HTML"),
        ('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "a.yaml", "XML"),
        ("apiVersion: v1\nkind: ConfigMap\ndata: {{ .Values.data }}\n", "chart.yaml", "Kubernetes"),
        (
            '{"terraform_version": "1.9.0", "values": "' + "x" * MAX_BYTES + '"}',
            "state.json",
            "Terraform state",
        ),
    ],
)
def test_a_file_of_another_tool_is_recognised_although_it_cannot_be_parsed(
    text: str, name: str, kind: str
) -> None:
    (finding,) = validate(text.encode(), name).findings
    assert finding.rule == "AFG018"
    assert kind in finding.message


def test_a_broken_flow_document_is_not_taken_for_a_template() -> None:
    (finding,) = validate(
        b'{"flowName": "t", "description": "was AWS::AppFlow::Flow",}', "flow.json"
    ).findings
    assert finding.rule == "AFG004"


def test_a_manifest_of_several_documents_has_one_finding() -> None:
    text = "apiVersion: v1\nkind: Namespace\n---\napiVersion: upbound.io/v1\nkind: Flow\n"
    (finding,) = validate(text.encode(), "manifest.yaml").findings
    assert finding.position == Position(1, 1)


def test_of_several_unknown_objects_only_the_first_is_reported_unless_a_flow_is_beside_them() -> None:
    unknown = "colour: red\n---\nshape: round\n"
    assert [each.rule for each in validate(unknown.encode(), "a.yaml").findings] == ["AFG018"]
    findings = validate(f"{document('')}---\n{unknown}".encode(), "a.yaml").findings
    assert [each.rule for each in findings] == ["AFG018", "AFG018"]


def test_a_flow_beside_a_template_is_still_checked() -> None:
    flow = document("").replace("Map_all", "MapAll")
    findings = validate(f"{flow}---\n{TEMPLATE}".encode(), "flows.yaml").findings
    assert [finding.rule for finding in findings] == ["AFG104", "AFG018"]


@pytest.mark.parametrize(
    "value",
    [
        {"FlowName": "tickets", "triggerConfig": {}},
        {"flowname": "tickets"},
        {"tasks": []},
        {"Tasks": [], "flowName": "tickets"},
        {"trigerConfig": {"triggerType": "OnDemand"}},
        {},
    ],
)
def test_a_flow_with_misspelled_or_missing_keys_is_checked_as_a_flow(value: object) -> None:
    findings = validate(json.dumps(value).encode(), "flow.json").findings
    assert {finding.rule for finding in findings} <= {"AFG102", "AFG103", "AFG220"}


def test_every_kind_that_convert_reads_says_so() -> None:
    kinds = [kind for kind in vars(foreign_kinds).values() if isinstance(kind, foreign_kinds.ForeignKind)]
    assert {kind.name for kind in kinds if kind.is_convertible} >= {
        "a CloudFormation template",
        "a Terraform state",
        "a Pulumi stack export",
    }


FLOW_TYPE = "AWS::AppFlow::Flow"
SIGNS: list[tuple[foreign_kinds.ForeignKind, list[dict[str, Any]]]] = [
    (
        foreign_kinds.SAM,
        [
            {"Transform": "AWS::Serverless-2016-10-31"},
            {"Resources": {"F": {"Type": "AWS::Serverless::Function"}}},
        ],
    ),
    (
        foreign_kinds.CLOUDFORMATION,
        [
            {"AWSTemplateFormatVersion": "2010-09-09"},
            {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"F": "AWS::Serverless"}},
            *(
                {"Resources": {"P": 5, "R": {"Type": f"{vendor}::X"}}}
                for vendor in ("AWS", "Custom", "Alexa")
            ),
            {"TemplateBody": ""},
        ],
    ),
    (foreign_kinds.CLOUDFORMATION_RESOURCE, [{"Type": FLOW_TYPE}, {"a": 5, "Tickets": {"Type": FLOW_TYPE}}]),
    (foreign_kinds.CLOUDFORMATION_PARAMETERS, [{"ParameterKey": "P"}]),
    (
        foreign_kinds.SERVERLESS,
        [{"service": "x", "resources": form} for form in ({"Resources": {}}, ["Resources"])],
    ),
    (foreign_kinds.CDK_ASSEMBLY, [{"artifacts": {}, "version": "1"}, {"tree": {}, "version": "1"}]),
    (
        foreign_kinds.CLOUD_CONTROL,
        [
            {"TypeName": FLOW_TYPE},
            {"ResourceDescription": {}},
            {"ResourceDescriptions": []},
            {"DesiredState": ""},
            {"ProgressEvent": {}},
            {"Identifier": "t", "Properties": "{}"},
        ],
    ),
    (foreign_kinds.PUT_INTEGRATION, [{"FlowDefinition": {}}]),
    (foreign_kinds.TERRAFORM_PLAN, [{"planned_values": {}}, {"resource_changes": []}]),
    (foreign_kinds.TERRAFORM_STATE, [{"terraform_version": "1"}, {"lineage": "x", "serial": 1}]),
    (
        foreign_kinds.TERRAFORM_CONFIGURATION,
        [
            *({block: {}} for block in ("locals", "module", "moved", "provider", "removed", "resource")),
            *({block: []} for block in ("terraform", "variable")),
            *({block: {}, "//": "made", "locals": {}} for block in ("check", "data", "import", "output")),
        ],
    ),
    (
        foreign_kinds.TERRAFORM_RESOURCE,
        [
            *({"type": kind} for kind in ("aws_appflow_flow", "awscc_appflow_flow")),
            *({kind: {}} for kind in ("aws_appflow_flow", "awscc_appflow_flow")),
            {"flow_name": "t"},
            *({key: {}} for key in ("trigger_config", "source_flow_config", "destination_flow_config")),
            *({key: []} for key in ("destination_flow_configs", "destination_flow_config_list")),
        ],
    ),
    (
        foreign_kinds.PULUMI_STACK,
        [
            part
            for key in ("manifest", "resources")
            for part in ({"deployment": {key: {}}}, {"checkpoint": {"latest": {key: {}}}})
        ],
    ),
    (foreign_kinds.SOPS, [{"sops": {key: ""}, "flowName": ""} for key in ("mac", "version", "lastmodified")]),
    (
        foreign_kinds.PULUMI_RESOURCE,
        [
            *({"type": f"aws:appflow{name}:Flow"} for name in ("", "/flow")),
            {"type": "aws-native:appflow:Flow"},
            {"urn": "x", "type": "y"},
            {"destinationFlowConfigs": []},
        ],
    ),
    (
        foreign_kinds.PULUMI_PROGRAM,
        [{"runtime": "yaml", "name": "x"}, {"resources": {"a": 5, "b": {"type": "aws:s3:Bucket"}}}],
    ),
    (
        foreign_kinds.CROSSPLANE,
        [{"apiVersion": f"{name}.io/v1", "kind": "X"} for name in ("crossplane", "upbound", "appflow")],
    ),
    (foreign_kinds.KUBERNETES, [{"apiVersion": "v1", "kind": "X"}]),
    (
        foreign_kinds.CLOUDFORMATION_PROPERTIES,
        [
            {key: {}}
            for key in ("FlowName", "TriggerConfig", "SourceFlowConfig", "DestinationFlowConfigList", "Tasks")
        ],
    ),
    (
        foreign_kinds.LIST_FLOWS,
        [{"flowArn": "x", "sourceConnectorType": "S3"}, {"flows": [{}, {"flowName": "a"}]}],
    ),
    (foreign_kinds.EXECUTION_RECORDS, [{"flowExecutions": []}]),
    (
        foreign_kinds.CONNECTOR_PROFILES,
        [
            {f"connector{name}": {}}
            for name in ("ProfileDetails", "Configurations", "Configuration", "EntityMap")
        ],
    ),
    (
        foreign_kinds.FLOW_RESPONSE,
        [
            {"flowArn": "x", "ResponseMetadata": {}},
            {"executionId": "x", "flowStatus": "Active"},
        ],
    ),
    (foreign_kinds.EVENT, [{"detail-type": "x", "detail": {}}]),
    (foreign_kinds.IAM_POLICY, [{"Statement": []}]),
    (foreign_kinds.REPORT, [{"documents": [5, {"file": "a"}]}]),
    (
        foreign_kinds.POLICY,
        [
            {"prefix": "a/", "flows": ["*"]},
            {"documents": [5, {"prefix": "a/"}], "other": 1},
            *({key: []} for key in ("documents", "requests", "health", "paused", "windows")),
        ],
    ),
    (foreign_kinds.JSON_SCHEMA, [{"$schema": "x", "properties": {}}]),
    (foreign_kinds.VARIABLES, [{"A": "x", "B_2": None, "C": 5, "D": True}]),
    (foreign_kinds.WRAPPED, [{"data": [{"flowName": "t", "tasks": []}]}]),
]
"""Each kind, with each of the smallest objects of it."""

NEAR_MISSES: list[dict[str, Any]] = [
    {"Type": "MyThing"},
    {"Type": 5},
    {"Resources": {"a": {"Type": "MyThing"}}},
    {"Resources": [{"Type": FLOW_TYPE}]},
    {"Transform": "AWS::LanguageExtensions"},
    {"service": "x", "resources": {"other": 1}},
    {"service": "x", "resources": "Resources"},
    {"resources": {"Resources": {}}},
    {"artifacts": {}},
    {"tree": {}},
    {"version": "1"},
    {"TypeName": "AWS::S3::Bucket"},
    {"Identifier": "t"},
    {"Properties": {}},
    {"lineage": "x"},
    {"serial": 1},
    {"data": {}, "check": {}, "import": {}, "output": {}},
    {"//": "made"},
    {"resource": 5},
    {"resource": {}, "module": 5},
    {"resource": {}, "other": {}},
    {"deployment": {"other": 1}},
    {"deployment": "manifest"},
    {"runtime": "yaml"},
    {"name": "x"},
    {"urn": "x"},
    {"type": "aws:s3:Bucket"},
    {"resources": {"a": {"type": "bucket"}, "b": "x:y"}},
    {"apiVersion": "v1"},
    {"kind": "X"},
    {"apiVersion": 1, "kind": "X"},
    {"apiVersion": "v1", "kind": 1},
    {"FlowName": "t", "flowName": "t"},
    {"flow_name": "t", "flowName": "t"},
    {"destinationFlowConfigs": [], "flowName": "t"},
    {"destinationFlowConfigs": [], "destinationFlowConfigList": []},
    {"flowArn": "x", "sourceConnectorType": "S3", "sourceFlowConfig": {}},
    {"sourceConnectorType": "S3"},
    {"flows": {}},
    {"flows": [5]},
    {"flows": [{}, {"sourceFlowConfig": {}}]},
    {"flows": [{}, {"tasks": []}]},
    {"other": ["flowName", "tasks"]},
    {"flowStatus": "Active"},
    {"flowArn": "x", "other": 1},
    {"detail-type": "x"},
    {"detail": {}},
    {"documents": [5, {"other": 1}], "other": 1},
    {"documents": {"file": "a", "prefix": "a/"}, "other": 1},
    {"sops": {"other": 1}},
    {"sops": "mac"},
    {"checkpoint": {"other": {"manifest": {}}}},
    {"prefix": "a/"},
    {"$schema": "x"},
    {"properties": {}},
    {"A": "x", "b": "y"},
    {"A": "x", "B": []},
    {"A" * 65: "x"},
    {},
]


@pytest.mark.parametrize(
    ("kind", "value"),
    [pytest.param(kind, value, id=f"{kind.name}: {value}") for kind, values in SIGNS for value in values],
)
def test_one_sign_is_enough_to_recognise_a_kind(
    kind: foreign_kinds.ForeignKind, value: dict[str, Any]
) -> None:
    found = recognise(value)
    assert found
    assert found.kind.name == kind.name


@pytest.mark.parametrize("value", NEAR_MISSES, ids=repr)
def test_half_a_sign_is_not_enough(value: dict[str, Any]) -> None:
    assert recognise(value) is None


def test_flows_are_searched_twenty_levels_deep() -> None:
    def wrapped(levels: int) -> Any:
        return {"data": wrapped(levels - 1)} if levels else {"flowName": "t", "tasks": []}

    found = recognise(wrapped(20))
    assert found
    assert found.flows == (("data",) * 20,)
    assert recognise(wrapped(21)) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, True),
        ({"flow-name": "t"}, True),
        ({"flowNam": "t"}, True),
        ({"Task": []}, True),
        ({"flow": {}}, False),
        (dict.fromkeys([*map(str, range(199)), "flowName"]), True),
        (dict.fromkeys([*map(str, range(200)), "flowName"]), False),
    ],
)
def test_an_object_may_be_a_flow_if_one_of_its_keys_resembles_one_of_a_flow(
    value: dict[str, Any], *, expected: bool
) -> None:
    assert may_be_flow(value) is expected


@pytest.mark.parametrize(
    "key", ["flowName", "triggerConfig", "sourceFlowConfig", "destinationFlowConfigList"]
)
def test_an_object_with_any_key_of_a_flow_is_read_as_one(key: str) -> None:
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}
    assert read_document(json.dumps(template).encode(), "a.json").flows == ()
    (flow,) = read_document(json.dumps({key: {}, **template}).encode(), "a.json").flows
    assert flow.value[key] == {}
