"""The JSON Schema for editors agrees with validation.

The schema describes the preferred form of documents: validation finds no error in a document that the schema accepts,
and the schema accepts every document that is read without conversion. One difference is inherent: 5.0 is an integer in
JSON Schema but not in AppFlow.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from appflow_gitops.findings import Json
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.main import cli
from appflow_gitops_cli.schema.descriptions import MEMBERS
from appflow_gitops_cli.schema.flow_schema import flow_document_schema
from generators.mutations import mutated_requests
from generators.requests import flow_documents

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "schemas" / "flow-document.schema.json"
SCHEMA: Any = flow_document_schema()
SAMPLES = sorted((ROOT / "events" / "documents").iterdir())

CHANGED = ("AFG020", "AFG021", "AFG022", "AFG023", "AFG024", "AFG025", "AFG027", "AFG028")
"""Findings about forms that are converted but not preferred; ISO 8601 with an offset is not among them."""

moderate = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def accepted(document: Json) -> bool:
    return Draft202012Validator(SCHEMA).is_valid(document)


def findings(document: Json) -> set[str]:
    found = {finding.rule for finding in validate(json.dumps(document).encode(), "flow.json").findings}
    return {rule for rule in found if rule < "AFG2"}


def agree(document: Json) -> bool:
    found = findings(document)
    wrong = any(rule < "AFG02" or rule >= "AFG1" for rule in found)
    if accepted(document):
        return not wrong
    return wrong or any(rule in CHANGED for rule in found)


def minimal(**members: Json) -> dict[str, Json]:
    flow: dict[str, Json] = {
        "flowName": "orders",
        "triggerConfig": {"triggerType": "OnDemand"},
        "sourceFlowConfig": {
            "connectorType": "S3",
            "sourceConnectorProperties": {"S3": {"bucketName": "in-box"}},
        },
        "destinationFlowConfigList": [],
        "tasks": [],
    }
    return flow | members


def scheduled(**members: Json) -> dict[str, Json]:
    schedule = {"scheduleExpression": "rate(1days)", **members}
    return minimal(triggerConfig={"triggerType": "Scheduled", "triggerProperties": {"Scheduled": schedule}})


def test_the_stored_schema_is_up_to_date() -> None:
    printed = CliRunner().invoke(cli, ["schema"])
    assert printed.exit_code == 0
    assert KEPT.read_text(encoding="utf-8") == printed.stdout


def test_the_command_writes_the_schema_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "flow.schema.json"
    assert CliRunner().invoke(cli, ["schema", "--output", str(target)]).exit_code == 0
    assert json.loads(target.read_text(encoding="utf-8")) == SCHEMA


def test_an_unwritable_path_is_reported_in_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["schema", "--output", str(tmp_path / "missing" / "schema.json")])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_the_schema_is_valid_under_draft_2020_12() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_schema_accepts_the_sample_documents(path: Path) -> None:
    # JSON Schema needs JSON types, so the base loader, which reads everything as text, would not do.
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        assert accepted(document)
        assert agree(document)


@given(flow_documents(coherent=False))
@moderate
def test_the_schema_accepts_every_flow_that_appflow_accepts(document: dict[str, Json]) -> None:
    assert agree(document)


@given(mutated_requests())
@moderate
def test_the_schema_rejects_what_validation_rejects(mutated: tuple[Any, dict[str, Json]]) -> None:
    mutation, document = mutated
    assume(mutation.replacement != 5.0 or not isinstance(mutation.replacement, float))
    document.pop("clientToken", None)
    assert agree(document)


@given(st.lists(flow_documents(), max_size=2, unique_by=lambda flow: flow["flowName"]))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_document_may_be_a_list_of_flows(flows: list[Json]) -> None:
    assert agree(flows)


@pytest.mark.parametrize(
    ("document", "verdict"),
    [
        (minimal(), True),
        ([minimal()], True),
        ([], False),
        ([[minimal()]], False),
        ([minimal(flowName=f"flow-{number}") for number in range(101)], False),
        ("flowName: orders", False),
        (None, False),
        (minimal(flowArn="arn:aws:appflow:us-east-1:123456789012:flow/orders"), False),
        (minimal(clientToken="x"), False),
        (minimal(description=None), False),
        (minimal(flowName="orders\n"), False),
        (minimal(tags={"team": "crm"}), True),
        (minimal(tags={"aws:team": "crm"}), False),
        (minimal(tags={"": "crm"}), False),
        (minimal(tags={"team": ["crm"]}), False),
        (minimal(flowStatus="Draft"), False),
        (scheduled(scheduleStartTime=1798761600), True),
        (scheduled(scheduleStartTime="2027-01-01T00:00:00Z"), True),
        (scheduled(scheduleStartTime="2027-01-01T00:00:00.5+01:00"), True),
        (scheduled(scheduleStartTime="2027-01-01T00:00:00"), False),
        (scheduled(scheduleStartTime="1798761600"), False),
        (scheduled(scheduleStartTime=1798761600000), False),
        (scheduled(scheduleOffset=36001), False),
    ],
)
def test_the_schema_accepts_only_the_preferred_form(document: Json, verdict: bool) -> None:
    assert accepted(document) is verdict
    assert agree(document)


def test_every_structure_and_member_is_described() -> None:
    for name, structure in SCHEMA["$defs"].items():
        assert structure["title"]
        assert structure["description"].endswith(".")
        assert not set("`\n") & set(structure["description"])
        for member, schema in structure.get("properties", {}).items():
            assert schema["description"].endswith("."), f"{name}.{member}"


def test_every_description_belongs_to_a_member() -> None:
    members = {f"{name}.{member}" for name, each in SCHEMA["$defs"].items() for member in each["properties"]}
    names = {member.partition(".")[2] for member in members}
    assert [name for name in MEMBERS if name not in members | names] == []


def test_the_schema_lists_the_values_of_every_enum() -> None:
    task = SCHEMA["$defs"]["Task"]["properties"]
    assert "Map_all" in task["taskType"]["enum"]
    assert "VALUE" in task["taskProperties"]["propertyNames"]["enum"]
