"""The local cloud in one value: a server, a deployed stack, running functions.

``appflow-gitops local up``, the demo and the tests use it::

    with LocalCloud(Settings(template=Path("template.yaml"))) as cloud:
        cloud.client("s3").put_object(Bucket=cloud.outputs["DocumentsBucketName"], ...)
"""

import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from moto.moto_api._internal.models import moto_api_backend

from appflow_gitops.quoting import quoted
from appflow_gitops_local.appflow import Behaviour, register
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.clients import Cloud
from appflow_gitops_local.deletions import deletion_events
from appflow_gitops_local.delivery import Dispatcher
from appflow_gitops_local.deployment import Deployment, deploy
from appflow_gitops_local.flow_runs import flow_runs
from appflow_gitops_local.input_paths import parsed_input_paths
from appflow_gitops_local.logs import FunctionLogs
from appflow_gitops_local.queues import Queues, quick_retention
from appflow_gitops_local.runtime import Log, ProcessRuntime, Runtime, Workers
from appflow_gitops_local.sample_profiles import create_sample_profiles
from appflow_gitops_local.server import LOOPBACK, LocalServer, regions_of
from appflow_gitops_local.stack_parameters import joined_lists

_ONE_PER_PROCESS = threading.Lock()


def _silent(_: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Settings:
    """How a local cloud is started. Only the template is required."""

    template: Path
    host: str = LOOPBACK
    """The address to listen on. Containers reach the loopback address on Docker Desktop only."""
    port: int = 0
    """0 takes any free port."""
    stack: str = "appflow-gitops"
    region: str = "us-east-1"
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Of the template, over its defaults."""
    strict_tasks: bool = False
    """Whether AppFlow rejects tasks that the API reference accepts and live services were seen to reject."""
    require_resources: bool = True
    """Whether connector profiles and the objects of S3 sources must exist before a flow, as on AWS."""
    visibility_timeout: int | None = None
    """Seconds after which a failed message is retried, instead of each queue's own timeout."""
    concurrency: int = 2
    """Maximum number of workers per function."""
    runtime: Callable[[str, str, Log], Runtime] | None = ProcessRuntime
    """Creates the runtime from endpoint, region and log. None does not run the functions: `sam local` does."""
    clients: Callable[[str, str], Cloud] = Cloud
    """Creates the clients that the stack is deployed with, from endpoint and region."""
    enforce_iam: bool = True
    """Whether functions have only the permissions of their roles."""
    report: Callable[[str], None] = _silent
    """Receives one line per failed invocation."""
    trace: Callable[[str], None] = _silent
    """Receives the functions' logs, every request and the resources that were skipped."""


class UnknownRegionError(Exception):
    """The region is not a region of AppFlow."""


class LocalCloud:
    """A context manager; inside it the cloud runs. moto keeps its state per process, so there is one at a
    time.

    Entering raises ``server.AddressError``, ``template.TemplateError`` and ``UnknownRegionError``.
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
        """Stop everything and drop the state of the services."""
        self._exits.close()

    @property
    def endpoint(self) -> str:
        """The URL of every service."""
        return self._cloud.endpoint

    @property
    def outputs(self) -> Mapping[str, str]:
        """The stack's outputs."""
        return self.deployment.outputs

    def client(self, service: str) -> Any:
        """A boto3 client of this cloud."""
        return self._cloud.client(service)

    def ready(self) -> dict[str, Any]:
        """Return what a program needs to use the cloud; ``local up`` prints this."""
        return {
            "endpoint": self.endpoint,
            "region": self._settings.region,
            "stack": self._settings.stack,
            "outputs": dict(self.outputs),
        }

    def _start(self, exits: contextlib.ExitStack) -> None:
        settings = self._settings
        check_region(settings.region)
        if not _ONE_PER_PROCESS.acquire(blocking=False):
            raise RuntimeError("a local cloud runs already in this process")
        exits.callback(_ONE_PER_PROCESS.release)
        server = LocalServer(settings.host, settings.port, settings.trace)
        exits.callback(server.close)
        prepare_services(strict_tasks=settings.strict_tasks, require_resources=settings.require_resources)
        exits.callback(setattr, controls, "defaults", Behaviour())
        server.start()
        exits.enter_context(flow_runs(server.application.state))
        exits.enter_context(deletion_events())
        exits.enter_context(joined_lists())
        exits.enter_context(quick_retention())
        exits.enter_context(parsed_input_paths())
        self._cloud = settings.clients(server.endpoint, settings.region)
        self.deployment = deploy(
            settings.template, settings.stack, settings.parameters, self._cloud, settings.concurrency
        )
        for name, kind in self.deployment.skipped.items():
            settings.trace(f"not part of the local cloud: {name} ({kind})")
        self._shorten_visibility()
        create_sample_profiles(self.client("appflow"))
        if settings.enforce_iam:
            server.application.roles = self.deployment.roles
        if settings.runtime:
            self._deliver(server, settings.runtime, exits)

    def _deliver(
        self,
        server: LocalServer,
        create_runtime: Callable[[str, str, Log], Runtime],
        exits: contextlib.ExitStack,
    ) -> None:
        settings, deployment = self._settings, self.deployment
        state = server.application.state
        logs = FunctionLogs(state, settings.region, deployment.log_groups, settings.trace)
        runtime = create_runtime(server.endpoint, settings.region, logs.write)
        workers = {
            name: Workers(function, runtime, settings.concurrency)
            for name, function in deployment.functions.items()
        }
        dispatcher = Dispatcher(
            Queues(state, settings.region), workers, region=settings.region, log=settings.report
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


def check_region(region: str) -> None:
    """Raise UnknownRegionError for a region without AppFlow."""
    known = regions_of("appflow")
    if region not in known:
        close = get_close_matches(region, known)
        hint = f", did you mean {quoted(close[0])}?" if close else ""
        raise UnknownRegionError(f"unknown region of AppFlow {quoted(region)}{hint}")


def prepare_services(*, strict_tasks: bool = False, require_resources: bool = True) -> None:
    """Make AppFlow one of moto's services, and every service empty."""
    register()
    moto_api_backend.reset()
    controls.defaults = replace(
        Behaviour(),
        strict_tasks=strict_tasks or Behaviour().strict_tasks,
        strict_profiles=require_resources,
        strict_s3_source=require_resources,
        invent_fields=False,
    )
    controls.reset()
