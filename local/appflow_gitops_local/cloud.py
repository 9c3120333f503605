"""The local cloud in one value: a server, a deployed stack, running functions.

``appflow-gitops local up``, the demo and the tests use it::

    with LocalCloud(Settings(template=Path("template.yaml"))) as cloud:
        cloud.client("s3").put_object(Bucket=cloud.outputs["DocumentsBucketName"], ...)
"""

import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_api._internal.models import moto_api_backend

from appflow_gitops_local.appflow import Behaviour, appflow_backends, register
from appflow_gitops_local.delivery import Dispatcher
from appflow_gitops_local.deployment import Cloud, Deployment, deploy
from appflow_gitops_local.logs import FunctionLogs
from appflow_gitops_local.queues import Queues
from appflow_gitops_local.runtime import Log, ProcessRuntime, Runtime, Workers
from appflow_gitops_local.server import LocalServer

_ONE_PER_PROCESS = threading.Lock()


def _silent(_: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Settings:
    """How a local cloud is started. Only the template is a must."""

    template: Path
    port: int = 0
    """0 takes any free port."""
    stack: str = "appflow-gitops"
    region: str = "us-east-1"
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Of the template, over its defaults."""
    strict_tasks: bool = False
    """Whether AppFlow refuses what the API reference accepts and live reports say it does not."""
    visibility_timeout: int | None = None
    """Seconds, in place of each triggering queue's own: how soon a failed message is tried again."""
    concurrency: int = 2
    """How many workers a function gets at most."""
    runtime: Callable[[str, str, Log], Runtime] = ProcessRuntime
    """Makes the runtime from endpoint, region and log."""
    tell: Callable[[str], None] = _silent
    """Takes what is worth telling a person: skipped resources, failed invocations."""
    tell_more: Callable[[str], None] = _silent
    """Takes the functions' logs and every request."""


class LocalCloud:
    """A context manager; inside it the cloud runs. moto keeps its state per process, so there is one at a
    time.

    Entering raises ``server.PortInUseError`` and ``template.TemplateError``.
    """

    deployment: Deployment

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._exits = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Start everything; when it returns, the stack is deployed and events are delivered."""
        with contextlib.ExitStack() as exits:
            self._start(exits)
            self._exits = exits.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything and forget what the services held."""
        self._exits.close()

    @property
    def endpoint(self) -> str:
        """Where every service answers."""
        return self._cloud.endpoint

    @property
    def outputs(self) -> Mapping[str, str]:
        """The stack's outputs."""
        return self.deployment.outputs

    def client(self, service: str) -> Any:
        """A boto3 client of this cloud."""
        return self._cloud.client(service)

    def ready(self) -> dict[str, Any]:
        """What a program needs to know to use it; ``local up`` prints this."""
        return {
            "endpoint": self.endpoint,
            "region": self._settings.region,
            "stack": self._settings.stack,
            "outputs": dict(self.outputs),
        }

    def _start(self, exits: contextlib.ExitStack) -> None:
        settings = self._settings
        if not _ONE_PER_PROCESS.acquire(blocking=False):
            raise RuntimeError("a local cloud runs already in this process")
        exits.callback(_ONE_PER_PROCESS.release)
        server = LocalServer(settings.port, settings.tell_more)
        exits.callback(server.close)
        prepare_services(settings.region, strict_tasks=settings.strict_tasks)
        server.start()
        self._cloud = Cloud(server.endpoint, settings.region)
        self.deployment = deploy(
            settings.template, settings.stack, settings.parameters, self._cloud, settings.concurrency
        )
        for name, kind in self.deployment.skipped.items():
            settings.tell_more(f"not part of the local cloud: {name} ({kind})")
        self._shorten_visibility()
        self._deliver(server, exits)

    def _deliver(self, server: LocalServer, exits: contextlib.ExitStack) -> None:
        settings, deployment = self._settings, self.deployment
        state = server.application.state
        logs = FunctionLogs(state, settings.region, deployment.log_groups, settings.tell_more)
        runtime = settings.runtime(server.endpoint, settings.region, logs.write)
        workers = {
            name: Workers(function, runtime, settings.concurrency)
            for name, function in deployment.functions.items()
        }
        dispatcher = Dispatcher(
            Queues(state, settings.region), workers, region=settings.region, log=settings.tell
        )
        exits.callback(dispatcher.stop)
        dispatcher.start(deployment.mappings, deployment.invocations)
        server.application.invoker = dispatcher

    def _shorten_visibility(self) -> None:
        if self._settings.visibility_timeout is None:
            return
        queues = self.client("sqs")
        for mapping in self.deployment.mappings:
            queues.set_queue_attributes(
                QueueUrl=queues.get_queue_url(QueueName=mapping.queue)["QueueUrl"],
                Attributes={"VisibilityTimeout": str(self._settings.visibility_timeout)},
            )


def prepare_services(region: str, *, strict_tasks: bool) -> None:
    """Make AppFlow one of moto's services, and every service empty."""
    register()
    moto_api_backend.reset()
    appflow_backends[DEFAULT_ACCOUNT_ID][region].behaviour = Behaviour(strict_tasks=strict_tasks)
