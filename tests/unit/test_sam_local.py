"""`make sam-local`: its options are those of the guide, and without a Docker engine it is skipped."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tools.sam_local import __main__ as sam_local

ROOT = Path(__file__).parents[2]


class AnyAnswer:
    """A SAM CLI, and the clouds that it works with: every call is answered with an empty event."""

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        return lambda *_, **__: {}

    @contextmanager
    def start_lambda(self, *_: Any) -> Iterator["AnyAnswer"]:
        yield self

    def client(self, *_: Any) -> "AnyAnswer":
        return self


def test_the_guide_starts_the_local_cloud_as_make_sam_local_does() -> None:
    guide = ROOT / "docs/sam-local.md"
    assert f"appflow-gitops local up {' '.join(sam_local.OPTIONS)} &" in guide.read_text(encoding="utf-8")


def test_every_sample_event_is_sent_to_every_function_that_handles_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: set[tuple[str, str]] = set()
    monkeypatch.setattr(sam_local.Run, "_report", lambda *sending: sent.add(sending[1:3]))
    monkeypatch.setattr(sam_local.Run, "invoke_started", lambda *_: None)
    any_answer: Any = AnyAnswer()
    sam_local.carry_out(sam_local.Run(any_answer, any_answer, Path("env.json")), any_answer)
    rows = [
        line.split(" | ")
        for line in (ROOT / "events/README.md").read_text().splitlines()
        if ".json` |" in line
    ]
    described = {(function, row[0].strip("| `")) for row in rows for function in row[1].split(", ")}
    assert {sample for _, sample in described} == {path.name for path in (ROOT / "events").glob("*.json")}
    assert described <= sent


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
