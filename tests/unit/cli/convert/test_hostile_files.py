"""Whatever a file contains, ``convert`` returns documents and findings: it never raises, nor uses up memory."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appflow_gitops.documents.limits import MAX_BYTES, MAX_DEPTH
from appflow_gitops.documents.read import read_document
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops_cli.convert.conversion import convert_file
from appflow_gitops_cli.convert.placeholders import Placeholders
from generators import other_tools
from generators.small_flows import accounts

KEYS = [
    "Resources", "Parameters", "Mappings", "Type", "Properties", "Default", "Ref", "Fn::Sub", "Fn::If", "Fn::Join",
    "Fn::Select", "Fn::Split", "Fn::GetAtt", "Fn::FindInMap", "Key", "Value", "FlowName", "Tasks", "TriggerConfig",
    "name", "task", "trigger_config", "source_flow_config", "destination_flow_config", "values", "attributes",
    "resources", "instances", "planned_values", "resource_changes", "change", "after_unknown", "sensitive_values",
    "sensitive_attributes", "terraform_version", "resource", "aws_appflow_flow", "address", "deployment", "urn",
    "inputs", "outputs", "4dabf18193072939515e22adb298388d", "ResourceDescription", "TypeName", "DesiredState",
]  # fmt: skip
TEXTS = [
    "AWS::AppFlow::Flow", "AWS::S3::Bucket", "AWS::NoValue", "${A.B}", "${", "$${env.X}", "${!x}", "\0X\0", "A", "[]",
    "{{resolve:ssm:x}}", "${var.x}", "%{", '{"FlowName": "x", "TriggerConfig": {"Ref": {}}}', "1" * 5_000, "-1", "",
]  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


def converted(content: Any, name: str = "file.json") -> Any:
    result = convert_file(name, json.dumps(content).encode(), Placeholders())
    assert result.flows or result.findings
    for flow in result.flows:
        assert len(flow.text) < 4 * MAX_BYTES
        read = read_document(flow.text.encode(), "flow.yaml", None)
        assert not [finding for finding in read.findings if finding.rule < "AFG020"]
    return result


@settings(max_examples=150)
@given(content=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6))
def test_any_json_is_converted_or_refused(content: Any) -> None:
    converted(content)


@settings(max_examples=150)
@given(data=st.data(), render=st.sampled_from(other_tools.ALL))
def test_any_change_of_a_file_is_converted_or_refused(data: st.DataObject, render: Any) -> None:
    live = LiveFlow("accounts", "arn:aws:appflow:eu-west-1:123456789012:flow/accounts", "Active", accounts())
    file = render(accounts(), live)
    owner, step = file, data.draw(st.sampled_from(sorted(file)))
    while isinstance(owner[step], dict | list) and owner[step] and data.draw(st.integers(0, 9)):
        owner = owner[step]
        step = data.draw(st.sampled_from(sorted(owner) if isinstance(owner, dict) else range(len(owner))))
    owner[step] = data.draw(VALUES)
    converted(file)


def with_description(value: Any, **parts: Any) -> Any:
    template = other_tools.cloudformation(accounts())
    template["Resources"]["Orders"]["Properties"]["Description"] = value
    return template | parts


LONG = "x" * 100_000
BOMBS = [
    {"Fn::Sub": ["${A}" * 1_000, {"A": LONG}]},
    {"Fn::Join": [LONG, ["", *["y"] * 1_000]]},
    {"Fn::Join": ["", [{"Fn::FindInMap": ["M", "a", "b"]}] * 1_000]},
    {"Fn::Join": ["", [{"Ref": "Bucket"}] * 1_000]},
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_references_cannot_multiply_text(bomb: Any) -> None:
    template = with_description(bomb, Mappings={"M": {"a": {"b": LONG}}})
    template["Resources"]["Bucket"] = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": LONG}}
    (finding,) = converted(template).findings
    assert finding.rule == "AFG001"


def test_a_name_that_refers_to_itself_is_refused() -> None:
    template = with_description({"Ref": "A"})
    for one, other in ("AB", "BA"):
        name = {"Fn::Sub": f"${{{other}}}${{{other}}}"}
        template["Resources"][one] = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}
    result = converted(template)
    assert result.flows == []
    assert [finding.message for finding in result.findings] == ["the name of 'A' refers to itself"]


@pytest.mark.parametrize(
    "leaf",
    [
        {"Ref": "Unset"},
        {"Ref": "AWS::NoValue"},
        {"Fn::Sub": "${Unset.Arn}"},
        {"Fn::Sub": "${AWS::NoValue}" * 20},
        {"Fn::Join": ["", [""] * 20]},
    ],
)
def test_names_that_contain_each_other_cannot_multiply_calls(leaf: Any) -> None:
    template = with_description({"Ref": "A"})
    for one, other in (("A", {"Ref": "B"}), ("B", {"Ref": "C"}), ("C", leaf)):
        name = {"Fn::Join": ["", [other] * 60]}
        template["Resources"][one] = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}
    (finding,) = converted(template).findings
    assert finding.rule == "AFG001"


def test_a_mapping_that_calls_a_function_is_refused() -> None:
    call = {"Fn::FindInMap": ["A", "B", "C"]}
    template = with_description(call, Mappings={"A": {"B": {"C": {"Fn::Join": ["", [call, call]]}}}})
    (finding,) = converted(template).findings
    assert finding.message == "expected a single value or a list of them in the mapping"


def test_deep_files_are_refused() -> None:
    text = '{"Resources": ' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1)
    (finding,) = convert_file("file.json", text.encode(), Placeholders()).findings
    assert finding.rule == "AFG006"


def test_aliases_cannot_multiply_text() -> None:
    text = f"Resources: {{A: &a {{Type: AWS::AppFlow::Flow, Properties: &p {{FlowName: f, Description: &d {LONG}}}}}, "
    text += ", ".join(f"B{n}: *a" for n in range(50)) + "}"
    result = convert_file("file.yaml", text.encode(), Placeholders())
    assert [finding.rule for finding in result.findings] == ["AFG001"]


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"\x1f\x8b\x08", b"[]", b"null", b"1", b"- a\n- b\n", b"{" * 9_999]
)
def test_a_file_without_an_object_is_one_finding(content: bytes) -> None:
    result = convert_file("file.yaml", content, Placeholders())
    assert (result.flows, len(result.findings)) == ([], 1)
