"""The JSON Schema of the policy accepts exactly the policies that are valid."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from appflow_gitops.findings import Json
from appflow_gitops.validation.policy.read import read_policy
from appflow_gitops_cli.main import cli
from appflow_gitops_cli.schema.policy_schema import policy_schema

KEPT = Path(__file__).parents[2] / "schemas" / "policy.schema.json"
SCHEMA: Any = policy_schema()

texts = st.sampled_from(
    ["*", "sales-*", "", "flows/", "flows/sales/", "flows/sales", "S3", "Salesforce", "s3"]
)
members = st.sampled_from(
    [
        "prefix",
        "flows",
        "connectors",
        "connectorProfiles",
        "buckets",
        "create",
        "documents",
        "requests",
        "other",
    ]
)
anything = st.none() | st.booleans() | st.integers() | texts | st.lists(texts, max_size=2)
grants = st.fixed_dictionaries(
    {"flows": st.lists(texts, max_size=2)},
    optional={
        "prefix": texts,
        "connectors": anything,
        "connectorProfiles": anything,
        "buckets": anything,
        "create": anything,
        "runs": anything,
    },
)
objectives = st.fixed_dictionaries(
    {"flows": st.lists(texts, max_size=2)},
    optional={
        "staleAfter": st.sampled_from(["3h", "90m", "2d", "0h", "3 h", "3w", 3, ""]),
        "minimumRecords": st.sampled_from([0, 1, 50, -1, 1.5, "1", True]),
    },
)
policies = st.fixed_dictionaries(
    {},
    optional={
        "documents": st.lists(grants, max_size=1),
        "requests": grants,
        "health": st.lists(objectives, max_size=2),
    },
)


def test_the_stored_schema_is_up_to_date() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(KEPT.read_text(encoding="utf-8")) == SCHEMA
    assert CliRunner().invoke(cli, ["schema", "policy"]).stdout == KEPT.read_text(encoding="utf-8")


@given(policies | st.dictionaries(members, anything, max_size=3))
def test_the_schema_accepts_exactly_the_valid_policies(policy: Json) -> None:
    _, findings = read_policy(json.dumps(policy).encode(), "policy.yaml")
    assert Draft202012Validator(SCHEMA).is_valid(policy) is not bool(findings)


@pytest.mark.parametrize("name", ["RequestGrant", "FolderGrant"])
def test_every_member_is_described(name: str) -> None:
    for member, schema in SCHEMA["$defs"][name]["properties"].items():
        assert schema["description"].endswith("."), member
