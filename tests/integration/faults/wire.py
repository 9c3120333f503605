"""The wire between boto3 and AWS, on which answers can be lost, damaged or replaced. moto answers at its end."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError
from moto.core.models import botocore_stubber

CarriedOut = Callable[[], AWSResponse]
Failure = Callable[[AWSPreparedRequest, CarriedOut], AWSResponse]


class Raw(BytesIO):
    """A body as urllib3 gives it."""

    def stream(self, **_: Any) -> Any:
        yield self.read()


def answer(status: int, code: str = "", content: bytes | None = None) -> Failure:
    """Something answers, but not because anything was carried out."""

    def failure(request: AWSPreparedRequest, _: CarriedOut) -> AWSResponse:
        is_s3 = ".s3." in request.url or "//s3." in request.url
        xml = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
        described = xml if is_s3 else json.dumps({"__type": code, "message": "no"})
        body = content if content is not None else described.encode() if code else b""
        headers = HTTPHeaders()
        if code:
            headers["x-amzn-errortype"] = code
        return AWSResponse(request.url, status, headers, Raw(body))

    return failure


def connection_reset(request: AWSPreparedRequest, _: CarriedOut) -> AWSResponse:
    raise ConnectionClosedError(endpoint_url=request.url)


def no_connection(request: AWSPreparedRequest, _: CarriedOut) -> AWSResponse:
    raise ConnectTimeoutError(endpoint_url=request.url)


def time_out_before(request: AWSPreparedRequest, _: CarriedOut) -> AWSResponse:
    raise ReadTimeoutError(endpoint_url=request.url)


def time_out_after(request: AWSPreparedRequest, carried_out: CarriedOut) -> AWSResponse:
    carried_out()
    raise ReadTimeoutError(endpoint_url=request.url)


def garbled_after(request: AWSPreparedRequest, carried_out: CarriedOut) -> AWSResponse:
    carried_out()
    return answer(200, content=b'{"flowName": "ord')(request, carried_out)


TRANSIENT: dict[str, Failure] = {
    "throttled": answer(400, "ThrottlingException"),
    "bare 429": answer(429),
    "500": answer(500),
    "503": answer(503, "ServiceUnavailable"),
    "connection reset": connection_reset,
    "no connection": no_connection,
    "time-out before": time_out_before,
    "time-out after": time_out_after,
    "malformed answer": answer(200, content=b"<html>Please sign in</html>"),
    "malformed answer after": garbled_after,
}
REFUSED = answer(403, "AccessDeniedException")


@dataclass
class Wire:
    """Strikes the next calls of some operations, and keeps account of those that were carried out."""

    strikes: dict[str, tuple[Failure, int]] = field(default_factory=dict)
    struck: Counter[str] = field(default_factory=Counter)
    carried_out: list[tuple[str, Any]] = field(default_factory=list)

    def strike(self, operation: str, failure: Failure, times: int) -> None:
        self.strikes[operation] = (failure, times)

    def lay(self, client: Any) -> None:
        """Between this client and moto, which would otherwise get every call directly."""
        client.meta.events.unregister("before-send", botocore_stubber)
        client.meta.events.register("before-send", self.send)

    def reset(self) -> None:
        self.strikes.clear()
        self.struck.clear()
        self.carried_out.clear()

    def send(self, event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        operation = event_name.rsplit(".", 1)[1]

        def carried_out() -> AWSResponse:
            response = botocore_stubber(event_name, request)
            assert response is not None
            if response.status_code < 300:
                self.carried_out.append((operation, request.body))
            return response

        failure, times = self.strikes.get(operation, (REFUSED, 0))
        if self.struck[operation] < times:
            self.struck[operation] += 1
            return failure(request, carried_out)
        return carried_out()

    def count(self, operation: str) -> int:
        return sum(1 for made, _ in self.carried_out if made == operation)

    def reported(self) -> list[dict[str, Any]]:
        """The details of the status events on the bus."""
        entries = [json.loads(body) for made, body in self.carried_out if made == "PutEvents"]
        return [json.loads(sent["Entries"][0]["Detail"]) for sent in entries]
