"""The project file sets the defaults of options; the command line replaces them."""

import json
from pathlib import Path

import click
import pytest

from appflow_gitops_cli.main import CommandError, cli
from appflow_gitops_cli.project_file import FILE_NAME, find_project_file, read_defaults

from .conftest import Run, Write

PROJECT = """\
stack = "flows"
vars = "variables/dev.yaml"
ignore = ["AFG205", "AFG257"]

[stages.prod]
stack = "flows-prod"
vars = "variables/prod.yaml"
policy = "policy.yaml"
"""


@pytest.fixture
def project(write: Write) -> Path:
    return Path(write(FILE_NAME, PROJECT)).absolute()


def test_settings_are_defaults_of_the_options(project: Path) -> None:
    expected = {"stack": "flows", "variables": "variables/dev.yaml", "ignore": ("AFG205", "AFG257")}
    assert read_defaults(project, None) == expected


def test_a_stage_replaces_the_settings_that_it_has(project: Path) -> None:
    assert read_defaults(project, "prod") == {
        "stack": "flows-prod",
        "variables": "variables/prod.yaml",
        "policy": "policy.yaml",
        "ignore": ("AFG205", "AFG257"),
    }


def test_paths_are_relative_to_the_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project.parent / "flows"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert read_defaults(project, None)["variables"] == "../variables/dev.yaml"


def test_the_file_is_found_from_a_folder_below_it_in_the_same_repository(project: Path) -> None:
    (project.parent / ".git").mkdir()
    below = project.parent / "flows" / "sales"
    assert find_project_file(below) == project
    (below / ".git").mkdir(parents=True)
    assert find_project_file(below) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stak = 'x'", "unknown key 'stak', expected one of: 'stack', 'vars'"),
        ("[stages.prod]\nstak = 'x'", "unknown key 'stak'"),
        ("stack = 1", "'stack' must be a string"),
        ("ignore = 'AFG2'", "'ignore' must be a list"),
        ("select = ['F401']", "unknown rule 'F401' in 'select'"),
        ("stages = 'prod'", "'stages' must be a table of tables"),
        ("[stages]\nprod = 'x'", "a stage must be a table"),
        ("[stages.dev]", "unknown stage 'prod', expected one of: 'dev'"),
        ("", "unknown stage 'prod', expected one of: none"),
        ("stack = ", "Invalid value"),
    ],
)
def test_an_invalid_file_is_an_error(write: Write, text: str, message: str) -> None:
    with pytest.raises(CommandError, match=FILE_NAME) as error:
        read_defaults(Path(write(FILE_NAME, text)), "prod")
    assert message in str(error.value)


@pytest.mark.usefixtures("project")
def test_validate_reads_variables_and_ignored_rules_from_it(
    write: Write, run: Run, with_warning: str
) -> None:
    write("variables/dev.yaml", "LAKE: data-lake\n")
    document = write("orders.yaml", with_warning.replace("data-lake", "'${env.LAKE}'"))
    result = run("validate", "--format", "json", document)
    assert json.loads(result.stdout)["documents"][0]["findings"] == []


@pytest.mark.usefixtures("project")
def test_options_replace_the_settings(write: Write, run: Run, with_warning: str) -> None:
    write("variables/dev.yaml", "LAKE: data-lake\n")
    document = write("orders.yaml", with_warning)
    result = run("validate", "--ignore", "AFG3", "--format", "json", document)
    rules = [finding["rule"] for finding in json.loads(result.stdout)["documents"][0]["findings"]]
    assert rules == ["AFG205"]


@pytest.mark.usefixtures("project")
def test_the_stage_is_an_option_or_an_environment_variable(
    write: Write, run: Run, good: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("variables/dev.yaml", "LAKE: data-lake\n")
    document = write("orders.yaml", good)
    message = "file 'policy.yaml' does not exist"
    assert run("validate", document).exit_code == 0
    assert message in run("validate", "--stage", "prod", document).output
    monkeypatch.setenv("APPFLOW_GITOPS_STAGE", "prod")
    assert message in run("validate", document).output


def test_a_stage_without_a_project_file_is_an_error(write: Write, run: Run, good: str) -> None:
    result = run("validate", "--stage", "prod", write("orders.yaml", good))
    assert result.exit_code == 2
    assert "stage 'prod' needs a file appflow-gitops.toml" in result.output


@pytest.mark.usefixtures("project")
def test_without_a_stage_an_undefined_variable_leads_to_the_stages(write: Write, run: Run, good: str) -> None:
    write(FILE_NAME, '[stages.dev]\nstack = "flows-dev"\n[stages.prod]\nvars = "variables/prod.yaml"\n')
    document = write("orders.yaml", good.replace("data-lake", '"${env.LAKE}"'))
    assert "hint: select a stage with --stage: 'dev', 'prod'" in run("validate", document).output
    assert "--stage" not in run("validate", "--stage", "dev", document).output


def test_without_stages_an_undefined_variable_leads_to_the_documentation(
    write: Write, run: Run, good: str
) -> None:
    document = write("orders.yaml", good.replace("data-lake", '"${env.LAKE}"'))
    assert "hint: no variables are defined, see docs/variables.md" in run("validate", document).output


@pytest.mark.usefixtures("project")
def test_local_up_starts_no_stack_of_a_stage_that_the_project_file_lacks(write: Write, run: Run) -> None:
    write(FILE_NAME, '[stages.dev]\nstack = "flows-dev"\n')
    result = run("local", "up", "--stage", "dve", "--port", "0")
    assert result.exit_code == 2
    assert "unknown stage 'dve', expected one of: 'dev'" in result.output


@pytest.mark.parametrize(
    ("text", "defaults"),
    [
        ("stack = 'flows'", {"stack": "flows"}),
        ("vars = 'a/dev.yaml'", {"variables": "a/dev.yaml"}),
        ("vars = '/etc/dev.yaml'", {"variables": "/etc/dev.yaml"}),
        ("policy = 'policy.yaml'", {"policy": "policy.yaml"}),
        ("fields = 'fields'", {"fields": "fields"}),
        ("select = ['AFG2', 'afg301,AFG4xx']", {"select": ("AFG2", "AFG301", "AFG4")}),
        ("ignore = []", {"ignore": ()}),
        ("", {}),
        ("[stages.prod]", {}),
    ],
)
def test_each_key_is_the_default_of_an_option(write: Write, text: str, defaults: dict[str, object]) -> None:
    assert read_defaults(Path(write(FILE_NAME, text)).absolute(), None) == defaults


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stack = ''", "'stack' must be a string"),
        ("vars = 1", "'vars' must be a string"),
        ("policy = ['a']", "'policy' must be a string"),
        ("fields = false", "'fields' must be a string"),
        ("select = [1]", "'select' must be a list of rule ids or prefixes, such as ['AFG257']"),
        ("ignore = ['AFG2', 'X']", "unknown rule 'X' in 'ignore'"),
        (
            "colour = 'red'",
            "unknown key 'colour', expected one of: 'stack', 'vars', 'policy', 'fields', 'select', 'ignore', 'stages'",
        ),
        ("[stages]\ndev = 1", "a stage must be a table, such as [stages.prod]"),
        ("stages = 1", "'stages' must be a table of tables, such as [stages.prod]"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(write: Write, text: str, message: str) -> None:
    with pytest.raises(CommandError) as error:
        read_defaults(Path(write(FILE_NAME, text)), None)
    assert error.value.message == f"{FILE_NAME}: {message}"


def test_a_stage_that_is_not_required_may_be_missing(project: Path) -> None:
    assert read_defaults(project, "test", stage_is_required=False) == read_defaults(project, None)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as error:
        read_defaults(tmp_path / FILE_NAME, None)
    assert error.value.message == f"cannot read {tmp_path / FILE_NAME}: No such file or directory"
    (tmp_path / FILE_NAME).write_bytes(b"\xff")
    with pytest.raises(CommandError, match=FILE_NAME):
        read_defaults(tmp_path / FILE_NAME, None)


def test_outside_of_a_repository_the_file_is_found_in_any_folder_above(project: Path) -> None:
    assert find_project_file(project.parent / "flows" / "sales") == project
    assert find_project_file(project.parent) == project


@pytest.mark.parametrize(("command", "stage"), [("validate", None), ("status", "dev"), ("local up", "dev")])
def test_completion_does_not_read_the_file(write: Write, command: str, stage: str | None) -> None:
    write(FILE_NAME, "stack = 1")
    found: click.Command | None = cli
    for name in command.split():
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), name)
    assert found
    made = found.make_context("x", ["--stage", "dev"], resilient_parsing=True)
    assert (made.default_map, made.params.get("stage")) == (None, stage)
