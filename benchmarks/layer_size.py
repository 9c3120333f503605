"""How large the layer is, unzipped. Lambda takes 250 MiB in all, and what is loaded has to be fetched first."""

from pathlib import Path

from benchmarks.built import layer
from benchmarks.figures import Figure

LIMIT = 30
BOTO3 = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "python_dateutil", "six")
"""boto3 and what it brings along: Lambda has a boto3 of its own, ours is there to be the same everywhere."""
_MEBIBYTE = 1 << 20


def figures(rounds: int) -> list[Figure]:  # noqa: ARG001 - a size does not vary
    """The size of the built layer without boto3."""
    return [Figure("unzipped layer without boto3", _size(layer()) / _MEBIBYTE, LIMIT, "MiB")]


def _size(folder: Path) -> int:
    """Bytes of everything in the folder but boto3."""
    ours = (entry for entry in folder.iterdir() if not entry.name.startswith(BOTO3))
    return sum(file.stat().st_size for entry in ours for file in (entry, *entry.rglob("*")) if file.is_file())
