"""The deployment in the README, as printed: `sam build` and `sam deploy` with samconfig.toml, then the first push.

`sam deploy` runs against the local CloudFormation, where this file adds what moto lacks: the SAM transform, and the
outputs of a stack that is created by a change set.
"""

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from moto.cloudformation import responses
from moto.cloudformation.models import CloudFormationBackend

from appflow_gitops_local.clients import Cloud
from appflow_gitops_local.cloud import LocalCloud, Settings
from e2e.clouds import Clouds
from e2e.stack import PATIENCE, ROOT
from fakes import pip

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## Deploy to AWS")[2].partition("\n## ")[0]
COMMANDS = "".join(re.findall(r"```console\n(.*?)```", SECTION, re.DOTALL)[:2]).splitlines()
DOCUMENT = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)[0]
REQUEST = yaml.safe_load(re.findall(r"```yaml\n# request.yaml\n(.*?)```", README, re.DOTALL)[0])
CONFIG = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))


def parameters(stage: str) -> dict[str, str]:
    """The stack parameters of a stage in samconfig.toml."""
    overrides = CONFIG[stage]["deploy"]["parameters"]["parameter_overrides"]
    return dict(override.split("=", 1) for override in overrides)


def wait_for_other_flows(appflow: Any, known: str) -> list[str]:
    """The names of the other flows, as soon as one exists."""
    deadline = time.monotonic() + PATIENCE
    while True:
        names = [flow["flowName"] for flow in appflow.list_flows()["flows"] if flow["flowName"] != known]
        if names or time.monotonic() > deadline:
            return names
        time.sleep(0.2)


class Terminal:
    """A checkout of the repository, and a shell in it that talks to a local cloud.

    The functions run from the checkout. What is built is uploaded, and not used.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("layers", "functions"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("template.yaml", "samconfig.toml"):
            shutil.copy(ROOT / name, folder / name)
        (folder / "flows").mkdir()
        (folder / "flows/orders.yaml").write_text(DOCUMENT)
        self._python = pip.python_in(folder)
        self._command("bin/sam", f'exec {ROOT}/.venv-sam/bin/sam "$@"')
        self._command(
            ".venv/bin/appflow-gitops",
            f"exec {sys.executable} -c 'from appflow_gitops_cli.main import main; main()' \"$@\"",
        )

    def _command(self, name: str, script: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def run(self, lines: list[str], endpoint: str) -> str:
        """Run the lines, which have to succeed; return what they print."""
        ended = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],  # noqa: S607 - the user's shell
            cwd=self.folder,
            env={
                "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
                "HOME": str(self.folder),
                "PYTHON": self._python,
                "SAM_CLI_TELEMETRY": "0",
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "local",
                "AWS_SECRET_ACCESS_KEY": "local",
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout


class SamDeployment(Cloud):
    """Clients of a local cloud whose stacks are created by the README's `sam` commands."""

    terminal: Terminal
    patch: pytest.MonkeyPatch

    def client(self, service: str) -> Any:
        client = super().client(service)
        if service != "cloudformation":
            return client
        return SimpleNamespace(
            create_stack=self._sam_deploy,
            describe_stacks=client.describe_stacks,
            describe_stack_resources=client.describe_stack_resources,
        )

    def _sam_deploy(self, StackName: str, TemplateBody: str, **_: object) -> None:  # noqa: N803 - boto3's names
        complete_change_sets(self.patch, {StackName: TemplateBody})
        self.terminal.run([line for line in COMMANDS if line.startswith("sam ")], self.endpoint)


def complete_change_sets(patch: pytest.MonkeyPatch, transformed: Mapping[str, str]) -> None:
    """Let change sets replace SAM templates by transformed ones, by stack, and set the outputs of created stacks."""
    create, execute = CloudFormationBackend.create_change_set, CloudFormationBackend.execute_change_set

    def create_change_set(self: CloudFormationBackend, **given: Any) -> tuple[str, str]:
        if given["stack_name"] in transformed:
            assert "AWS::Serverless-2016-10-31" in given["template"]
        return create(self, **{**given, "template": transformed.get(given["stack_name"], given["template"])})

    def execute_change_set(self: CloudFormationBackend, change_set_name: str, stack_name: str | None) -> None:
        execute(self, change_set_name, stack_name)
        for stack in self.stacks.values():
            if stack.name == stack_name:
                stack._parse_template()
                stack.output_map = stack._create_output_map()

    def template_at(url: str, **owner: str) -> str:
        # moto takes the first label of other names than localhost for the bucket.
        return read(url.replace("//127.0.0.1", "//localhost"), **owner)

    read = responses.get_stack_from_s3_url
    patch.setattr(responses, "get_stack_from_s3_url", template_at)
    patch.setattr(CloudFormationBackend, "create_change_set", create_change_set)
    patch.setattr(CloudFormationBackend, "execute_change_set", execute_change_set)


@pytest.mark.filterwarnings(
    "ignore:Tried to parse AWS..S3..BucketPolicy"
)  # of the bucket that `sam deploy` creates
def test_the_deployment_in_the_readme_ends_with_an_applied_flow(
    clouds: Clouds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal(tmp_path)
    clients = type("Clients", (SamDeployment,), {"terminal": terminal, "patch": monkeypatch})
    settings = Settings(
        template=tmp_path / "template.yaml",
        stack="appflow-gitops-dev",
        parameters=parameters("dev"),
        clients=clients,
    )
    clouds.close()
    with LocalCloud(settings) as cloud:
        [stack] = (
            Cloud(cloud.endpoint, "us-east-1")
            .client("cloudformation")
            .describe_stacks(StackName="appflow-gitops-dev")["Stacks"]
        )
        deployed = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
        assert parameters("dev").items() <= deployed.items()
        printed = terminal.run([line for line in COMMANDS if not line.startswith("sam ")], cloud.endpoint)
        assert "Applied" in printed
        appflow = cloud.client("appflow")
        flow = appflow.describe_flow(flowName="dev-orders")
        cloud.client("events").put_events(**REQUEST)
        [name] = wait_for_other_flows(appflow, "dev-orders")
    assert name == "dev-returns"
    assert flow["tags"]["appflow-gitops:document"].endswith("/flows/orders.yaml")
