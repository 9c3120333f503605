"""Requests and errors in the protocols of the services. Pure; ``server`` reads and answers through here."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

from werkzeug.wrappers import Request, Response

from appflow_gitops_local.iam import Operation

_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_JSON = "application/x-amz-json-1.0"


def signature(request: Request) -> Mapping[str, str]:
    """Return access key id (``key``), ``region`` and ``service`` of a signature; nothing for an unsigned request."""
    found = _CREDENTIAL.search(request.headers.get("Authorization", ""))
    return found.groupdict() if found else {}


def members(body: bytes) -> dict[str, Any]:
    """Return the members of a JSON request; none for invalid JSON, which moto then rejects."""
    try:
        members = json.loads(body)
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}


def operation(request: Request, body: bytes) -> Operation:
    """Return the operation that a signed request calls."""
    service = signature(request).get("service", "")
    if target := request.headers.get("X-Amz-Target"):
        return Operation(service, target.rpartition(".")[2], members(body))
    if service == "s3":
        return _s3(request)
    if service == "appflow":
        return _appflow(request, body)
    form = parse_qs(body.decode(errors="replace"))
    return Operation(service, (form.get("Action") or [request.path])[0], {})


def _s3(request: Request) -> Operation:
    bucket, _, key = unquote(request.path).lstrip("/").partition("/")
    query = request.args
    if key:
        name = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
        parameters = {"Bucket": bucket, "Key": key, "VersionId": query.get("versionId")}
        return Operation("s3", name.get(request.method, request.method), parameters)
    listing = "ListObjectVersions" if "versions" in query else "ListObjectsV2"
    name_of_method = listing if request.method == "GET" else request.method
    return Operation("s3", name_of_method, {"Bucket": bucket, "Prefix": query.get("prefix", "")})


def _appflow(request: Request, body: bytes) -> Operation:
    """AppFlow's operations are paths in kebab case, except those on tags."""
    path = unquote(request.path).strip("/")
    if path.startswith("tags/"):
        names = {"POST": "TagResource", "DELETE": "UntagResource", "GET": "ListTagsForResource"}
        resource = {"resourceArn": path.removeprefix("tags/")}
        return Operation("appflow", names.get(request.method, request.method), resource)
    return Operation("appflow", path.title().replace("-", ""), members(body))


def error_answer(service: str, code: str, message: str, status: int = 400) -> Response:
    """Return an error answer in the protocol of the service."""
    if service == "s3":
        text = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
        return Response(text, status, content_type="application/xml")
    if service in ("cloudformation", "iam", "sts", "sns"):
        inner = f"<Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        return Response(
            f"<ErrorResponse><Error>{inner}</Error></ErrorResponse>", status, content_type="text/xml"
        )
    body = json.dumps({"__type": f"com.amazonaws#{code}", "message": message})
    return Response(body, status, content_type=_JSON, headers={"x-amzn-ErrorType": code})
