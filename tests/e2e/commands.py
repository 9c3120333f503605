"""The installed command, run as a user would, on the deployed stack."""

import os
import subprocess
import sys
from pathlib import Path

from e2e.stack import DeployedStack

COMMAND = [sys.executable, "-c", "from appflow_gitops_cli.main import main; main()"]


def run_command(
    stack: DeployedStack, *arguments: str, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command with these arguments in the folder, and return the completed process."""
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": stack.cloud.endpoint,
        "AWS_DEFAULT_REGION": str(stack.cloud.ready()["region"]),
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
