"""Which operation a signed request calls: what the permissions of a role are checked for."""

from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from appflow_gitops_local.wire import error_answer, operation, signature


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


def test_a_body_that_is_not_of_its_protocol_has_no_members() -> None:
    target = {"X-Amz-Target": "AmazonSQS.SendMessage"}
    assert called("sqs", "POST", "/", b"[1]", **target) == ("SendMessage", {})
    assert called("iam", "POST", "/", b"Action=GetRole&Name=\xff") == ("GetRole", {})


def test_a_request_without_signature_is_of_no_service() -> None:
    request = Request(EnvironBuilder(path="/moto-api/reset").get_environ())
    assert signature(request) == {}
    assert operation(request, b"").service == ""


@pytest.mark.parametrize("status", [{}, {"status": 403}])
@pytest.mark.parametrize(
    "service", ["s3", "cloudformation", "iam", "sts", "sns", "sqs", "events", "lambda", "logs", "appflow"]
)
def test_an_error_is_read_by_boto3_in_the_protocol_of_each_service(
    service: str, status: dict[str, int]
) -> None:
    answer = error_answer(service, "NotAllowed", "1 < 2 & 3", **status)
    model = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    parser = create_parser(model.resolved_protocol)
    parsed = parser.parse(
        {"body": answer.data, "headers": dict(answer.headers), "status_code": answer.status_code}, None
    )
    assert answer.status_code == status.get("status", 400)
    if service in {"s3", "cloudformation", "iam", "sts", "sns"}:
        assert answer.mimetype == ("application/xml" if service == "s3" else "text/xml")
    else:
        assert (answer.mimetype, answer.headers["x-amzn-ErrorType"]) == (
            "application/x-amz-json-1.0",
            "NotAllowed",
        )
    assert (parsed["Error"]["Code"], parsed["Error"]["Message"]) == ("NotAllowed", "1 < 2 & 3")
