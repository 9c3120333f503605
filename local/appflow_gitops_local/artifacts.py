"""The artifacts of ``sam build``, made for the machine and the Python at hand rather than for Lambda's.

The template asks for arm64 and one version of Python, and the layer's native parts fit only these. The build itself is
the same: layers/appflow_gitops/Makefile is told another platform, which is the very one wherever both agree. The tests
and ``benchmarks`` run these artifacts under ``rie``.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path


class BuildError(Exception):
    """``sam build`` failed; the message is what it said."""


def build(sam: Path, template: Path, into: Path) -> Path:
    """Build the template's functions and layers into a folder; the built template. Raises BuildError."""
    run = subprocess.run(  # noqa: S603 - the SAM CLI that the caller names, no shell
        [sam, "build", "--no-cached", "--template", template, "--build-dir", into],
        cwd=template.parent,
        env={
            **os.environ,
            "PYTHON": sys.executable,
            "LAMBDA_PLATFORM": f"manylinux2014_{platform.machine()}",
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
