"""The command as a whole: exit status, options, standard input and output."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-c", "from appflow_gitops_cli.main import main; main()", "validate"]


@pytest.mark.parametrize(
    ("document", "options", "status"),
    [
        ("good", [], 0),
        ("misspelt", [], 1),
        ("without_destination", [], 1),
        ("without_destination", ["--ignore", "AFG210"], 0),
        ("misspelt", ["--ignore", "AFG1"], 1),
        ("doubtful", [], 0),
        ("doubtful", ["--warnings-as-errors"], 1),
        ("doubtful", ["--warnings-as-errors", "--ignore", "AFG101,AFG205"], 0),
        ("doubtful", ["--warnings-as-errors", "--select", "AFG3", "--select", "AFG205"], 1),
        ("doubtful", ["--warnings-as-errors", "--select", "AFG3"], 0),
    ],
)
def test_findings_decide_the_exit_status(request, run, document, options, status) -> None:
    for output_format in ("text", "json", "github", "sarif", "junit"):
        content = request.getfixturevalue(document).encode()
        result = run("validate", "--format", output_format, *options, "-", standard_input=content)
        assert result.exit_code == status


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing"], "Error: no such file or folder: missing\n"),
        (["."], "Error: there are no documents: no .json, .yaml, .yml file there\n"),
    ],
)
def test_what_could_not_run_is_told_in_one_line(write, run, arguments, told) -> None:
    write("notes.txt", "")
    result = run("validate", *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", told)


@pytest.mark.parametrize("arguments", [[], ["--ignore", "E501", "."], ["--format", "xml", "."]])
def test_wrong_usage_ends_with_2(run, arguments) -> None:
    result = run("validate", *arguments)
    assert result.exit_code == 2
    assert "Usage: appflow-gitops validate" in result.stderr


@pytest.mark.parametrize("as_json", [True, False])
def test_standard_input_is_json_or_yaml(run, good, as_json) -> None:
    described = {"flowArn": "arn:aws:appflow:us-east-1:123456789012:flow/orders"}
    text = json.dumps(described) if as_json else f"{good}flowArn: x\n"
    result = run("validate", "--format", "json", "-", standard_input=text.encode())
    [document] = json.loads(result.stdout)["documents"]
    assert document["file"] == "-"
    assert "AFG020" in {finding["rule"] for finding in document["findings"]}


def test_a_file_that_cannot_be_opened_is_a_finding_beside_the_others(write, run, good) -> None:
    write("flows/good.yaml", good)
    Path("flows/gone.json").symlink_to("nowhere")
    result = run("validate", "flows")
    assert result.exit_code == 1
    assert result.stdout == (
        "flows/gone.json:1:1: error: No such file or directory. [AFG000]\n\n2 documents, 1 flow, 1 error, 0 warnings\n"
    )


def test_help_shows_an_example(run) -> None:
    result = run("validate", "--help")
    assert "\n  Example:\n    appflow-gitops validate flows/\n" in result.stdout


@pytest.mark.parametrize(("document", "status"), [("good", 0), ("misspelt", 1)])
def test_a_reader_that_leaves_early_is_no_error(request, write, document, status) -> None:
    name = write("flow.yaml", request.getfixturevalue(document))
    process = subprocess.Popen([*COMMAND, name], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == (b"", status)
    process.stderr.close()


def test_a_terminal_without_unicode_shows_escapes(write, good) -> None:
    name = write("flow.yaml", good.replace("flowName: orders", "flowName: größe").replace("Map_all", "мап"))
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    result = subprocess.run([*COMMAND, name], capture_output=True, env=environment, check=False)
    assert (result.returncode, result.stderr) == (1, b"")
    assert rb"\u043c\u0430\u043f" in result.stdout


@pytest.mark.parametrize(
    ("settings", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_a_terminal_has_colours_unless_it_wants_none(write, misspelt, settings, coloured) -> None:
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


def test_what_is_piped_has_no_colours(run, write, misspelt) -> None:
    assert "\x1b" not in run("validate", write("flow.yaml", misspelt)).stdout


def test_validating_loads_nothing_of_aws_and_nothing_slow() -> None:
    look = "import sys, appflow_gitops_cli.validate.command; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"boto3", "botocore", "moto", "rich.console", "rich.progress"} & set(loaded)


def test_findings_that_comments_hide_are_counted(run, doubtful) -> None:
    said = run("validate", "-", standard_input=doubtful.encode()).stdout
    line = next(place for place in said.splitlines() if "AFG205" in place).split(":")[1]
    lines = doubtful.splitlines()
    lines[int(line) - 1] += "  # appflow-gitops: ignore AFG205 the field is on its way out"
    hidden = run("validate", "-", standard_input="\n".join(lines).encode()).stdout
    assert hidden == "1 document, 1 flow, 0 errors, 0 warnings (1 ignored by comments)\n"
