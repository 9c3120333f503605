"""``validate --policy --vars`` reports the findings that the stack would report."""

import json
from typing import Any

import pytest

from appflow_gitops.documents.variables import Variables
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.policy.hold import FlowPause
from appflow_gitops_cli.environment import environment_files, read_environment
from appflow_gitops_cli.main import CommandError
from fakes.world import World

POLICY = """\
documents:
  - prefix: flows/sales/
    flows: [sales-*]
    connectors: [Salesforce, S3]
    buckets: [data-lake]
"""
KEY = "flows/sales/orders.yaml"


@pytest.fixture
def sales(good: str) -> str:
    """A document that the policy allows."""
    return good.replace("flowName: orders", "flowName: sales-orders")


def findings(result: Any) -> dict[str, list[dict[str, Any]]]:
    return {one["file"]: one["findings"] for one in json.loads(result.stdout)["documents"]}


def findings_of_the_stack(policy: str | None, variables: str | None, document: str) -> list[dict[str, Any]]:
    """The findings that the document is rejected with."""
    world = World(environment="prod")
    if policy is not None:
        world.bucket.put("policy.yaml", policy)
    if variables is not None:
        world.bucket.put("variables/prod.yaml", variables)
    [event] = world.apply(KEY, document)
    assert event.data.outcome == "Rejected"
    return [finding.model_dump() for finding in event.data.findings]


PARITY = [
    pytest.param((POLICY, None, ("sales-orders", "hr-payroll")), id="another flow"),
    pytest.param((POLICY, None, ("Salesforce", "Slack")), id="another connector"),
    pytest.param((POLICY, None, ("data-lake", "hr-lake")), id="another bucket"),
    pytest.param(("documents: []\n", None, ("", "")), id="a folder without a grant"),
    pytest.param(("documents: [\n", None, ("", "")), id="a broken policy"),
    pytest.param((None, "LAKE: x\n", ("data-lake", '"${env.LAKES}"')), id="a missing variable"),
    pytest.param((None, "LAKE: [x]\n", ("data-lake", '"${env.LAKE}"')), id="broken variables"),
    pytest.param(
        (POLICY, "LAKE: hr-lake\n", ("data-lake", '"${env.LAKE}"')), id="a value that is not allowed"
    ),
]


@pytest.mark.parametrize("case", PARITY)
def test_validate_and_the_stack_report_the_same_findings(write, run, sales, case) -> None:
    policy, variables, replaced = case
    document = sales.replace(*replaced)
    options = []
    if policy is not None:
        options += ["--policy", write("policy.yaml", policy)]
    if variables is not None:
        options += ["--vars", write("variables/prod.yaml", variables)]
    result = run("validate", "--format", "json", *options, write(KEY, document))
    assert result.exit_code == 1
    assert findings(result)[KEY] == findings_of_the_stack(policy, variables, document)


def test_a_document_that_policy_and_variables_allow_is_valid(write, run, sales) -> None:
    write("policy.yaml", POLICY)
    write("variables/prod.yaml", "LAKE: data-lake\n")
    write(KEY, sales.replace("data-lake", '"${env.LAKE}"'))
    result = run("validate", "--policy", "policy.yaml", "--vars", "variables/prod.yaml", "flows")
    assert (result.exit_code, result.stdout) == (0, "1 document, 1 flow, 0 errors, 0 warnings\n")


def test_keys_are_relative_to_the_policys_folder_from_any_working_directory(
    write, run, sales, monkeypatch
) -> None:
    write("appflow/policy.yaml", POLICY)
    write(f"appflow/{KEY}", sales)
    write("appflow/flows/hr/orders.yaml", sales)
    assert run("validate", "--policy", "appflow/policy.yaml", f"appflow/{KEY}").exit_code == 0
    monkeypatch.chdir("appflow/flows/sales")
    assert run("validate", "--policy", "../../policy.yaml", "orders.yaml").exit_code == 0
    assert run("validate", "--policy", "../../policy.yaml", "../hr/orders.yaml").exit_code == 1


def test_a_document_outside_of_the_policys_folder_exits_with_2(write, run, sales) -> None:
    write("a/policy.yaml", POLICY)
    write("b/orders.yaml", sales)
    result = run("validate", "--policy", "a/policy.yaml", "b")
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: b/orders.yaml: outside of the policy's folder; move it there, or pass the policy of its own folder\n"
    )


def test_standard_input_is_checked_as_a_request(write, run, sales) -> None:
    write("policy.yaml", POLICY)
    result = run(
        "validate", "--format", "json", "--policy", "policy.yaml", "-", standard_input=sales.encode()
    )
    assert [one["message"] for one in findings(result)["-"]] == ["the policy has no grant for requests"]


def test_findings_of_policy_and_variables_have_a_location(write, run, good) -> None:
    write("policy.yaml", "documents:\n- {prefix: flows/sales/}\n")
    write("variables/prod.yaml", "LAKE: x\nLAKE: y\n")
    write("flows/orders.yaml", good)
    result = run(
        "validate", "--format", "json", "--policy", "policy.yaml", "--vars", "variables/prod.yaml", "flows"
    )
    locations = [
        (file, one["rule"], one["line"], one["column"])
        for file, found in findings(result).items()
        for one in found
    ]
    assert locations == [
        ("policy.yaml", "AFG311", 2, 3),
        ("variables/prod.yaml", "AFG010", 2, 1),
        ("flows/orders.yaml", "AFG310", 1, 11),
    ]


def test_policy_and_variables_are_not_read_as_documents(write, run, sales) -> None:
    write("policy.yaml", POLICY)
    write("variables/dev.yaml", "LAKE: x\n")
    write(KEY, sales)
    result = run("validate", "--format", "json", "--policy", "policy.yaml", ".")
    assert findings(result) == {KEY: []}


@pytest.mark.parametrize("option", ["--policy", "--vars"])
def test_a_missing_policy_or_variables_file_exits_with_2(write, run, good, option) -> None:
    write("orders.yaml", good)
    assert run("validate", option, "gone.yaml", "orders.yaml").exit_code == 2


def test_local_files_override_those_of_the_bucket_and_its_pauses_count(write) -> None:
    pauses = (FlowPause(("*",), "incident"),)
    stored = Environment(None, Variables({"LAKE": "stored"}), pauses=pauses)
    write("policy.yaml", POLICY)
    write("dev.yaml", "LAKE: local\n")
    both = read_environment("policy.yaml", "dev.yaml").over(lambda: stored)
    assert both.policy is not None
    assert (both.variables.values["LAKE"], both.pauses) == ("local", pauses)
    neither = read_environment(None, None).over(lambda: stored)
    assert (neither.policy, neither.variables, neither.pauses) == (None, stored.variables, pauses)


def test_the_stack_reads_the_files_under_their_keys(write) -> None:
    write("a/policy.yaml", POLICY)
    write("a/dev.yaml", "LAKE: x\n")
    both = list(environment_files(read_environment("a/policy.yaml", "a/dev.yaml"), "dev"))
    assert both == [("policy.yaml", POLICY.encode()), ("variables/dev.yaml", b"LAKE: x\n")]
    assert list(environment_files(read_environment(None, "a/dev.yaml"), "dev")) == both[1:]
    assert list(environment_files(read_environment("a/policy.yaml", None), "")) == both[:1]
    assert list(environment_files(read_environment(None, None), "dev")) == []


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        ("", "--vars a/dev.yaml: the stack has no stage and reads no variables; deploy it with Stage=NAME"),
        (
            "prod",
            "--vars a/dev.yaml: expected a file named prod.yaml, because the stage of the stack is 'prod'",
        ),
    ],
)
def test_variables_that_the_stack_would_not_read_are_an_error(write, stage: str, message: str) -> None:
    local = read_environment(None, write("a/dev.yaml", "LAKE: x\n"))
    with pytest.raises(CommandError) as raised:
        list(environment_files(local, stage))
    assert raised.value.message == message


def test_a_file_of_the_environment_that_cannot_be_read_is_an_error(write) -> None:
    write("a", "")
    with pytest.raises(CommandError) as raised:
        read_environment("a/policy.yaml", None)
    assert raised.value.message == "a/policy.yaml: cannot read the file: Not a directory"
