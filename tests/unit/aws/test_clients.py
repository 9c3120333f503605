"""The clients of the functions: which endpoint they call."""

from collections.abc import Callable

import pytest

from appflow_gitops.aws import clients


@pytest.mark.parametrize(
    ("client", "host"),
    [
        (clients.appflow, "https://appflow.eu-west-1.amazonaws.com"),
        (clients.events, "https://events.eu-west-1.amazonaws.com"),
        (clients.s3, "https://s3.eu-west-1.amazonaws.com"),
        (clients.sqs, "https://sqs.eu-west-1.amazonaws.com"),
    ],
)
def test_an_empty_endpoint_url_means_the_endpoint_of_aws(
    monkeypatch: pytest.MonkeyPatch, client: Callable[[], object], host: str
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    assert client().meta.endpoint_url == host  # type: ignore[attr-defined]
