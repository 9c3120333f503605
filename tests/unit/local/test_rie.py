"""Lambda's emulator: its command line and environment, its log, and its answers."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from appflow_gitops_local import rie
from appflow_gitops_local.rie import (
    Emulator,
    EmulatorMissingError,
    emulator_log,
    find_emulator,
    function_log,
    result,
)
from appflow_gitops_local.runtime import Function, FunctionError

PROGRAM = Path("/opt/aws-lambda-rie")
FUNCTION = Function(
    "intake", "arn:intake", "intake.handler", 60, 512, (Path("code"), Path("layer")), {"STAGE": "test"}
)


@pytest.mark.parametrize(
    "answer", ["null", "[]", '{"queued": []}', '{"errorMessage": "only this"}', '{"errorType": "x"}']
)
def test_an_answer_is_a_value(answer: str) -> None:
    assert result(answer) == json.loads(answer)


@pytest.mark.parametrize(
    ("answer", "kind", "message", "trace"),
    [
        (
            '{"errorType": "ValueError", "errorMessage": "no", "stackTrace": ["line 1"]}',
            "ValueError",
            "no",
            ["line 1"],
        ),
        ('{"errorType": "ValueError", "errorMessage": "no", "stackTrace": null}', "ValueError", "no", []),
        ('{"errorType": "ValueError", "errorMessage": "no", "requestId": "1"}', "ValueError", "no", []),
        ("Task timed out after 60.00 seconds", "Sandbox.Timedout", "Task timed out after 60.00 seconds", []),
    ],
)
def test_an_answer_in_the_form_of_an_error_or_without_form_is_an_error(
    answer: str, kind: str, message: str, trace: list[str]
) -> None:
    with pytest.raises(FunctionError) as raised:
        result(answer)
    assert raised.value.payload == {"errorType": kind, "errorMessage": message, "stackTrace": trace}


def test_only_the_start_of_the_emulators_own_log_is_kept() -> None:
    line = "START INIT REPORT(durationMs: 1234.5678) more"
    assert list(emulator_log(line)) == ["INIT_REPORT Init Duration: 1234.57 ms"]
    assert list(emulator_log("END RequestId: 1")) == []


def test_a_record_of_the_functions_log_is_split_into_its_lines() -> None:
    assert list(function_log("one\rtwo\r\nthree\n")) == ["one", "two", "three"]


@pytest.mark.parametrize(("client", "isolated"), [(None, []), (Path("client"), ["-S"])])
def test_only_with_its_own_client_a_function_sees_no_other_packages(
    client: Path | None, isolated: list[str]
) -> None:
    emulator = Emulator(PROGRAM, client)
    command = emulator.command("intake.handler", 5001, 5002)
    assert command[0] == str(PROGRAM)
    assert command[command.index("--runtime-interface-emulator-address") + 1] == "127.0.0.1:5001"
    assert command[command.index("--runtime-api-address") + 1] == "127.0.0.1:5002"
    assert command[command.index(sys.executable) + 1 :] == [*isolated, "-m", "awslambdaric", "intake.handler"]
    environment = emulator.environment(FUNCTION, "http://localhost:5000", "eu-west-1")
    folders = ["code", "layer", *(["client"] if client else [])]
    assert environment["PYTHONPATH"] == os.pathsep.join(folders)
    expected: dict[str, Any] = {
        "STAGE": "test",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
        "AWS_ENDPOINT_URL": "http://localhost:5000",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    assert {name: environment.get(name) for name in expected} == expected


def installed(folder: Path) -> Path:
    """A SAM CLI in this folder; returns its emulator."""
    program = folder / "lib/python3.12/site-packages/samcli/local/rapid/aws-lambda-rie-x86_64"
    for file in (program, folder / "bin/sam"):
        file.parent.mkdir(parents=True)
        file.touch()
    return program


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Linux machine with the runtime client and without the SAM CLI."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rie.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(rie.importlib.util, "find_spec", lambda name: name)
    monkeypatch.setattr(rie.shutil, "which", lambda _: None)
    return tmp_path


def test_the_emulator_of_a_checkout_is_preferred_to_that_on_the_path(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path = installed(machine / "elsewhere")
    monkeypatch.setattr(rie.shutil, "which", lambda name: str(machine / f"elsewhere/bin/{name}"))
    assert find_emulator() == Emulator(on_path)
    of_checkout = installed(machine / ".venv-sam")
    assert find_emulator() == Emulator(of_checkout)


def test_what_is_missing_for_the_emulator_is_named(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EmulatorMissingError, match="aws-lambda-rie-x86_64 is missing"):
        find_emulator()
    installed(machine / ".venv-sam")
    monkeypatch.setattr(rie.importlib.util, "find_spec", lambda name: None if "snapshot" in name else name)
    with pytest.raises(
        EmulatorMissingError, match="snapshot-restore-py is missing: pip install awslambdaric"
    ):
        find_emulator()


def test_a_function_runs_under_lambdas_client_with_the_emulators_log() -> None:
    assert Emulator(PROGRAM).command("intake.handler", 5001, 5002) == [
        str(PROGRAM),
        "--log-level",
        "info",
        "--runtime-interface-emulator-address",
        "127.0.0.1:5001",
        "--runtime-api-address",
        "127.0.0.1:5002",
        sys.executable,
        "-m",
        "awslambdaric",
        "intake.handler",
    ]


@pytest.mark.parametrize("missing", ["awslambdaric", "simplejson", "snapshot-restore-py"])
def test_every_part_of_lambdas_client_is_needed(
    machine: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    installed(machine / ".venv-sam")
    module = missing.replace("-", "_")
    monkeypatch.setattr(rie.importlib.util, "find_spec", lambda name: None if name == module else name)
    with pytest.raises(EmulatorMissingError, match=f"^{missing} is missing: pip install awslambdaric"):
        find_emulator()


@pytest.mark.parametrize(
    ("architecture", "named"),
    [("aarch64", "arm64"), ("arm64", "arm64"), ("AMD64", "x86_64"), ("mips", "mips")],
)
def test_the_emulator_is_that_of_the_machine(
    machine: Path, monkeypatch: pytest.MonkeyPatch, architecture: str, named: str
) -> None:
    installed(machine / ".venv-sam")
    monkeypatch.setattr(rie.platform, "machine", lambda: architecture)
    if named == "x86_64":
        assert find_emulator().program.name == "aws-lambda-rie-x86_64"
    else:
        with pytest.raises(EmulatorMissingError, match=f"^aws-lambda-rie-{named} is missing"):
            find_emulator()


def test_the_client_is_linked_into_a_folder_only_if_one_is_named(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = installed(machine / ".venv-sam")
    monkeypatch.setattr(rie, "CLIENT", ("pytest",))
    client = machine / "client"
    client.mkdir()
    assert find_emulator() == Emulator(program)
    assert list(client.iterdir()) == []
    assert find_emulator(client) == Emulator(program, client)
    assert {"pytest", "_pytest", "py.py"} <= {path.name for path in client.iterdir()}
    assert (client / "pytest/__init__.py").is_file()
    assert {"..", "__pycache__"}.isdisjoint(path.name for path in client.iterdir())
