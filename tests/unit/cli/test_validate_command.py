"""The command ``validate``: exit status, options, standard input and output."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from appflow_gitops_cli.validate.formats import as_sarif

COMMAND = [sys.executable, "-c", "from appflow_gitops_cli.main import main; main()", "validate"]


@pytest.mark.parametrize(
    ("document", "options", "status"),
    [
        ("good", [], 0),
        ("misspelt", [], 1),
        ("without_destination", [], 1),
        ("without_destination", ["--ignore", "AFG210"], 0),
        ("misspelt", ["--ignore", "AFG1"], 1),
        ("with_warning", [], 0),
        ("with_warning", ["--warnings-as-errors"], 1),
        ("with_warning", ["--warnings-as-errors", "--ignore", "AFG101,AFG205"], 0),
        ("with_warning", ["--warnings-as-errors", "--ignore", "AFG101", "--ignore", "AFG205"], 0),
        ("with_warning", ["--warnings-as-errors", "--ignore", "AFG205", "--ignore", "AFG101"], 0),
        ("with_warning", ["--warnings-as-errors", "--select", "AFG3", "--select", "AFG205"], 1),
        ("with_warning", ["--warnings-as-errors", "--select", "AFG3"], 0),
    ],
)
def test_findings_decide_the_exit_status(request, run, document, options, status) -> None:
    for output_format in ("text", "json", "github", "sarif", "junit"):
        content = request.getfixturevalue(document).encode()
        result = run("validate", "--format", output_format, *options, "-", standard_input=content)
        assert result.exit_code == status


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing"], "Error: no such file or folder 'missing'\n"),
        (["."], "Error: no documents found: expected files that end in .json, .yaml, .yml\n"),
    ],
)
def test_an_error_is_one_line(write, run, arguments, message) -> None:
    write("notes.txt", "")
    result = run("validate", *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", message)


@pytest.mark.parametrize("arguments", [[], ["--ignore", "E501", "."], ["--format", "xml", "."]])
def test_wrong_usage_exits_with_2(run, arguments) -> None:
    result = run("validate", *arguments)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("as_json", [True, False])
def test_standard_input_is_json_or_yaml(run, good, as_json) -> None:
    arn = "arn:aws:appflow:us-east-1:123456789012:flow/orders"
    described = {"flowName": "orders", "flowArn": arn}
    text = json.dumps(described) if as_json else f"{good}flowArn: x\n"
    result = run("validate", "--format", "json", "-", standard_input=text.encode())
    [document] = json.loads(result.stdout)["documents"]
    assert document["file"] == "-"
    assert "AFG020" in {finding["rule"] for finding in document["findings"]}


def test_a_file_that_cannot_be_read_is_a_finding(write, run, good) -> None:
    write("flows/good.yaml", good)
    Path("flows/gone.json").symlink_to("nowhere")
    result = run("validate", "flows")
    assert result.exit_code == 1
    assert result.stdout == (
        "flows/gone.json:1:1: error: cannot read the file: No such file or directory [AFG000]\n\n"
        "2 documents, 1 flow, 1 error, 0 warnings\n"
    )


def test_help_has_an_example(run) -> None:
    result = run("validate", "--help")
    assert "\n  Example:\n    appflow-gitops validate flows/\n" in result.stdout


@pytest.mark.parametrize(("document", "status"), [("good", 0), ("misspelt", 1)])
def test_a_closed_pipe_does_not_change_the_exit_status(request, write, document, status) -> None:
    name = write("flow.yaml", request.getfixturevalue(document))
    process = subprocess.Popen([*COMMAND, name], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == (b"", status)
    process.stderr.close()


def test_an_ascii_terminal_gets_escapes(write, good) -> None:
    name = write("flow.yaml", good.replace("flowName: orders", "flowName: größe").replace("Map_all", "мап"))
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    result = subprocess.run([*COMMAND, name], capture_output=True, env=environment, check=False)
    assert (result.returncode, result.stderr) == (1, b"")
    assert rb"\u043c\u0430\u043f" in result.stdout


@pytest.mark.parametrize(
    ("settings", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_a_terminal_has_colours_unless_they_are_turned_off(write, misspelt, settings, coloured) -> None:
    name = write("flow.yaml", misspelt)
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    ours, theirs = pty.openpty()
    subprocess.run(
        [*COMMAND, name], stdout=theirs, env=environment | {"TERM": "xterm"} | settings, check=False
    )
    shown = os.read(ours, 100_000)
    os.close(ours)
    os.close(theirs)
    assert b"AFG104" in shown
    assert (b"\x1b[" in shown) is coloured


def test_a_pipe_has_no_colours(run, write, misspelt) -> None:
    assert "\x1b" not in run("validate", write("flow.yaml", misspelt)).stdout


def test_validate_imports_neither_boto3_nor_slow_modules() -> None:
    look = "import sys, appflow_gitops_cli.validate.command; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"boto3", "botocore", "moto", "rich.console", "rich.progress"} & set(loaded)


def test_findings_ignored_by_comments_are_counted(run, with_warning) -> None:
    output = run("validate", "-", standard_input=with_warning.encode()).stdout
    number = next(line for line in output.splitlines() if "AFG205" in line).split(":")[1]
    lines = with_warning.splitlines()
    lines[int(number) - 1] += "  # appflow-gitops: ignore AFG205 the field is on its way out"
    hidden = run("validate", "-", standard_input="\n".join(lines).encode()).stdout
    assert hidden == "1 document, 1 flow, 0 errors, 0 warnings (1 ignored by comments)\n"


def test_infos_are_counted_and_shown_with_verbose_or_when_selected(run, write, good) -> None:
    document = write("orders.yaml", f"{good}flowArn: x\n")
    assert "1 info not shown" in run("validate", document).output
    for options in (["--verbose"], ["--select", "AFG020"]):
        assert "[AFG020]" in run("validate", *options, document).output


def test_a_rule_that_does_not_exist_cannot_be_selected(run, write, good) -> None:
    result = run("validate", "--ignore", "AFG999", write("orders.yaml", good))
    assert result.exit_code == 2
    assert "unknown rule 'AFG999'" in result.output


def test_sarif_beyond_the_limit_of_github_is_reported_on_standard_error(
    run, write, with_warning, monkeypatch
) -> None:
    document = write("orders.yaml", f"{with_warning}flowArn: x\n")
    assert run("validate", "--format", "sarif", document).stderr == ""
    monkeypatch.setattr(as_sarif, "MAX_RESULTS", 1)
    result = run("validate", "--format", "sarif", document)
    assert len(json.loads(result.stdout)["runs"][0]["results"]) == 1
    assert result.stderr == "1 results left out, errors last: GitHub accepts 1\n"
