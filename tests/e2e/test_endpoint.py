"""``AWS_ENDPOINT_URL``: an endpoint that does not answer is reported at once."""

import socket
import time

import pytest

from appflow_gitops_cli import cloud
from appflow_gitops_cli.main import CommandError


@pytest.fixture
def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_an_endpoint_that_is_down_is_reported_at_once(
    monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port}")
    began = time.monotonic()
    with pytest.raises(CommandError) as raised, cloud.translate_aws_errors():
        cloud.read_deployment("appflow-gitops")
    assert time.monotonic() - began < 10
    assert raised.value.message == (
        f"nothing answers at http://127.0.0.1:{free_port} "
        "(start it with 'appflow-gitops local up', or unset AWS_ENDPOINT_URL)"
    )


def test_an_endpoint_behind_a_proxy_is_left_to_the_proxy(
    monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port}")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://appflow.example:5000")
    with cloud.translate_aws_errors():
        pass
