"""The command on the deployed stack: in this process, as if started with the environment of ``environment`` only."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import boto3
from click.testing import CliRunner

from appflow_gitops_cli.main import cli
from e2e.stack import DeployedStack

COMMAND = [sys.executable, "-c", "from appflow_gitops_cli.main import main; main()"]
"""The installed command, in a process of its own."""


def environment(stack: DeployedStack) -> dict[str, str]:
    """What the command needs to use the stack."""
    return {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": stack.cloud.endpoint,
        "AWS_DEFAULT_REGION": str(stack.cloud.ready()["region"]),
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }


def run_command(
    stack: DeployedStack, *arguments: str, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command with these arguments in the folder; its exit status and output."""
    with (
        patch.dict(os.environ, environment(stack), clear=True),
        patch.object(boto3, "DEFAULT_SESSION", None),
        contextlib.chdir(folder or Path.cwd()),
    ):
        ended = CliRunner().invoke(cli, arguments, prog_name="appflow-gitops")
    if ended.exception and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return subprocess.CompletedProcess(arguments, ended.exit_code, ended.stdout, ended.stderr)
