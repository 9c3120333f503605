"""samconfig.toml: the parameters of the stacks dev and prod, and one name for each stack in all examples."""

import re
import tomllib
from typing import Any

import pytest

from template.stack import ROOT, Stack

CONFIG: dict[str, Any] = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
STAGES = ["dev", "prod"]
STACK = {stage: CONFIG[stage]["deploy"]["parameters"]["stack_name"] for stage in STAGES}
PLACEHOLDER_ACCOUNT = "111122223333"


def parameters(stage: str) -> dict[str, str]:
    overrides = CONFIG[stage]["deploy"]["parameters"]["parameter_overrides"]
    return dict(override.split("=", 1) for override in overrides)


@pytest.mark.parametrize("stage", STAGES)
def test_the_template_accepts_every_parameter_of_a_stage(stack: Stack, stage: str) -> None:
    for name, value in parameters(stage).items():
        declared = stack.template["Parameters"][name]
        assert re.fullmatch(declared.get("AllowedPattern", ".*"), value)
        assert value in map(str, declared.get("AllowedValues", [value]))


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_reads_its_own_variables(stage: str) -> None:
    assert parameters(stage)["Stage"] == stage


def test_prod_limits_what_the_stack_may_touch_and_who_may_change_flows() -> None:
    prod = parameters("prod")
    limits = {
        "FlowBuckets",
        "ConnectorProfiles",
        "RequestSenders",
        "DocumentWriters",
        "PolicyWriters",
        "RedriveOperators",
        "AlarmTopic",
    }
    assert limits <= prod.keys()
    assert prod.get("CreateMissingFlows", "false") == "false"
    accounts = set(re.findall(r"\d{12}", " ".join(prod.values())))
    assert accounts == {PLACEHOLDER_ACCOUNT}, "the example account of the AWS documentation"


def test_prod_is_built_from_scratch_wherever_a_page_builds_it() -> None:
    assert CONFIG["prod"]["build"]["parameters"]["cached"] is False
    for page in ("README.md", "docs/operations.md"):
        commands = re.findall(
            r"^sam (build|deploy) ?(.*)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE
        )
        assert commands, page
        assert {arguments.split()[0] for _, arguments in commands} == {"--config-env"}, page


@pytest.mark.parametrize(
    ("page", "stage"),
    [
        ("README.md", "dev"),
        ("docs/operations.md", "prod"),
        ("examples/github-actions/flows.yml", "prod"),
    ],
)
def test_an_example_names_the_stack_that_samconfig_creates(page: str, stage: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"APPFLOW_GITOPS_STACK(?:=|: )\"?(?:\$\{APPFLOW_GITOPS_STACK:-)?([\w-]+)", text)
    assert set(named) == {STACK[stage]}
    buses = re.findall(r"EventBusName: ([\w-]+)", text)
    assert set(buses) == ({STACK[stage]} if page == "README.md" else set())


def test_the_document_in_the_readme_has_the_prefix_of_its_stack() -> None:
    [name] = re.findall(r"^flowName: (\S+)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert name.startswith(parameters("dev")["FlowNamePrefix"])
