"""``convert`` writes the flows of other tools' files as documents, and the references in them as variables."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.findings import Json
from appflow_gitops_cli.main import cli
from generators import other_tools
from generators.small_flows import accounts

TEMPLATE = """\
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Stage: {Type: String, Default: dev}
  Offset: {Type: Number, Default: "60"}
  Key: {Type: String, Default: hidden, NoEcho: true}
Mappings:
  Lakes: {eu: {name: lake-eu}}
Resources:
  Lake: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "lake-${Stage}"}}
  Raw: {Type: AWS::S3::Bucket}
  Tickets:
    Type: AWS::AppFlow::Flow
    Properties:
      FlowName: !Sub "${Stage}-tickets"
      Description: %s
      FlowStatus: Suspended
      TriggerConfig:
        TriggerType: Scheduled
        TriggerProperties: {ScheduleExpression: rate(1days), ScheduleOffset: !Ref Offset, TimeZone: UTC}
      SourceFlowConfig:
        ConnectorType: S3
        SourceConnectorProperties: {S3: {BucketName: !Ref Raw, BucketPrefix: in}}
      DestinationFlowConfigList:
        - ConnectorType: S3
          DestinationConnectorProperties: {S3: {BucketName: !Ref Lake}}
      Tasks:
        - {TaskType: Map_all, SourceFields: [], ConnectorOperator: {S3: NO_OP}}
"""


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["convert", *arguments], input=stdin)


def converted(content: object, name: str = "file.json") -> Any:
    """The only document that the file is converted to."""
    text = content if isinstance(content, str) else json.dumps(content)
    Path(name).write_text(text, encoding="utf-8")
    result = run(name)
    assert result.exit_code == 0, result.output
    return yaml.safe_load(result.stdout)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def description(function: str) -> Json:
    """The description of a flow that this CloudFormation function gives, valid or not."""
    Path("template.yaml").write_text(TEMPLATE % function, encoding="utf-8")
    value: Json = yaml.safe_load(run("template.yaml").stdout).get("description")
    return value


def test_a_template_becomes_a_document_and_a_variables_file() -> None:
    Path("template.yaml").write_text(TEMPLATE % "Tickets", encoding="utf-8")
    result = run("template.yaml", "--out", "flows")
    assert result.exit_code == 0
    document = yaml.safe_load(Path("flows/STAGE-tickets.yaml").read_text(encoding="utf-8"))
    assert document["flowName"] == "${env.STAGE}-tickets"
    assert document["flowStatus"] == "Suspended"
    source = document["sourceFlowConfig"]["sourceConnectorProperties"]["S3"]
    assert source == {"bucketName": "${env.RAW}", "bucketPrefix": "in"}
    destination = document["destinationFlowConfigList"][0]["destinationConnectorProperties"]["S3"]
    assert destination == {"bucketName": "lake-${env.STAGE}"}
    variables = yaml.safe_load(Path("variables.yaml").read_text(encoding="utf-8"))
    assert variables == {"STAGE": "dev", "OFFSET": 60, "RAW": None}
    assert "set 1 variable: RAW" in result.stderr


def test_the_documents_are_valid_with_the_variables_once_these_are_set() -> None:
    Path("template.yaml").write_text(TEMPLATE % "Tickets", encoding="utf-8")
    run("template.yaml", "--out", "flows", "--vars-out", "dev.yaml")
    unset = CliRunner().invoke(cli, ["validate", "--vars", "dev.yaml", "flows"])
    assert unset.exit_code == 1
    variables = Path("dev.yaml")
    variables.write_text(
        variables.read_text(encoding="utf-8").replace("RAW:", "RAW: raw-dev"), encoding="utf-8"
    )
    assert CliRunner().invoke(cli, ["validate", "--vars", "dev.yaml", "flows"]).exit_code == 0


def test_documents_are_validated_while_a_variable_of_the_run_is_not_set() -> None:
    template = other_tools.cloudformation(accounts() | {"triggerConfig": {"triggerType": "Bogus"}})
    resources = template["Resources"]
    resources["Other"] = other_tools.cloudformation(accounts())["Resources"]["Orders"]
    resources["Other"]["Properties"] |= {"FlowName": "other", "Description": {"Ref": "Unset"}}
    Path("template.json").write_text(json.dumps(template), encoding="utf-8")
    result = run("template.json", "--out", "flows")
    assert result.exit_code == 1
    assert "accounts: the flow fails validation: unknown trigger type 'Bogus'" in result.stderr
    assert "2 flows converted, 1 problem in 1 file" in result.stderr
    assert "set 1 variable: UNSET" in result.stderr


def test_a_document_is_validated_around_its_unset_variables() -> None:
    template = TEMPLATE.replace("S3: NO_OP", "S3: BOGUS") % "!Ref Unset"
    Path("template.yaml").write_text(template, encoding="utf-8")
    result = run("template.yaml")
    assert result.exit_code == 1
    assert "unknown operator 'BOGUS'" in result.stderr


@pytest.mark.parametrize(
    ("function", "text"),
    [
        ("!Sub 'a ${Stage} ${!Literal} ${AWS::Region}'", "a ${env.STAGE} ${Literal} ${env.AWS_REGION}"),
        ("!Sub ['${Name}.${Raw.Arn}', {Name: !Ref Lake}]", "lake-${env.STAGE}.${env.RAW_ARN}"),
        ("!Join ['-', [a, !Ref Stage, b]]", "a-${env.STAGE}-b"),
        ("!GetAtt Raw.Arn", "${env.RAW_ARN}"),
        ("{'Fn::GetAtt': [Raw, Arn]}", "${env.RAW_ARN}"),
        ("!Select [1, [a, b]]", "b"),
        ("!Select [0, !Split ['.', a.b]]", "a"),
        ("!Select [1, !Split ['-', !Join ['-', [a, b]]]]", "b"),
        ("!Select [0, !Split ['.', !Ref Stage]]", "${env.TICKETS_DESCRIPTION}"),
        ("!FindInMap [Lakes, eu, name]", "lake-eu"),
        ("!FindInMap [Lakes, !Ref AWS::Region, name]", "${env.TICKETS_DESCRIPTION}"),
        ("!ImportValue shared-LakeName", "${env.SHARED_LAKE_NAME}"),
        ("!If [IsProd, a, b]", "${env.TICKETS_DESCRIPTION}"),
        ("!Ref Key", "${env.KEY}"),
        ("!Ref AWS::NoValue", None),
        ("'{{resolve:ssm:/lake/name}}'", "${env.SSM_LAKE_NAME}"),
        (
            "!Join ['', ['a {{resolve:secretsmanager:arn:', !Ref AWS::Region, ':secret:crm:SecretString:team::}} b']]",
            "a ${env.CRM_SECRET_STRING_TEAM} b",
        ),
        ("'${Token[TOKEN.42]}'", "${env.TOKEN_TOKEN_42}"),
        ("'${env.STAGE}'", "$${env.STAGE}"),
        ("!Join ['', ['$', '{env.STAGE}']]", "$${env.STAGE}"),
        ("!Sub '${!env.STAGE}'", "$${env.STAGE}"),
    ],
)
def test_functions_of_cloudformation_become_text_and_variables(function: str, text: str | None) -> None:
    assert description(function) == text


def test_a_secret_default_is_not_written() -> None:
    Path("template.yaml").write_text(TEMPLATE % "!Ref Key", encoding="utf-8")
    result = run("template.yaml", "--out", "flows")
    assert "hidden" not in result.output
    assert "hidden" not in Path("variables.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ("Description: Tickets", "Colour: red", "15:7: error: unknown key 'Colour'"),
        (
            "{S3: {BucketName: !Ref Raw, BucketPrefix: in}}",
            "!If [C, {S3: {}}, {S3: {}}]",
            "conditions are not evaluated",
        ),
        (
            "SourceFields: []",
            "SourceFields: !Ref Fields",
            "expected a list, got a reference",
        ),
        ("TimeZone: UTC}", "TimeZone: [UTC]}", "expected a single value, got a list"),
        ("TimeZone: UTC}", "TimeZone: !Sub '$${Stage}'}", "a '$' before a reference cannot be written"),
    ],
)
def test_what_cannot_be_converted_is_refused_with_its_location(wrong: str, right: str, message: str) -> None:
    text = (TEMPLATE % "Tickets").replace(wrong, right).replace("      Description: Tickets\n", "")
    Path("template.yaml").write_text(text, encoding="utf-8")
    result = run("template.yaml", "--out", "flows")
    assert result.exit_code == 1
    assert message in result.stderr
    assert "set " not in result.stderr  # the variables of a refused flow are not needed
    assert not list(Path("flows").iterdir())


def test_other_flows_of_the_file_are_converted_all_the_same() -> None:
    good, bad = other_tools.cloudformation(accounts()), other_tools.cloudformation(accounts())
    bad["Resources"]["Orders"]["Properties"]["Colour"] = "red"
    good["Resources"]["Broken"] = bad["Resources"]["Orders"]
    Path("template.json").write_text(json.dumps(good), encoding="utf-8")
    result = run("template.json", "--out", "flows")
    assert result.exit_code == 1
    assert [file.name for file in Path("flows").iterdir()] == ["accounts.yaml"]
    assert "1 flow converted, 1 problem in 1 file" in result.stderr


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        (
            lambda flow: {"Fn::ForEach::Flows": ["Name", ["a", "b"], {"F${Name}": flow}]},
            "'Fn::ForEach' is not evaluated",
        ),
        (lambda flow: {"Stock": flow | {"Condition": "IsProd"}}, "conditions are not evaluated"),
    ],
)
def test_a_flow_that_depends_on_the_deployment_is_refused(resources: Any, message: str) -> None:
    template = other_tools.cloudformation(accounts())
    template["Resources"] |= resources(other_tools.cloudformation(accounts())["Resources"]["Orders"])
    Path("template.json").write_text(json.dumps(template), encoding="utf-8")
    result = run("template.json", "--out", "flows")
    assert result.exit_code == 1
    assert message in result.stderr
    assert "1 flow converted, 1 problem in 1 file" in result.stderr


def test_described_flows_are_written_as_export_writes_them() -> None:
    described = accounts() | {
        "flowArn": "arn:aws:appflow:eu-west-1:111122223333:flow/accounts",
        "flowStatus": "Active",
        "kmsArn": "arn:aws:kms:eu-west-1:111122223333:key/default",
        "createdAt": "2026-01-31T08:00:00+00:00",
        "tags": {"team": "data", "aws:cloudformation:stack-name": "crm"},
    }
    document = converted(described)
    assert document["flowStatus"] == "Active"
    assert document["tags"] == {"team": "data"}
    assert not document.keys() & {"kmsArn", "flowArn", "createdAt"}


@pytest.mark.parametrize("key", [None, "arn:aws:kms:eu-west-1:111122223333:key/default"])
def test_comments_name_the_origin_and_a_key_that_was_left_out(key: str | None) -> None:
    described = accounts() | {"flowArn": "arn:aws:appflow:eu-west-1:111122223333:flow/accounts"}
    Path("flow.json").write_text(json.dumps(described | ({"kmsArn": key} if key else {})), encoding="utf-8")
    comments = [line for line in run("flow.json").stdout.splitlines() if line.startswith("#")]
    left_out = [
        f"# Encrypted with {key}.",
        "# The file does not say whether you chose this key, so kmsArn is omitted. Add it if you did.",
    ]
    assert comments[0].startswith("# Converted with 'appflow-gitops convert' from ")
    assert comments[0].endswith(", flow.json:")
    assert comments[2:] == (left_out if key else [])


def test_a_flow_document_keeps_its_variables() -> None:
    document = accounts() | {"description": "${env.STAGE}"}
    assert converted(document)["description"] == "${env.STAGE}"


def test_existing_files_with_other_content_are_kept_unless_forced() -> None:
    Path("template.json").write_text(json.dumps(other_tools.cloudformation(accounts())), encoding="utf-8")
    Path("flows").mkdir()
    document = Path("flows/accounts.yaml")
    document.write_text("mine", encoding="utf-8")
    kept = run("template.json", "--out", "flows")
    assert (kept.exit_code, document.read_text(encoding="utf-8")) == (1, "mine")
    assert "exists with other content" in kept.stderr
    assert run("template.json", "--out", "flows", "--force").exit_code == 0
    assert run("template.json", "--out", "flows").exit_code == 0


def test_two_declarations_of_one_flow_are_reported() -> None:
    for name in ("a.json", "b.json"):
        Path(name).write_text(json.dumps(other_tools.cloudformation(accounts())), encoding="utf-8")
    result = run("a.json", "b.json", "--out", "flows")
    assert result.exit_code == 1
    assert "only the first was written" in result.stderr


def test_only_written_flows_are_handed_over() -> None:
    template = other_tools.cloudformation(accounts())
    resources = template["Resources"]
    for name in ("Twin", "Kept"):
        resources[name] = other_tools.cloudformation(accounts())["Resources"]["Orders"]
    resources["Kept"]["Properties"]["FlowName"] = "kept"
    Path("flows").mkdir()
    Path("flows/kept.yaml").write_text("mine", encoding="utf-8")
    Path("template.json").write_text(json.dumps(template), encoding="utf-8")
    result = run("template.json", "--out", "flows")
    assert result.exit_code == 1
    assert "update the stack again: Orders\n" in result.stderr
    assert "update the stack again: Orders, Twin, Kept\n" in run("template.json").stderr


def test_standard_input_is_read() -> None:
    result = run("-", stdin=json.dumps(other_tools.cloudformation(accounts())))
    assert yaml.safe_load(result.stdout)["flowName"] == "accounts"


@pytest.mark.parametrize(
    ("name", "content", "hint"),
    [
        ("main.tf", 'resource "aws_appflow_flow" "a" {\n}\n', "terraform show -json"),
        ("manifest.json", '{"version": "36.0.0", "artifacts": {}}', "cdk.out/*.template.json"),
        ("Pulumi.yaml", "name: crm\nruntime: nodejs\n", "pulumi stack export"),
        ("flows.json", '{"flows": []}', "appflow-gitops export"),
        ("package.json", '{"name": "web", "scripts": {"test": "x"}}', "move other files"),
        ("empty.yaml", "", "without any key of a flow"),
        ("broken.json", "{", "AFG004"),
        ("t.yaml", "Resources: {B: {Type: AWS::S3::Bucket}}", "a CloudFormation template without a flow"),
    ],
)
def test_a_file_without_flows_is_refused_with_what_to_do(name: str, content: str, hint: str) -> None:
    Path(name).write_text(content, encoding="utf-8")
    result = run(name)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{name}:1:")
    assert name == "broken.json" or result.stderr.startswith(f"{name}:1:1: error: ")
    assert hint in " ".join(result.stderr.split())


def test_a_variable_has_no_hash_of_the_cdk_in_its_name() -> None:
    assert (
        description("!Sub '${LakeBucket560B80BC} ${RoleAB92366F.Arn}'")
        == "${env.LAKE_BUCKET} ${env.ROLE_ARN}"
    )


def test_an_on_demand_flow_has_no_status() -> None:
    template = other_tools.cloudformation(accounts() | {"triggerConfig": {"triggerType": "OnDemand"}})
    template["Resources"]["Orders"]["Properties"]["FlowStatus"] = "Active"
    assert "flowStatus" not in converted(template)


def test_a_flow_with_a_reading_error_is_refused_but_an_error_elsewhere_is_not() -> None:
    text = TEMPLATE % "Tickets"
    Path("elsewhere.yaml").write_text(f"{text}Outputs: {{A: 1, A: 2, 2: 2020-01-01}}\n", encoding="utf-8")
    assert run("elsewhere.yaml").exit_code == 0
    Path("inside.yaml").write_text(
        text.replace("FlowStatus: Suspended", "FlowStatus: Active\n      FlowStatus: Active"),
        encoding="utf-8",
    )
    result = run("inside.yaml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "duplicate key 'FlowStatus'" in result.stderr


def test_a_state_larger_than_a_document_may_be_is_converted() -> None:
    state = other_tools.terraform_state(accounts())
    state["resources"] += [
        {"type": "aws_s3_object", "instances": [{"attributes": {"key": "k" * 90}}]}
    ] * 10_000
    assert len(json.dumps(state)) > MAX_BYTES
    assert converted(state)["flowName"] == "accounts"


@pytest.mark.parametrize("source", ["file", "standard input"])
def test_a_file_larger_than_64_mib_is_refused(source: str) -> None:
    content = " " * (64 << 20) + "{}"
    Path("file").write_text(content, encoding="utf-8")
    result = run("file") if source == "file" else run("-", stdin=content)
    assert "file is larger than 67,108,864 bytes (64 MiB)" in result.output


def files() -> list[str]:
    return sorted(path.as_posix() for path in Path().rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("options", "written"),
    [
        ((), []),
        (("--vars-out", "dev.yaml"), ["dev.yaml"]),
        (("--out", "flows"), ["flows/STAGE-tickets.yaml", "variables.yaml"]),
        (("--out", "flows", "--vars-out", "dev.yaml"), ["dev.yaml", "flows/STAGE-tickets.yaml"]),
    ],
)
def test_only_the_files_that_are_asked_for_are_written(options: tuple[str, ...], written: list[str]) -> None:
    Path("template.yaml").write_text(TEMPLATE % "Tickets", encoding="utf-8")
    assert run("template.yaml", *options).exit_code == 0
    assert [file for file in files() if file != "template.yaml"] == written


def test_without_variables_no_variables_file_is_written() -> None:
    Path("flow.json").write_text(json.dumps(other_tools.cloudformation(accounts())), encoding="utf-8")
    assert run("flow.json", "--out", "flows").exit_code == 0
    assert files() == ["flow.json", "flows/accounts.yaml"]


def test_flows_on_standard_output_are_documents_of_one_stream() -> None:
    for name in ("one", "two"):
        flow = other_tools.cloudformation(accounts() | {"flowName": name})
        Path(f"{name}.json").write_text(json.dumps(flow), encoding="utf-8")
    documents = list(yaml.safe_load_all(run("one.json", "two.json").stdout))
    assert [document["flowName"] for document in documents] == ["one", "two"]


def test_variables_without_a_value_are_counted_and_named() -> None:
    template = TEMPLATE.replace("BucketPrefix: in", "BucketPrefix: !Ref Prefix") % "Tickets"
    Path("template.yaml").write_text(template, encoding="utf-8")
    assert "set 2 variables: RAW, PREFIX\n" in run("template.yaml").stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--out", "flows"), "template.yaml: "),
        (("--out", "template.yaml/flows"), "Error: cannot create the folder template.yaml/flows: Not a directory"),
        (("--vars-out", "no/such.yaml"), "cannot write no/such.yaml: No such file or directory"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_reported(options: tuple[str, ...], message: str) -> None:
    template = TEMPLATE.replace('FlowName: !Sub "${Stage}-tickets"', "FlowName: a/b") % "Tickets"
    Path("template.yaml").write_text(template, encoding="utf-8")
    result = run("template.yaml", *options)
    assert result.exit_code == (2 if "Error" in message else 1)
    expected = "a/b: 'a/b' is not usable as a file name" if options == ("--out", "flows") else message
    assert expected in result.stderr


def test_a_file_that_cannot_be_read_is_a_problem_beside_the_others() -> None:
    Path("lost.json").symlink_to("nowhere")
    Path("flow.json").write_text(json.dumps(other_tools.cloudformation(accounts())), encoding="utf-8")
    result = run("lost.json", "flow.json")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[0].startswith("lost.json:1:1: error: cannot read the file: ")
    assert "1 flow converted, 1 problem in 2 files\n" in result.stderr
    assert yaml.safe_load(result.stdout)["flowName"] == "accounts"
