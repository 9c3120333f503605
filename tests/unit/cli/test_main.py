"""The entry point: the list of commands, exit statuses, and what is not imported."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from appflow_gitops import __version__
from appflow_gitops_cli.main import COMMANDS, CommandError, cli, main, run


@click.command()
@click.option("--how")
def breaks(how: str) -> None:
    if how == "expected":
        raise CommandError("the file is gone")
    raise RuntimeError("on two\nlines")


def ending(command: click.Command, *arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        run(command, arguments)
    return ended.value.code


def test_the_version_is_that_of_the_library() -> None:
    assert CliRunner().invoke(cli, ["--version"]).output == f"appflow-gitops, version {__version__}\n"


def test_help_lists_every_command() -> None:
    shown = CliRunner().invoke(cli, ["--help"]).output
    for name, (_, summary) in COMMANDS.items():
        assert f"  {name}" in shown
        assert " ".join(summary.split()) in " ".join(shown.split())


GROUPS = {"policy", "fields", "local"}


@pytest.mark.parametrize(
    "name",
    [
        *(name for name in COMMANDS if name not in GROUPS),
        "fields pull",
        "fields diff",
        "policy explain",
        "local up",
        "local demo",
    ],
)
def test_the_help_of_every_command_has_an_example_and_the_exit_status(name: str) -> None:
    result = CliRunner().invoke(cli, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert f"\n  Example:\n    appflow-gitops {name}" in result.output
    assert "\n  Exit status: 0 " in result.output
    assert "\\b" not in result.output


@pytest.mark.parametrize(
    ("typed", "intended"),
    [("vaildate", "validate"), ("Push", "push"), ("expor", "export"), ("apply", "push"), ("help", "--help")],
)
def test_an_unknown_command_suggests_the_intended_one(typed: str, intended: str) -> None:
    result = CliRunner().invoke(cli, [typed])
    assert result.exit_code == 2
    assert f"unknown command '{typed}'; did you mean '{intended}'?" in result.output


def test_an_unknown_command_like_no_other_lists_the_commands() -> None:
    assert "expected one of: 'init'" in CliRunner().invoke(cli, ["xyzzy"]).output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("vaildate", "unknown command 'vaildate'; did you mean 'validate'?"),
        ("local upp", "unknown command 'upp'; did you mean 'up'?"),
        ("local event requst", "unknown command 'requst'; did you mean 'request'?"),
        ("schema polcy", "unknown schema 'polcy'; did you mean 'policy'?"),
        ("rule AFG2577", "unknown rule 'AFG2577'; did you mean 'AFG257'?"),
        ("validate --foramt json .", "unknown option '--foramt'; did you mean '--format'?"),
        ("validate --format jsno .", "--format: unknown value 'jsno'; did you mean 'json'?"),
        (
            "local up --runtime x",
            "--runtime: unknown value 'x'; expected one of: 'process', 'rie', 'none'",
        ),
        ("validate flwos", "no such file or folder 'flwos'; did you mean 'flows'?"),
        ("push flwos", "no such file or folder 'flwos'; did you mean 'flows'?"),
        ("push flows/a.yaml", "'flows/a.yaml' is a file, expected a folder"),
        ("push", "missing argument 'DIR|FLOW' (see 'appflow-gitops push --help')"),
        ("status x", "got unexpected extra argument (x) (see 'appflow-gitops status --help')"),
        ("--foo", "unknown option '--foo' (see 'appflow-gitops --help')"),
        (
            "validate --ignore AFG999 .",
            "--ignore: unknown rule 'AFG999'; run 'appflow-gitops rule' to list all rules",
        ),
    ],
)
def test_wrong_usage_is_one_line_with_a_hint(
    arguments: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("flows").mkdir()
    Path("flows/a.yaml").touch()
    result = CliRunner().invoke(cli, arguments.split(), prog_name="appflow-gitops")
    assert (result.exit_code, result.output) == (2, f"Error: {message}\n")


def test_plan_exits_with_1_for_wrong_usage_too() -> None:
    assert CliRunner().invoke(cli, ["plan", "flwos"]).exit_code == 1


def test_wrong_usage_exits_with_2() -> None:
    assert ending(cli, "no-such-command") == 2


def test_an_expected_error_is_one_line_and_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(breaks, "--how", "expected") == 2
    assert capsys.readouterr().err == "Error: the file is gone\n"


def test_an_unexpected_error_is_one_line_and_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(breaks, "--how", "unexpected") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Error: unexpected RuntimeError: on two lines")


def test_debug_prints_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    command = click.Group(params=[click.Option(["--debug"], is_flag=True)], callback=lambda **_: None)
    command.add_command(breaks)
    assert ending(command, "--debug", "breaks") == 2
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["local", "up", "--help"], ["validate", "--help"]])
def test_help_imports_no_slow_module(arguments: list[str]) -> None:
    program = (
        "import sys; from appflow_gitops_cli.main import cli\n"
        f"cli({arguments!r}, standalone_mode=False)\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert not {"boto3", "botocore", "moto", "samtranslator", "werkzeug"} & set(
        shown.splitlines()[-1].split()
    )


OTHER_NAMES = {
    "apply": "push",
    "check": "validate",
    "deploy": "push",
    "log": "history",
    "rollback": "push",
    "explain": "rule",
    "help": "--help",
    "freeze": "pause",
    "lint": "validate",
    "rules": "rule",
    "version": "--version",
}


@pytest.mark.parametrize(("typed", "intended"), OTHER_NAMES.items())
def test_a_name_of_another_tool_leads_to_the_command(typed: str, intended: str) -> None:
    for name in (typed, typed.upper()):
        result = CliRunner().invoke(cli, [name])
        assert result.output == f"Error: unknown command '{name}'; did you mean '{intended}'?\n"


def test_completion_after_an_unknown_command_does_not_fail() -> None:
    context = cli.make_context("appflow-gitops", ["xyzzy"], resilient_parsing=True)
    assert cli.resolve_command(context, ["xyzzy"]) == (None, None, [])


@pytest.mark.parametrize(("command", "status"), [("plan", 130), ("validate", 130)])
def test_an_interruption_is_one_line_and_exits_as_a_shell_does(
    monkeypatch: pytest.MonkeyPatch, command: str, status: int
) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    found = cli.get_command(click.Context(cli), command)
    assert found
    monkeypatch.setattr(found, "callback", interrupted)
    result = CliRunner().invoke(cli, [command, "."])
    assert (result.exit_code, result.output) == (status, "Error: interrupted\n")


@pytest.mark.parametrize(("command", "status"), [("plan", 1), ("validate", 2)])
def test_an_unexpected_error_has_the_exit_status_of_its_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, status: int
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("on two\nlines")

    found = cli.get_command(click.Context(cli), command)
    assert found
    monkeypatch.setattr(found, "callback", broken)
    assert ending(cli, command, ".") == status
    assert capsys.readouterr().err == (
        "Error: unexpected RuntimeError: on two lines (rerun with appflow-gitops --debug ...)\n"
    )


def test_the_program_runs_its_arguments(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["appflow-gitops", "--version"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, capsys.readouterr().out.split()[0]) == (0, "appflow-gitops,")


@pytest.mark.parametrize(
    ("arguments", "usage"), [([], ""), (["fields"], "fields "), (["local", "event"], "local event ")]
)
def test_a_group_without_a_command_prints_its_help(arguments: list[str], usage: str) -> None:
    result = CliRunner().invoke(cli, arguments, prog_name="appflow-gitops")
    assert result.output.startswith(f"Usage: appflow-gitops {usage}[OPTIONS] COMMAND [ARGS]...")


def test_every_command_is_completed() -> None:
    assert cli.list_commands(click.Context(cli)) == list(COMMANDS)
