"""The Docker engine, and the image in which ``sam local`` runs the functions."""

import shutil
import subprocess
from pathlib import Path

STAND_IN = Path(__file__).with_name("stand_in_image.sh")
IMAGE = "public.ecr.aws/lambda/python:3.13-{architecture}"
_ANSWER_SECONDS = 20
_PULL_SECONDS = 300


class NoDockerError(Exception):
    """No Docker engine answers, or it has no image; the message says why."""


def require_engine() -> None:
    """Raise NoDockerError unless a Docker engine answers."""
    if shutil.which("docker") is None:
        raise NoDockerError("docker is not installed")
    if error := _error("docker", "info", "--format", "{{.ServerVersion}}", seconds=_ANSWER_SECONDS):
        raise NoDockerError(f"no Docker engine answers: {error}")


def require_image(architecture: str) -> None:
    """Pull the image for an architecture, or build a stand-in for it. Raises NoDockerError."""
    image = IMAGE.format(architecture=architecture)
    if not _error("docker", "image", "inspect", image, seconds=_ANSWER_SECONDS):
        return
    pulled = _error("docker", "pull", "--quiet", image, seconds=_PULL_SECONDS)
    if pulled and (built := _error(str(STAND_IN), architecture, seconds=2 * _PULL_SECONDS)):
        raise NoDockerError(f"cannot pull {image}: {pulled}; cannot build a stand-in: {built}")


def _error(*command: str, seconds: int) -> str | None:
    """Run a command; return the last line of its error, None when it succeeded."""
    try:
        run = subprocess.run(  # noqa: S603 - docker and our own script, no shell
            command, capture_output=True, text=True, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if run.returncode == 0:
        return None
    return (run.stderr.strip() or f"exit status {run.returncode}").splitlines()[-1]
