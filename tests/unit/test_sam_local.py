"""`make sam-local`: its options are those of the guide, and without a Docker engine it is skipped."""

from pathlib import Path

import pytest

from tools.sam_local import __main__ as sam_local


def test_the_guide_starts_the_local_cloud_as_make_sam_local_does() -> None:
    guide = Path(__file__).parents[2] / "docs/sam-local.md"
    assert f"appflow-gitops local up {' '.join(sam_local.OPTIONS)} &" in guide.read_text(encoding="utf-8")


def test_without_docker_the_last_line_says_that_it_was_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sam_local.main() == 0
    assert capsys.readouterr().out == "sam local: skipped, docker is not installed\n"


def test_without_an_engine_the_last_line_has_the_reason_of_docker(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert sam_local.main() == 0
    assert capsys.readouterr().out == (
        "sam local: skipped, no Docker engine answers: Cannot connect to the Docker daemon\n"
    )
