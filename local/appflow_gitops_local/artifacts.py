"""The artifacts of ``sam build`` for this machine and this Python, instead of Lambda's. The tests and ``benchmarks``
run them under ``rie``.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

ARCHITECTURES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
"""Machine, as Python names it -> architecture, as Lambda names it."""


class BuildError(Exception):
    """``sam build`` failed; the message is its output."""


def build(sam: Path, template: Path, into: Path) -> Path:
    """Build the template's functions and layers into a folder and return the built template. Raises BuildError."""
    run = subprocess.run(  # noqa: S603 - the SAM CLI that the caller names, no shell
        [
            *(sam, "build", "--no-cached", "--template", template, "--build-dir", into),
            *("--parameter-overrides", f"Architecture={ARCHITECTURES.get(platform.machine(), 'x86_64')}"),
        ],
        cwd=template.parent,
        env={
            **os.environ,
            "PYTHON": sys.executable,
            "LAMBDA_PYTHON": f"{sys.version_info.major}.{sys.version_info.minor}",
            "SAM_CLI_TELEMETRY": "0",
            "AWS_DEFAULT_REGION": "us-east-1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise BuildError(run.stdout + run.stderr)
    return into / "template.yaml"
