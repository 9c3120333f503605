"""What ``sam build`` makes of template.yaml, for the machine and the Python at hand. Built once for all figures."""

from functools import cache
from pathlib import Path

from appflow_gitops_local.artifacts import BuildError, build

ROOT = Path(__file__).parents[1]


@cache
def artifacts() -> Path:
    """The folder with the built functions and the layer. Raises BuildError."""
    sam = ROOT / ".venv-sam" / "bin" / "sam"
    if not sam.exists():
        raise BuildError("the SAM CLI is missing in .venv-sam: `make bench` installs it")
    template = build(sam, ROOT / "template.yaml", ROOT / ".aws-sam/benchmarks")
    return template.parent


def layer() -> Path:
    """The folder of the layer that Python finds modules in."""
    return artifacts() / "LibraryLayer" / "python"
