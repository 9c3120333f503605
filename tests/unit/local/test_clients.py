"""Clients of the local cloud: where they call, how often, and the addresses that others can reach."""

import pytest

from appflow_gitops_local.clients import Cloud

CLOUD = Cloud("http://127.0.0.1:5000", "eu-west-1")


def test_a_client_calls_the_cloud_once_and_names_buckets_in_the_path() -> None:
    client = CLOUD.client("s3")
    assert (client.meta.endpoint_url, client.meta.region_name) == ("http://127.0.0.1:5000", "eu-west-1")
    assert client.meta.config.retries["total_max_attempts"] == 1
    assert client.meta.config.s3["addressing_style"] == "path"


@pytest.mark.parametrize(
    ("value", "endpoint", "reachable"),
    [
        ("https://sqs.eu-west-1.amazonaws.com/1/work", "", "http://127.0.0.1:5000/1/work"),
        ("https://sqs.eu-west-1.amazonaws.com/1/work", "http://host:1", "http://host:1/1/work"),
        ("https://sqs.us-east-1.amazonaws.com/1/work", "", "https://sqs.us-east-1.amazonaws.com/1/work"),
        ("documents", "http://host:1", "documents"),
    ],
)
def test_urls_of_queues_are_those_of_the_cloud(value: str, endpoint: str, reachable: str) -> None:
    assert CLOUD.reachable(value, endpoint) == reachable
