"""The repository that ``init`` writes, on a stack for each stage: plan and push with the commands of the workflow."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from appflow_gitops_local.cloud import Settings
from e2e.clouds import Clouds
from e2e.commands import run_command
from e2e.stack import PATIENCE, ROOT, DeployedStack

PLACEHOLDER_ACCOUNT, ACCOUNT = "111122223333", "123456789012"
REGION = "eu-west-1"
"""That of the ARNs in samconfig.toml."""


@pytest.fixture(scope="module", params=["dev", "prod"])
def stage(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stack(clouds: Clouds, stage: str) -> DeployedStack:
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
    return clouds.stack(settings)


@pytest.fixture
def repository(stack: DeployedStack, tmp_path: Path) -> Path:
    """A new repository with one commit."""
    written = run_command(stack, "init", str(tmp_path))
    assert written.returncode == 0, written.stderr
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def blocks(page: str) -> list[str]:
    """The commands of a page, block by block."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [block.strip() for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL)]


@pytest.fixture
def bash(tmp_path: Path, programs: Path) -> Callable[[str, Path], subprocess.Popen[str]]:
    """Starts bash in a folder, with the command on its path."""
    names = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
    identity = dict.fromkeys(names, "tests@example.com")
    path = f"{programs}:{os.environ['PATH']}"

    def start(script: str, folder: Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", "-euc", script],  # noqa: S607 - the user's shell
            cwd=folder,
            env={"PATH": path, "HOME": str(tmp_path), **identity},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def printed_by(process: subprocess.Popen[str]) -> str:
    """What the script prints, which must succeed."""
    with process:
        printed, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, printed
    return printed


@contextmanager
def local_up(bash: Callable[[str, Path], subprocess.Popen[str]], up: str, folder: Path) -> Iterator[str]:
    """The endpoint of a local cloud, started as a page prints it, on a free port."""
    with bash(f"exec {up} --port 0", folder) as cloud:
        assert cloud.stdout is not None
        assumed = cloud.stdout.readline()
        assert "--stack appflow-gitops-dev -P Stage=dev -P CreateMissingFlows=true --allow-missing" in assumed
        yield json.loads(cloud.stdout.readline())["endpoint"]
        cloud.terminate()


def test_the_readme_of_the_repository_works_as_printed(
    tmp_path: Path, bash: Callable[[str, Path], subprocess.Popen[str]]
) -> None:
    start, change, up, use = blocks("examples/repository/README.md")
    printed_by(bash("appflow-gitops init our-flows", tmp_path))
    repository = tmp_path / "our-flows"
    with local_up(bash, up, repository) as endpoint:
        use = use.replace("http://127.0.0.1:5000", endpoint)
        printed = printed_by(bash(f"{start}\n{use}\n{change}", repository))
    assert "2 Applied" in printed
    assert "2 in sync" in printed


def test_getting_started_works_as_printed(
    tmp_path: Path, bash: Callable[[str, Path], subprocess.Popen[str]]
) -> None:
    _, create, up, use, first, change, *_ = blocks("docs/getting-started.md")
    printed_by(bash(create, tmp_path))
    repository = tmp_path / "our-flows"
    with local_up(bash, up, repository) as endpoint:
        use = use.replace("http://127.0.0.1:5000", endpoint)
        # Plans with changes exit with 2.
        script = f"{use}\n{first}\n{change}".replace("\nappflow-gitops plan", "\n! appflow-gitops plan")
        printed = printed_by(bash(script, repository))
    assert "Push: 2 uploaded; 2 Applied" in printed
    assert "Plan: 1 to update, 1 unchanged" in printed
    assert "Push: 1 uploaded, 1 unchanged; 1 Applied" in printed
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
    variables.write_text(
        re.sub("^RAW: .*$", "RAW: shop-raw-other", text, flags=re.MULTILINE), encoding="utf-8"
    )
    pushed = run_command(stack, "push", "--stage", stage, "--wait", "flows/", folder=repository)
    is_limited = stage == "prod"
    assert pushed.returncode == is_limited
    assert (
        "the stack may not use 'shop-raw-other' (FlowBuckets allows" in " ".join(pushed.stdout.split())
    ) is is_limited
