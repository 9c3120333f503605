"""A stand-in for S3 and AppFlow with 1,000 flows, each in sync with its document, for ``plan_speed``.

    python -m benchmarks.fleet MILLISECONDS

Each answer takes that long, as a network and a service would.
"""

import asyncio
import json
import re
import sys
from typing import Any

from benchmarks.changes import ACCOUNT, BUCKET, REGION, flow_request, key_of

FLOWS = 1_000
NAMES = tuple(f"flow-{number}" for number in range(FLOWS))
_PAGE = 100
_UPDATED_AT = 1_772_000_000
_KEYS = "".join(f"<Contents><Key>{key_of(name)}</Key><Size>1</Size></Contents>" for name in NAMES)
_LISTING = f"<ListBucketResult><IsTruncated>false</IsTruncated>{_KEYS}</ListBucketResult>".encode()
_LENGTH = re.compile(rb"(?i)content-length: *([0-9]+)")
_NO_SUCH_KEY = b"<Error><Code>NoSuchKey</Code><Message>The object does not exist.</Message></Error>"


def _described(name: str) -> dict[str, Any]:
    return {
        **flow_request(name, 0),
        "flowArn": f"arn:aws:appflow:{REGION}:{ACCOUNT}:flow/{name}",
        "flowStatus": "Active",
        "createdAt": _UPDATED_AT,
        "lastUpdatedAt": _UPDATED_AT,
        "tags": {"appflow-gitops:document": f"s3://{BUCKET}/{key_of(name)}"},
    }


_DESCRIBED = {name: json.dumps(_described(name)).encode() for name in NAMES}
_FIELDS = [task["destinationField"] for task in flow_request("", 0)["tasks"] if "destinationField" in task]
_ENTITY = json.dumps({"connectorEntityFields": [{"identifier": field} for field in _FIELDS]}).encode()
_SUMMARY = ("flowName", "flowArn", "flowStatus", "createdAt", "lastUpdatedAt", "tags")
_PAGES = [
    json.dumps(
        {
            "flows": [
                {key: value for key, value in _described(name).items() if key in _SUMMARY}
                for name in NAMES[start : start + _PAGE]
            ],
            **({"nextToken": str(start + _PAGE)} if start + _PAGE < FLOWS else {}),
        }
    ).encode()
    for start in range(0, FLOWS, _PAGE)
]


class Fleet(asyncio.Protocol):
    """Answers the requests of one connection. It does little else: a slow server would hide what plan takes."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._received = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer when the request is complete. A client sends the next one after the answer."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not end or len(body) < int(length[1] if length else 0):
            return
        self._received = b""
        status, answer = _answer(head, body)
        text = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(answer), answer)
        asyncio.get_running_loop().call_later(self._seconds, self._transport.write, text)


def _answer(head: bytes, body: bytes) -> tuple[bytes, bytes]:
    """Return status and body: flows, and a bucket without a policy and a variables file."""
    if head.startswith(b"POST /describe-flow"):
        return b"200 OK", _DESCRIBED[json.loads(body)["flowName"]]
    if head.startswith(b"POST /list-flows"):
        return b"200 OK", _PAGES[int(json.loads(body).get("nextToken", 0)) // _PAGE]
    if head.startswith(b"POST /describe-connector-entity"):
        return b"200 OK", _ENTITY
    if b"list-type=2" in head:
        return b"200 OK", _LISTING
    return b"404 Not Found", _NO_SUCH_KEY


async def _serve(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Fleet(seconds), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201 - the measuring process waits for this line
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]) / 1000))
