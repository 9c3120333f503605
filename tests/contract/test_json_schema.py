"""The JSON Schema for editors and the check of documents tell the same of the same documents.

The schema describes documents as they are meant to be written, so two things are asked of it: whatever it accepts is
read and has the right shape, and it accepts whatever is read without being changed. One thing no schema can say: for
JSON Schema 5.0 is a whole number, for AppFlow it is none.
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
"""Findings about what is understood, though meant to be written otherwise; ISO 8601 with an offset is fine."""

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


def test_the_kept_schema_is_what_the_command_prints() -> None:
    printed = CliRunner().invoke(cli, ["schema"])
    assert printed.exit_code == 0
    assert KEPT.read_text(encoding="utf-8") == printed.stdout


def test_the_command_writes_the_schema_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "flow.schema.json"
    assert CliRunner().invoke(cli, ["schema", "--output", str(target)]).exit_code == 0
    assert json.loads(target.read_text(encoding="utf-8")) == SCHEMA


def test_a_place_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["schema", "--output", str(tmp_path / "missing" / "schema.json")])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_the_schema_is_one_of_draft_2020_12() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_editors_accept_the_sample_documents(path: Path) -> None:
    # Schemas know no YAML: the base loader's text would hide numbers, so these are read as JSON's types.
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        assert accepted(document)
        assert agree(document)


@given(flow_documents(coherent=False))
@moderate
def test_editors_accept_every_flow_that_appflow_would(document: dict[str, Json]) -> None:
    assert agree(document)


@given(mutated_requests())
@moderate
def test_editors_flag_what_the_check_refuses(mutated: tuple[Any, dict[str, Json]]) -> None:
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
def test_the_schema_describes_documents_as_they_are_meant_to_be_written(
    document: Json, verdict: bool
) -> None:
    assert accepted(document) is verdict
    assert agree(document)


def test_every_structure_and_member_is_described() -> None:
    for name, structure in SCHEMA["$defs"].items():
        assert structure["title"]
        assert structure["description"].endswith(".")
        assert not set("`\n") & set(structure["description"])
        for member, schema in structure.get("properties", {}).items():
            assert schema["description"].endswith("."), f"{name}.{member}"


def test_no_words_are_left_over() -> None:
    members = {f"{name}.{member}" for name, each in SCHEMA["$defs"].items() for member in each["properties"]}
    names = {member.partition(".")[2] for member in members}
    assert [name for name in MEMBERS if name not in members | names] == []


def test_editors_offer_the_choices_of_every_enum() -> None:
    task = SCHEMA["$defs"]["Task"]["properties"]
    assert "Map_all" in task["taskType"]["enum"]
    assert "VALUE" in task["taskProperties"]["propertyNames"]["enum"]
