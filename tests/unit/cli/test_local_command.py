"""``local up``, ``local demo`` and the events for ``sam local``: what they start, print and return."""

import io
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar, Self

import pytest

from appflow_gitops_cli.local.instructions import instructions
from appflow_gitops_cli.main import cli
from appflow_gitops_local import cloud, demo, rie
from appflow_gitops_local.cloud import Settings, UnknownRegionError
from appflow_gitops_local.rie import Emulator, EmulatorMissingError, RieRuntime
from appflow_gitops_local.runtime import ProcessRuntime
from appflow_gitops_local.server import AddressError
from appflow_gitops_local.stack import EVENTS, TEMPLATE
from appflow_gitops_local.template import TemplateError

from .conftest import Run, Write

READY = {"endpoint": "http://127.0.0.1:5000", "region": "eu-west-1", "stack": "mine", "outputs": {}}
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class FakeCloud:
    """Records what is started and stopped. A signal arrives as soon as it is ready."""

    events: ClassVar[list[Any]] = []
    error: ClassVar[Exception | None] = None
    number: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, settings: Settings) -> None:
        self.events.append(settings)

    def __enter__(self) -> Self:
        print("moto prints at times")  # noqa: T201
        if self.error:
            raise self.error
        return self

    def __exit__(self, *_: object) -> None:
        self.events.append("stopped")

    def ready(self) -> dict[str, Any]:
        signal.raise_signal(self.number)
        return READY


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The settings of the local clouds that were started, and "stopped" for each that was stopped."""
    monkeypatch.setattr(cloud, "LocalCloud", FakeCloud)
    monkeypatch.setattr(FakeCloud, "events", [])
    return FakeCloud.events


def unexpected(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise AssertionError("the signal reached the handler of the tests")


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Handlers of signals that are not called, and that are there afterwards."""
    before = {number: signal.signal(number, unexpected) for number in SIGNALS}
    yield
    after = [signal.signal(number, handler) for number, handler in before.items()]
    assert after == [unexpected, unexpected]


def chosen(settings: Settings) -> dict[str, Any]:
    """The settings that differ from the defaults, without the functions."""
    default = Settings(TEMPLATE, port=5000)
    names = [name for name in Settings.__slots__ if name not in ("report", "trace")]
    return {
        name: getattr(settings, name) for name in names if getattr(settings, name) != getattr(default, name)
    }


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        ("", {}),
        ("--host 0.0.0.0 --port 0 --region eu-west-1", {"host": "0.0.0.0", "port": 0, "region": "eu-west-1"}),  # noqa: S104
        ("--port 65535 --stack mine", {"port": 65_535, "stack": "mine"}),
        (
            "-P Stage=dev --parameter A=b=c -P Empty=",
            {"parameters": {"Stage": "dev", "A": "b=c", "Empty": ""}},
        ),
        ("--strict-tasks", {"strict_tasks": True}),
        ("--allow-missing", {"require_resources": False}),
        ("--no-allow-missing", {}),
        ("--visibility-timeout 0", {"visibility_timeout": 0}),
        ("--visibility-timeout 43200", {"visibility_timeout": 43_200}),
        ("--runtime process --iam", {}),
        ("--runtime none --no-iam", {"runtime": None, "enforce_iam": False}),
        ("--template mine.yaml", {"template": Path("mine.yaml")}),
    ],
)
def test_up_starts_a_local_cloud_as_its_options_say(
    run: Run, write: Write, started: list[Any], options: str, settings: dict[str, Any]
) -> None:
    write("mine.yaml", "")
    ended = run("local", "up", *options.split())
    assert ended.exit_code == 0
    assert (chosen(started[0]), started[1:]) == (settings, ["stopped"])


@pytest.mark.parametrize(
    "options",
    [
        "--port 65536",
        "--port -1",
        "--visibility-timeout -1",
        "--visibility-timeout 43201",
        "--template missing.yaml",
        "--template .",
        "-P A",
        "-P =b",
        "--stage dev",
    ],
)
def test_up_starts_nothing_for_wrong_usage(run: Run, write: Write, started: list[Any], options: str) -> None:
    write("appflow-gitops.toml", "[stages.prod]\n")
    ended = run("local", "up", *options.split())
    assert (ended.exit_code, started) == (2, [])
    assert len(ended.output.splitlines()) == 1


def test_a_parameter_without_a_name_or_a_value_is_named(run: Run) -> None:
    assert (
        run("local", "up", "-P", "Stage").output == "Error: --parameter: expected NAME=VALUE, got 'Stage'\n"
    )


def test_up_prints_one_line_of_json_and_what_moto_prints_on_standard_error(
    run: Run, started: list[Any]
) -> None:
    ended = run("local", "up")
    assert json.loads(ended.stdout) == READY
    assert len(ended.stdout.splitlines()) == 1
    assert ended.stderr == "moto prints at times\n"
    assert started[1:] == ["stopped"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.usefixtures("started", "run")
def test_up_prints_instructions_on_a_terminal(
    write: Write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("appflow-gitops.toml", "[stages.dev]\n")
    monkeypatch.setenv("APPFLOW_GITOPS_STAGE", "dev")
    with redirect_stdout(Terminal()) as terminal:
        cli.main(["local", "up"], standalone_mode=False)
    assert terminal.getvalue().startswith("The local cloud is ready: stack mine in eu-west-1.\n")
    assert "push --wait --stage dev flows/\n" in terminal.getvalue()
    assert capsys.readouterr().err.splitlines()[1:] == [
        "Starting the local cloud, which takes a few seconds.",
        "moto prints at times",
    ]


@pytest.mark.parametrize("number", SIGNALS)
def test_up_ends_well_on_either_signal(
    run: Run, started: list[Any], monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setattr(FakeCloud, "number", number)
    assert run("local", "up").exit_code == 0
    assert started[1:] == ["stopped"]


@pytest.mark.parametrize(("options", "traced"), [((), ""), (("-v",), "a request\n")])
def test_up_prints_requests_only_if_verbose_and_failures_always(
    run: Run, started: list[Any], capsys: pytest.CaptureFixture[str], options: tuple[str, ...], traced: str
) -> None:
    run("local", "up", *options)
    [settings, _] = started
    settings.trace("a request")
    assert capsys.readouterr() == ("", traced)
    settings.report("a failure")
    assert capsys.readouterr() == ("", "a failure\n")


PROJECT = '[stages.dev]\nstack = "flows-dev"\n[stages.prod]\nstack = "flows-prod"\n'
ASSUMED = {"Stage": "dev", "CreateMissingFlows": "true"}


@pytest.mark.parametrize(
    ("project", "options", "settings", "shown"),
    [
        (
            PROJECT,
            "",
            {"stack": "flows-dev", "parameters": ASSUMED, "require_resources": False},
            "--stack flows-dev -P Stage=dev -P CreateMissingFlows=true --allow-missing",
        ),
        (
            PROJECT,
            "--stage prod --no-allow-missing",
            {"stack": "flows-prod", "parameters": {**ASSUMED, "Stage": "prod"}},
            "--stack flows-prod -P Stage=prod -P CreateMissingFlows=true",
        ),
        (
            PROJECT,
            "--stack mine -P CreateMissingFlows=false -P SelfHeal=true",
            {
                "stack": "mine",
                "parameters": {"Stage": "dev", "CreateMissingFlows": "false", "SelfHeal": "true"},
                "require_resources": False,
            },
            "--stack mine -P Stage=dev -P CreateMissingFlows=false -P SelfHeal=true --allow-missing",
        ),
        (
            'stack = "mine"\n',
            "",
            {"stack": "mine", "parameters": {"CreateMissingFlows": "true"}, "require_resources": False},
            "--stack mine -P CreateMissingFlows=true --allow-missing",
        ),
        (
            PROJECT,
            "--template mine.yaml",
            {"stack": "flows-dev", "require_resources": False, "template": Path("mine.yaml")},
            None,
        ),
        (None, "", {}, None),
        (None, "--stage dev", {}, None),
    ],
)
def test_up_deploys_the_stack_of_a_stage_of_the_repository_and_prints_its_settings(  # noqa: PLR0917
    run: Run,
    write: Write,
    started: list[Any],
    project: str | None,
    options: str,
    settings: dict[str, Any],
    shown: str | None,
) -> None:
    write("mine.yaml", "")
    if project:
        write("appflow-gitops.toml", project)
    ended = run("local", "up", *options.split())
    assert chosen(started[0]) == settings
    first = [f"appflow-gitops.toml: {shown}"] if shown else []
    assert ended.stderr.splitlines() == [*first, "moto prints at times"]


@pytest.mark.parametrize("command", ["up", "demo"])
@pytest.mark.parametrize("kind", [AddressError, TemplateError, UnknownRegionError])
def test_a_cloud_that_cannot_start_is_one_line(
    run: Run, started: list[Any], monkeypatch: pytest.MonkeyPatch, kind: type[Exception], command: str
) -> None:
    monkeypatch.setattr(FakeCloud, "error", kind("it cannot start"))
    ended = run("local", command)
    assert ended.exit_code == 2
    assert ended.stderr.splitlines()[-1] == "Error: it cannot start"
    assert started[1:] == []


@pytest.mark.parametrize("command", ["up", "demo"])
def test_a_missing_package_names_the_extra_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setitem(sys.modules, "appflow_gitops_local.cloud", None)
    ended = run("local", command)
    assert ended.exit_code == 2
    assert ended.stderr.splitlines()[-1] == (
        "Error: package 'appflow_gitops_local.cloud' is missing: install appflow-gitops with its extra 'local'"
    )


def test_the_runtime_is_a_process_or_the_emulator_where_it_is_found(
    run: Run, started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rie, "find_emulator", lambda: Emulator(Path("rie")))
    run("local", "up", "--runtime", "rie")
    made = started[0].runtime("http://127.0.0.1", "eu-west-1", print)
    assert isinstance(made, RieRuntime)
    assert made._emulator == Emulator(Path("rie"))
    assert Settings(TEMPLATE).runtime is ProcessRuntime


def test_a_missing_emulator_is_one_line(
    run: Run, started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> Emulator:
        raise EmulatorMissingError("aws-lambda-rie is missing")

    monkeypatch.setattr(rie, "find_emulator", missing)
    ended = run("local", "up", "--runtime", "rie")
    assert (ended.exit_code, ended.output, started) == (2, "Error: aws-lambda-rie is missing\n", [])


@pytest.mark.parametrize("message", [None, "missing outcomes: Applied for 'orders'"])
def test_the_demo_fails_if_an_outcome_is_missing(
    run: Run, write: Write, started: list[Any], monkeypatch: pytest.MonkeyPatch, message: str | None
) -> None:
    shown: list[Any] = []

    def present(cloud: FakeCloud, events: Path, console: Any, command: str) -> str | None:
        console.print("12 flows")
        shown.extend([type(cloud), events, command])
        return message

    monkeypatch.setattr(demo, "run", present)
    ended = run("local", "demo", "--template", write("mine.yaml", ""))
    assert (ended.exit_code, ended.stderr) == ((1, f"Error: {message}\n") if message else (0, ""))
    assert ended.stdout.endswith("12 flows\n")
    assert (shown[:2], started[1:]) == ([FakeCloud, EVENTS], ["stopped"])
    assert shown[2].endswith("appflow-gitops")
    assert chosen(started[0]) == {"template": Path("mine.yaml"), "port": 0, "require_resources": False}


OUTPUTS = {
    "DocumentsBucketName": "documents",
    "EventBusName": "bus",
    "FlowChangesQueueUrl": "http://127.0.0.1:5000/1/changes",
    "DeadLetterQueueUrl": "http://127.0.0.1:5000/1/dead",
    "ApplyFunctionName": "apply",
}


def test_the_instructions_name_what_a_user_needs_and_fit_into_80_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["pytest"])
    monkeypatch.setenv("PATH", "")
    lines = instructions({**READY, "outputs": OUTPUTS}).splitlines()
    assert lines == [
        "The local cloud is ready: stack mine in eu-west-1.",
        "  documents bucket    documents",
        "  event bus           bus",
        "  flow changes queue  http://127.0.0.1:5000/1/changes",
        "  dead-letter queue   http://127.0.0.1:5000/1/dead",
        "",
        "In another terminal:",
        "  export AWS_ENDPOINT_URL=http://127.0.0.1:5000 AWS_DEFAULT_REGION=eu-west-1",
        "  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local",
        "  appflow-gitops push --wait --stack mine flows/",
        "",
        "Ctrl-C stops it and discards its state.",
    ]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("stack", "stage", "options"),
    [
        ("appflow-gitops", None, ""),
        ("mine", None, " --stack mine"),
        ("mine", "dev", " --stage dev"),
        ("appflow-gitops", "dev", " --stage dev"),
    ],
)
def test_the_instructions_push_to_the_stack_or_stage(stack: str, stage: str | None, options: str) -> None:
    text = instructions({**READY, "stack": stack}, stage)
    assert f"push --wait{options} flows/\n" in text
    assert "bucket" not in text


@pytest.mark.parametrize(
    ("called", "is_on_path", "shown"),
    [
        (".venv/bin/appflow-gitops", False, ".venv/bin/appflow-gitops"),
        (".venv/bin/appflow-gitops", True, "appflow-gitops"),
        ("/usr/bin/python", False, "appflow-gitops"),
    ],
)
def test_the_command_is_named_as_it_can_be_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: str, is_on_path: bool, shown: str
) -> None:
    if is_on_path:
        (tmp_path / "appflow-gitops").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", [called])
    assert f"  {shown} push --wait" in instructions(READY)
