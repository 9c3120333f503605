"""moto on one endpoint: a threaded HTTP server, and what it does before it calls moto.

moto's state is not thread-safe, so every request runs under one lock (``state``), and waiting for a change of state
means waiting on that condition. Long polls wait outside of moto, Lambda invocations run the deployed functions, and
requests that AWS rejects and moto accepts are rejected, and so are calls of a function that its role
does not allow. AppFlow has its own lock: a slow UpdateFlow blocks no other
service.
"""

import io
import json
import os
import re
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

import boto3
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.sqs.models import Queue, sqs_backends
from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

from appflow_gitops.quoting import quoted
from appflow_gitops_local.iam import Account, Call, Operation, Role, needed_for_a_missing_object
from appflow_gitops_local.queues import PULSE_SECONDS, redrive, release_expired
from appflow_gitops_local.refusals import refusal
from appflow_gitops_local.runtime import FunctionError
from appflow_gitops_local.wire import error_answer, members, operation, signature

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HTTP_OK, HTTP_FORBIDDEN, HTTP_NOT_FOUND = 200, 403, 404
LOOPBACK, EVERY_ADDRESS = "127.0.0.1", "0.0.0.0"  # noqa: S104 - only with --host
_INVOCATION = re.compile(r"/2015-03-31/functions/(?P<function>[^/]+)/invocations/?")


class AddressError(Exception):
    """The requested host and port cannot be bound."""


class Invoker(Protocol):
    """Runs functions by name; ``delivery`` serves it."""

    def invoke(self, function: str, event: Any) -> Any:
        """The function's answer. Raises FunctionError, and LookupError for an unknown function."""
        ...

    def invoke_later(self, function: str, event: Any) -> None:
        """Queue an asynchronous invocation. Raises LookupError for an unknown function."""
        ...


class Dispatcher(DomainDispatcherApplication):
    """moto's dispatcher to its services, which searches the folders of all services once per host, not per request."""

    def __init__(self, create_app: Callable[[Any], Any]) -> None:
        super().__init__(create_app)
        self._backends: dict[str | None, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        """Return the name of the service at a host."""
        if host not in self._backends:
            self._backends[host] = super().get_backend_for_host(host)
        return self._backends[host]


class Endpoint:
    """The WSGI application: moto, with the lock and the few answers of our own in front of it."""

    def __init__(self) -> None:
        self.state = threading.Condition(threading.RLock())
        self.invoker: Invoker | None = None
        self.roles: Mapping[str, Role] = {}
        """Access key id -> the role whose permissions are enforced. Other callers may do everything."""
        self._moto: WSGIApplication = Dispatcher(create_backend_app)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        body = request.get_data()  # read here: a slow sender must not hold the lock
        environ["wsgi.input"] = io.BytesIO(body)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["CONTENT_LENGTH"] = str(len(body))
        return self._answer(request, body)(environ, start_response)

    def _answer(self, request: Request, body: bytes) -> "WSGIApplication":
        signed = signature(request)
        if signed and signed["region"] not in regions_of(signed["service"]):
            message = f"Credential should be scoped to a valid region, not {quoted(signed['region'])}."
            return error_answer(signed["service"], "InvalidSignatureException", message)
        if role := self.roles.get(signed.get("key", "")):
            return self._answer_as(role, request, body)
        return self._allowed_answer(request, body)

    def _answer_as(self, role: Role, request: Request, body: bytes) -> "WSGIApplication":
        """Answer a call of a function, with the permissions of its role."""
        account = account_of(signature(request)["region"])
        called = operation(request, body)
        if denied := role.missing(called, account):
            return denial(role, called, denied)
        hidden = [call for call in needed_for_a_missing_object(called, account) if not role.allows(call)]
        if hidden:
            with self.state:
                answer = self._ask_moto(request.environ, body)
            return denial(role, called, hidden[0]) if answer.status_code == HTTP_NOT_FOUND else answer
        return self._allowed_answer(request, body)

    def _allowed_answer(self, request: Request, body: bytes) -> "WSGIApplication":
        if is_appflow(request):
            return self._moto
        if (invocation := _INVOCATION.fullmatch(request.path)) and self.invoker and request.method == "POST":
            return self._invoke(self.invoker, function_name(invocation["function"]), request, body)
        target = request.headers.get("X-Amz-Target", "")
        if target == "AmazonSQS.ReceiveMessage":
            return self._receive(request, members(body))
        if target == "AmazonSQS.StartMessageMoveTask":
            return self._redrive(request, members(body))
        if target and (refused := refusal(target, members(body))):
            return error_answer("sqs", refused.code, refused.message)
        return self._locked

    def _locked(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        with self.state:
            answer = self._moto(environ, start_response)
            self.state.notify_all()
        return answer

    def _receive(self, request: Request, asked: dict[str, Any]) -> Response:
        """ReceiveMessage, the waiting of a long poll done here."""
        body = json.dumps({**asked, "WaitTimeSeconds": 0}).encode()
        with self.state:
            queue = queue_of(request, asked.get("QueueUrl", ""))
            seconds = asked.get("WaitTimeSeconds", default_wait_seconds(queue))
            deadline = time.monotonic() + min(20, seconds)
            while True:
                if queue:
                    release_expired(queue)
                answer = self._ask_moto(request.environ, body)
                left = deadline - time.monotonic()
                if answer.status_code != HTTP_OK or json.loads(answer.data).get("Messages") or left <= 0:
                    self.state.notify_all()
                    return answer
                self.state.wait(min(left, PULSE_SECONDS))

    def _redrive(self, request: Request, asked: dict[str, Any]) -> Response:
        """StartMessageMoveTask, which moto does not have; it is done when it answers."""
        with self.state:
            try:
                redrive(region_of(request), asked["SourceArn"], asked.get("DestinationArn"))
            except LookupError:
                return error_answer(
                    "sqs", "ResourceNotFoundException", "The dead-letter queue does not exist."
                )
            self.state.notify_all()
        return Response(
            json.dumps({"TaskHandle": uuid.uuid4().hex}), content_type="application/x-amz-json-1.0"
        )

    def _ask_moto(self, environ: "WSGIEnvironment", body: bytes) -> Response:
        asked = {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return Response(*run_wsgi_app(self._moto, asked, buffered=True))

    def _invoke(self, invoker: Invoker, name: str, request: Request, body: bytes) -> "WSGIApplication":
        """The Lambda Invoke API: the functions run here, not in moto."""
        event = json.loads(body or b"{}")
        try:
            if request.headers.get("X-Amz-Invocation-Type") == "Event":
                invoker.invoke_later(name, event)
                return Response(status=202)
            return Response(json.dumps(invoker.invoke(name, event)), content_type="application/json")
        except LookupError:
            return self._locked  # moto answers that the function does not exist
        except FunctionError as failed:
            return Response(json.dumps(failed.payload), headers={"X-Amz-Function-Error": "Unhandled"})


def is_appflow(request: Request) -> bool:
    """Whether the request is for AppFlow (signed for it, or one of its controls)."""
    return "/appflow/aws4_request" in request.headers.get("Authorization", "") or request.path.startswith(
        "/moto-api/appflow"
    )


def function_name(identifier: str) -> str:
    """The name in a function's name or ARN, qualifier dropped."""
    name = unquote(identifier)
    return name.rpartition(":function:")[2].partition(":")[0]


def queue_of(request: Request, url: str) -> Queue | None:
    """Return the queue of a request, None when it does not exist."""
    return sqs_backends[DEFAULT_ACCOUNT_ID][region_of(request)].queues.get(url.rpartition("/")[2])


def region_of(request: Request) -> str:
    """Return the region that a request is signed for."""
    return signature(request).get("region", "us-east-1")


@cache
def regions_of(service: str) -> frozenset[str]:
    """Return the regions of AppFlow; for other services those of S3, which is in every region."""
    session = boto3.Session()
    name: Any = "appflow" if service == "appflow" else "s3"
    partitions = session.get_available_partitions()
    return frozenset(
        region for partition in partitions for region in session.get_available_regions(name, partition)
    )


@cache
def account_of(region: str) -> Account:
    """Return the account of the local cloud in a region."""
    partition = boto3.Session().get_partition_for_region(region)
    return Account(region, DEFAULT_ACCOUNT_ID, partition)


def denial(role: Role, called: Operation, missing: Call) -> Response:
    """Return the answer to a call that the role does not allow."""
    code = "AccessDenied" if called.service == "s3" else "AccessDeniedException"
    resource = f" on resource: {missing.resource}" if missing.resource else ""
    message = (
        f"User: {role.arn} is not authorized to perform: {missing.action}{resource} because no identity-based "
        f"policy allows the {missing.action} action"
    )
    return error_answer(called.service, code, message, HTTP_FORBIDDEN)


def default_wait_seconds(queue: Queue | None) -> int:
    """How long the queue's own settings make a receive wait."""
    # moto sets it dynamically; ``queue.attributes`` counts all messages.
    return int(queue.receive_message_wait_time_seconds) if queue else 0  # type: ignore[attr-defined]


class LocalServer:
    """The HTTP server, from construction (the port is taken) to ``close``."""

    def __init__(self, host: str, port: int, log: Callable[[str], None]) -> None:
        """Bind to ``port``, any free one for 0. Raises AddressError."""
        self._socket = bound(host, port)
        self.port: int = self._socket.getsockname()[1]
        self.endpoint = f"http://{LOOPBACK if host == EVERY_ADDRESS else host}:{self.port}"
        self.application = Endpoint()
        self._server = make_server(
            host,
            self.port,
            self.application,
            threaded=True,
            request_handler=request_handler(log),
            fd=self._socket.fileno(),
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(PULSE_SECONDS,), daemon=True)

    def start(self) -> None:
        """Answer requests from now on."""
        self._thread.start()

    def close(self) -> None:
        """Answer no more, and give the port back."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._socket.close()


def bound(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises AddressError."""
    try:
        return socket.create_server((host, port))
    except OSError as error:
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise AddressError(f"cannot listen on {host}:{port}: {str(reason).lower()}") from None


def request_handler(log: Callable[[str], None]) -> type[Any]:
    """The request handler of moto, quick on kept-alive connections and quiet but for ``log``."""

    class Handler(MotoRequestHandler):
        disable_nagle_algorithm = True  # head and body go out in two writes: 40 ms per answer otherwise
        protocol_version = "HTTP/1.1"

        def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
            if type != "info":
                log(message % args if args else message)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            log(f"{self.command} {self.path} {code} {size}")

    return Handler
