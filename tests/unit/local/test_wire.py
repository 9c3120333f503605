"""Which operation a signed request calls: what the permissions of a role are checked for."""

from typing import Any

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from appflow_gitops_local.wire import operation


def called(
    service: str, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[str, dict[str, Any]]:
    signature = f"AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/{service}/aws4_request, Signature=x"
    path, _, query = path.partition("?")
    environ = EnvironBuilder(
        path=path, query_string=query, method=method, headers={"Authorization": signature, **headers}
    ).get_environ()
    found = operation(Request(environ), body)
    assert found.service == service
    return found.name, dict(found.parameters)


@pytest.mark.parametrize(
    ("method", "path", "name", "parameters"),
    [
        ("GET", "/documents/flows/a%20b.json", "GetObject", {"Key": "flows/a b.json", "VersionId": None}),
        ("GET", "/documents/a.json?versionId=v1", "GetObject", {"Key": "a.json", "VersionId": "v1"}),
        ("HEAD", "/documents/a.json", "GetObject", {"Key": "a.json", "VersionId": None}),
        ("PUT", "/documents/a.json", "PutObject", {"Key": "a.json", "VersionId": None}),
        ("DELETE", "/documents/a.json", "DeleteObject", {"Key": "a.json", "VersionId": None}),
        ("GET", "/documents?list-type=2&prefix=flows/", "ListObjectsV2", {"Prefix": "flows/"}),
        ("GET", "/documents", "ListObjectsV2", {"Prefix": ""}),
        ("GET", "/documents?versions&prefix=a", "ListObjectVersions", {"Prefix": "a"}),
        ("PUT", "/documents", "PUT", {"Prefix": ""}),
    ],
)
def test_a_request_of_s3_is_about_an_object_or_a_listing(
    method: str, path: str, name: str, parameters: dict[str, Any]
) -> None:
    assert called("s3", method, path) == (name, {"Bucket": "documents", **parameters})


def test_other_services_name_their_operation_in_a_header_or_the_body() -> None:
    target = {"X-Amz-Target": "AmazonSQS.SendMessage"}
    assert called("sqs", "POST", "/", b'{"QueueUrl": "u"}', **target) == ("SendMessage", {"QueueUrl": "u"})
    assert called("sqs", "POST", "/", b"[", **target) == ("SendMessage", {})
    assert called("iam", "POST", "/", b"Action=GetRole&Version=1") == ("GetRole", {})
    assert called("lambda", "POST", "/functions") == ("/functions", {})


@pytest.mark.parametrize(
    ("method", "path", "name", "parameters"),
    [
        ("POST", "/describe-flow", "DescribeFlow", {"flowName": "a"}),
        ("POST", "/tags/arn%3Aaws%3Aappflow", "TagResource", {"resourceArn": "arn:aws:appflow"}),
        ("DELETE", "/tags/arn", "UntagResource", {"resourceArn": "arn"}),
        ("GET", "/tags/arn", "ListTagsForResource", {"resourceArn": "arn"}),
    ],
)
def test_a_request_of_appflow_names_its_operation_by_its_path(
    method: str, path: str, name: str, parameters: dict[str, Any]
) -> None:
    assert called("appflow", method, path, b'{"flowName": "a"}') == (name, parameters)
