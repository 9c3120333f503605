"""The repository that ``init`` writes, on a stack for each stage: plan and push with the commands of the workflow."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from appflow_gitops_local.cloud import LocalCloud, Settings
from e2e.commands import COMMAND, run_command
from e2e.stack import ROOT, DeployedStack

PLACEHOLDER_ACCOUNT, ACCOUNT = "111122223333", "123456789012"
REGION = "eu-west-1"
"""That of the ARNs in samconfig.toml."""


@pytest.fixture(params=["dev", "prod"])
def stage(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stack(stage: str) -> Iterator[DeployedStack]:
    """The stack of the stage, with the parameters of samconfig.toml in this account, which may create flows."""
    configuration = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    deploy = configuration[stage]["deploy"]["parameters"]
    overrides = (
        parameter.replace(PLACEHOLDER_ACCOUNT, ACCOUNT) for parameter in deploy["parameter_overrides"]
    )
    parameters = dict(override.split("=", 1) for override in overrides) | {"CreateMissingFlows": "true"}
    settings = Settings(
        template=ROOT / "template.yaml",
        stack=deploy["stack_name"],
        region=REGION,
        parameters=parameters,
        require_resources=False,
    )
    with LocalCloud(settings) as cloud:
        yield DeployedStack(cloud)


@pytest.fixture
def repository(stack: DeployedStack, tmp_path: Path) -> Path:
    """A new repository with one commit."""
    written = run_command(stack, "init", str(tmp_path))
    assert written.returncode == 0, written.stderr
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


BLOCKS = re.findall(
    r"```console\n(.*?)```", (ROOT / "examples/repository/README.md").read_text(encoding="utf-8"), re.DOTALL
)


def test_the_readme_of_the_repository_works_as_printed(tmp_path: Path) -> None:
    """Each command of the README, in the order of the page from `local up` on, with a free port."""
    start, change, up, use = (block.strip() for block in BLOCKS)
    command = tmp_path / "bin/appflow-gitops"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    repository = tmp_path / "our-flows"
    identity = {
        f"GIT_{who}_{what}": "tests@example.com"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    environment = {"PATH": f"{command.parent}:{os.environ['PATH']}", "HOME": str(tmp_path), **identity}

    def bash(script: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", "-euc", script],  # noqa: S607 - the user's shell
            cwd=repository,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    assert subprocess.run([command, "init", repository], env=environment, check=False).returncode == 0
    with bash(f"exec {up} --port 0") as cloud:
        assert cloud.stdout is not None
        assumed = cloud.stdout.readline()
        assert "--stack appflow-gitops-dev -P Stage=dev -P CreateMissingFlows=true --allow-missing" in assumed
        endpoint = json.loads(cloud.stdout.readline())["endpoint"]
        with bash(f"{start}\n{use.replace('http://127.0.0.1:5000', endpoint)}\n{change}") as used:
            printed, _ = used.communicate(timeout=120)
        cloud.terminate()
    assert used.returncode == 0, printed
    assert "2 Applied" in printed
    assert "2 in sync" in printed


def git(folder: Path, *arguments: str) -> None:
    author = ["-c", "user.name=tests", "-c", "user.email=tests@example.com"]
    program = shutil.which("git")
    assert program is not None
    subprocess.run([program, *author, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "Change flows")


def test_plan_and_push_work_as_in_the_workflow(stack: DeployedStack, stage: str, repository: Path) -> None:
    plan = ["plan", "--stage", stage, "--prune", "--format", "markdown", "flows/"]
    push = ["push", "--stage", stage, "--wait", "--prune", "flows/"]
    steps = (ROOT / ".github/action/run").read_text(encoding="utf-8")
    for command in (plan, push):
        assert (
            " ".join(command).replace(f"--stage {stage}", '"${stage[@]}"').replace("flows/", '"$FLOWS"')
            in steps
        )

    planned = run_command(stack, *plan, folder=repository)
    assert (planned.returncode, planned.stderr) == (2, ""), planned.stdout
    assert f"{stage}-orders" in planned.stdout

    pushed = run_command(stack, *push, folder=repository)
    assert pushed.returncode == 0, pushed.stdout + pushed.stderr
    flows = {flow["flowName"] for flow in stack.appflow.list_flows()["flows"]}
    assert flows == {f"{stage}-orders", f"{stage}-accounts"}
    assert run_command(stack, *plan, folder=repository).returncode == 0

    variables = repository / "variables" / f"{stage}.yaml"
    values = yaml.safe_load(variables.read_text(encoding="utf-8"))
    document = repository / "flows/shop/orders.yaml"
    document.write_text(document.read_text(encoding="utf-8") + "description: Orders\n", encoding="utf-8")
    commit(repository)
    pushed = run_command(stack, *push, folder=repository)
    assert pushed.returncode == 0, pushed.stdout + pushed.stderr
    live = stack.appflow.describe_flow(flowName=f"{stage}-orders")
    assert live["description"] == "Orders"
    (destination,) = live["destinationFlowConfigList"]
    assert destination["destinationConnectorProperties"]["S3"]["bucketName"] == values["LAKE"]


def test_the_policy_rejects_a_flow_of_another_folder(
    stack: DeployedStack, stage: str, repository: Path
) -> None:
    (repository / "flows/crm/accounts.yaml").rename(repository / "flows/shop/accounts.yaml")
    planned = run_command(stack, "plan", "--stage", stage, "flows/", folder=repository)
    assert planned.returncode == 1
    assert f"'{stage}-accounts'" in planned.stdout


def test_the_stack_of_prod_uses_only_the_buckets_of_its_parameters(
    stack: DeployedStack, stage: str, repository: Path
) -> None:
    variables = repository / "variables" / f"{stage}.yaml"
    text = variables.read_text(encoding="utf-8")
    variables.write_text(re.sub("^RAW: .*$", "RAW: shop-other", text, flags=re.MULTILINE), encoding="utf-8")
    pushed = run_command(stack, "push", "--stage", stage, "--wait", "flows/", folder=repository)
    is_limited = stage == "prod"
    assert pushed.returncode == is_limited
    assert (
        "the stack may not use 'shop-other' (FlowBuckets allows" in " ".join(pushed.stdout.split())
    ) is is_limited
