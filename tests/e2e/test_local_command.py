"""``appflow-gitops local`` as a person starts it: ready line, signals, exit statuses."""

import contextlib
import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from appflow_gitops_cli.main import cli
from e2e.clouds import Clouds
from e2e.commands import COMMAND
from e2e.stack import PATIENCE, ROOT


@contextlib.contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def stopped(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    """Exit status, and what else was printed on standard output and error."""
    process.send_signal(number)
    output, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, output, errors


def ended(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.fixture
def command(programs: Path) -> str:
    return str(programs / "appflow-gitops")


def test_up_prints_one_line_when_it_is_ready_and_ends_well_on_a_signal() -> None:
    with started(*COMMAND, "local", "up", "--port", "0") as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["region"] == "us-east-1"
        assert ready["stack"] == "appflow-gitops"
        assert ready["outputs"].keys() >= {
            "DocumentsBucketName",
            "EventBusName",
            "FlowChangesQueueUrl",
            "DeadLetterQueueUrl",
        }
        session = boto3.Session("local", "local", region_name=ready["region"])
        queues = session.client("sqs", endpoint_url=ready["endpoint"]).list_queues()["QueueUrls"]
        assert ready["outputs"]["FlowChangesQueueUrl"] in queues
        assert stopped(process, signal.SIGTERM) == (0, "", "")


def test_up_takes_the_port_and_the_parameters_it_is_given(command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with started(
        command, "local", "up", "--port", str(port), "-P", "CreateMissingFlows=true", "--stack", "mine"
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["endpoint"] == f"http://127.0.0.1:{port}"
        assert ready["outputs"]["EventBusName"] == "mine"
        session = boto3.Session("local", "local", region_name=ready["region"])
        function = session.client("lambda", endpoint_url=ready["endpoint"]).get_function_configuration(
            FunctionName=ready["outputs"]["ApplyFunctionName"]
        )
        assert function["Environment"]["Variables"]["CREATE_MISSING_FLOWS"] == "true"
        elsewhere = boto3.Session("local", "local", region_name="mars-1")
        for service, call in (("s3", "list_buckets"), ("appflow", "list_flows"), ("sqs", "list_queues")):
            with pytest.raises(ClientError, match="valid region, not 'mars-1'"):
                getattr(elsewhere.client(service, endpoint_url=ready["endpoint"]), call)()
        assert stopped(process, signal.SIGINT) == (0, "", "")


def test_up_runs_the_functions_under_lambdas_own_client_if_it_is_asked_to(command: str) -> None:
    with started(command, "local", "up", "--port", "0", "--runtime", "rie", "--verbose") as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        session = boto3.Session("local", "local", region_name=ready["region"])
        answer = session.client("lambda", endpoint_url=ready["endpoint"]).invoke(
            FunctionName=ready["outputs"]["IntakeFunctionName"], Payload=b"{}"
        )
        assert (answer["StatusCode"], answer["Payload"].read()) == (200, b'{"queued": [], "reported": []}')
        status, _, errors = stopped(process, signal.SIGTERM)
        assert status == 0
        assert "INIT_REPORT Init Duration: " in errors


def test_a_port_in_use_is_reported_in_one_line(command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = ended(command, "local", "up", "--port", str(port))
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr.splitlines() == [f"Error: cannot listen on 127.0.0.1:{port}: address already in use"]


@pytest.mark.parametrize(
    ("content", "arguments", "errors"),
    [
        ("a: [", (), "cannot read"),
        ("Resources: {F: {Type: AWS::Serverless::Function}}", (), "invalid SAM template"),
        ("Resources: {}", ("-P", "novalue"), "NAME=VALUE"),
        ("Resources: {}", ("--port", "70000"), "70000"),
        ("Resources: {}", ("-P", "Foo=bar"), "unknown parameter 'Foo'"),
        (
            "Resources: {}",
            ("--region", "us-east-11"),
            "'us-east-11', did you mean 'us-east-1'?",
        ),
        ("Resources: {}", ("--host", "not a host"), "cannot listen on not a host:0"),
    ],
)
def test_what_cannot_run_ends_with_status_2(
    clouds: Clouds, tmp_path: Path, content: str, arguments: tuple[str, ...], errors: str
) -> None:
    clouds.close()
    (tmp_path / "template.yaml").write_text(content)
    up = ["local", "up", "--template", "template.yaml", "--port", "0", *arguments]
    with contextlib.chdir(tmp_path):
        answer = CliRunner().invoke(cli, up, prog_name="appflow-gitops")
    assert isinstance(answer.exception, SystemExit), answer.exception
    assert answer.exit_code == 2
    assert errors in answer.stderr


def test_the_demo_shows_every_outcome_and_ends_well(command: str) -> None:
    answer = ended(command, "local", "demo")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stderr == ""
    assert "4 Applied, 1 Unchanged, 1 Rejected" in answer.stdout
    assert "line 5, column 16: unknown trigger type 'On Demand'" in answer.stdout
    assert '"rate(7days)" → "rate(1days)"' in answer.stdout
    assert max(map(len, answer.stdout.splitlines())) <= 80
