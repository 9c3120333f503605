"""A stand-in for S3, AppFlow and EventBridge that answers at once and keeps little, for thousands of changes.

It does what apply needs to apply a change, and no more: the document of a flow is a new version each time that it is
read, and the flow is what it was updated to last. ``growth`` runs it by ``processes.server("stand_in")``.
"""

import json
import sys
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import unquote

from benchmarks.changes import ACCOUNT, REGION, document, flow_request

_NO_SUCH_KEY = b"<Error><Code>NoSuchKey</Code><Message>The object does not exist.</Message></Error>"
_EMPTY_LISTING = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
_MOMENT = count(1_772_000_000)
"""Epoch seconds of updates, no two the same."""


class StandIn(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    versions: ClassVar[Counter[str]] = Counter()
    live: ClassVar[dict[str, dict[str, Any]]] = {}
    tags: ClassVar[dict[str, dict[str, str]]] = {}

    def do_GET(self) -> None:
        """Return a document, 404 for the policy, or an empty listing."""
        path, _, query = self.path.partition("?")
        if "list-type=" in query:
            self._answer(200, _EMPTY_LISTING)
            return
        key = path.rpartition("/")[2]
        if not key.endswith(".json"):
            self._answer(404, _NO_SUCH_KEY)
            return
        name = key.removesuffix(".json")
        self.versions[name] += 1
        number = self.versions[name]
        self._answer(200, document(name, number), {"x-amz-version-id": str(number), "ETag": f'"{number}"'})

    def do_POST(self) -> None:
        """AppFlow by its paths; everything else is PutEvents."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/describe-flow":
            answer = self._described(asked["flowName"])
        elif self.path == "/update-flow":
            del asked["clientToken"]
            self.live[asked["flowName"]] = {**asked, "lastUpdatedAt": next(_MOMENT)}
            answer = {"flowStatus": "Active"}
        elif self.path.startswith("/tags/"):
            self.tags.setdefault(unquote(self.path).rpartition("/")[2], {}).update(asked["tags"])
            answer = {}
        else:
            answer = {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}
        self._answer(200, json.dumps(answer).encode())

    def _described(self, name: str) -> dict[str, Any]:
        live = self.live.setdefault(name, {**flow_request(name, 0), "lastUpdatedAt": next(_MOMENT)})
        arn = f"arn:aws:appflow:{REGION}:{ACCOUNT}:flow/{name}"
        return {**live, "flowArn": arn, "flowStatus": "Active", "tags": self.tags.get(name, {})}

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for header, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - http.server's name
        """Discard the log."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201 - who started it waits for this line
    sys.stdin.read()
    server.shutdown()
