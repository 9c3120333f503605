"""``appflow-gitops local sam-env`` and ``local event``: what ``sam local`` needs to run functions in containers."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.project_file import stack_option
from appflow_gitops_cli.usage import OneOf, Seconds

if TYPE_CHECKING:
    from appflow_gitops_local.running import RunningCloud

HOST_OF_CONTAINERS = "host.docker.internal"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _on_a_running_cloud(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that name a running local cloud; the command gets it as its first argument."""

    @click.option(
        "--endpoint",
        envvar="AWS_ENDPOINT_URL",
        default="http://127.0.0.1:5000",
        show_default=True,
        show_envvar=True,
        help="The endpoint of the running local cloud.",
    )
    @click.option(
        "--region", envvar="AWS_DEFAULT_REGION", default="us-east-1", show_default=True, show_envvar=True
    )
    @stack_option("The stack's name.")
    def wrapped(*, endpoint: str, region: str, stack: str, **options: Any) -> None:
        from appflow_gitops_local.running import RunningCloud  # noqa: PLC0415 - boto3, not needed for --help

        with _errors_reported():
            command(RunningCloud(endpoint, region, stack), **options)

    return update_wrapper(wrapped, command)


@contextmanager
def _errors_reported() -> Iterator[None]:
    from appflow_gitops_local.running import EmptyQueueError, NotRunningError  # noqa: PLC0415

    try:
        yield
    except (EmptyQueueError, NotRunningError) as error:
        raise CommandError(str(error)) from None


@click.command("sam-env", short_help="Print the functions' environment for sam local --env-vars.")
@click.option(
    "--container-endpoint",
    metavar="URL",
    help=f"The endpoint as containers reach it.  [default: port of --endpoint on {HOST_OF_CONTAINERS}]",
)
@click.option(
    "--wait",
    type=Seconds(min=0),
    default=0,
    metavar="SECONDS",
    help="Wait until the local cloud is ready.",
)
@_on_a_running_cloud
def sam_env(cloud: "RunningCloud", *, container_endpoint: str | None, wait: float) -> None:
    """Print the environment of every function, as JSON for sam local --env-vars.

    Reads it from a running local cloud. Exit status 2 when none answers.

    \b
    Example:
      appflow-gitops local sam-env > env.json
      sam local invoke IntakeFunction --event event.json --env-vars env.json \\
        --add-host host.docker.internal:host-gateway
    """  # noqa: D301 - click needs a literal backspace before text that must not be wrapped
    port = urlsplit(cloud.endpoint).port
    url = container_endpoint or f"http://{HOST_OF_CONTAINERS}" + (f":{port}" if port else "")
    cloud.wait(wait)
    _print(cloud.sam_environment(url))


@click.group(short_help="Print an event for a function, for sam local invoke.")
def event() -> None:
    """Print an event that fits the running local cloud, for sam local invoke --event.

    Documents are stored in the bucket of the local cloud where the event names them.

    \b
    Example:
      appflow-gitops local event s3 flows/orders.yaml | sam local invoke IntakeFunction --event - --env-vars env.json
      appflow-gitops local event queue | sam local invoke ApplyFunction --event - --env-vars env.json
    """  # noqa: D301 - click needs a literal backspace before text that must not be wrapped


_KEY = click.option("--key", help="Key of the document in the bucket.  [default: flows/ and the file's name]")


@event.command(short_help="IntakeFunction: store a document, print the event of S3.")
@click.argument("document", type=_FILE, required=False)
@_KEY
@click.option(
    "--notification", is_flag=True, help="Print S3's notification for Lambda instead of EventBridge's event."
)
@_on_a_running_cloud
def s3(cloud: "RunningCloud", *, document: Path | None, key: str | None, notification: bool) -> None:
    """Store DOCUMENT in the documents bucket and print the event of S3, for IntakeFunction.

    Without DOCUMENT, the sample documents/orders.yaml is used.
    """
    file = document or _sample("orders.yaml")
    build = cloud.notification if notification else cloud.object_created
    _print(build(file, key or f"flows/{file.name}"))


@event.command(short_help="IntakeFunction: print a Flow Change Requested event.")
@click.argument("document", type=_FILE, required=False)
@_KEY
@click.option(
    "--document-as",
    type=OneOf(["value", "text", "pointer"]),
    default="value",
    show_default=True,
    help="How the event carries the document: as a value, as text, or as bucket and key, where it is stored first.",
)
@_on_a_running_cloud
def request(cloud: "RunningCloud", *, document: Path | None, key: str | None, document_as: str) -> None:
    """Print a Flow Change Requested event for DOCUMENT, for IntakeFunction.

    Without DOCUMENT, the sample documents/price-list.json is used.
    """
    file = document or _sample("price-list.json")
    if document_as == "pointer":
        _print(cloud.requested_pointer(file, key or f"flows/{file.name}"))
    else:
        _print(cloud.requested_text(file) if document_as == "text" else cloud.requested(file))


@event.command(short_help="ApplyFunction: take changes out of the queue, print Lambda's event.")
@click.option("--limit", type=click.IntRange(1, 10), default=10, show_default=True, help="How many changes.")
@_on_a_running_cloud
def queue(cloud: "RunningCloud", *, limit: int) -> None:
    """Take changes out of the queue and print Lambda's event of them, for ApplyFunction.

    They are deleted from the queue: a change that fails is not retried. Exit status 2 when the queue is empty.
    """
    _print(cloud.queued(limit))


@event.command(short_help="DetectDriftFunction, WatchRunsFunction: print the event of a schedule.")
@_on_a_running_cloud
def schedule(cloud: "RunningCloud") -> None:
    """Print the event of a schedule, for DetectDriftFunction and WatchRunsFunction."""
    _print(cloud.scan_due())


@event.command(short_help="WatchRunsFunction: print AppFlow's event about a failed run.")
@click.argument("flow")
@_on_a_running_cloud
def run(cloud: "RunningCloud", *, flow: str) -> None:
    """Print AppFlow's event about a failed run of FLOW, for WatchRunsFunction."""
    _print(cloud.run_ended(flow))


@event.command("run-request", short_help="IntakeFunction: print a Flow Run Requested event.")
@click.argument("flow")
@_on_a_running_cloud
def run_request(cloud: "RunningCloud", *, flow: str) -> None:
    """Print a Flow Run Requested event for FLOW, for IntakeFunction."""
    _print(cloud.run_requested(flow))


@event.command(short_help="DetectDriftFunction: print a Flow Repairs Confirmed event.")
@_on_a_running_cloud
def confirmation(cloud: "RunningCloud") -> None:
    """Print a Flow Repairs Confirmed event, for DetectDriftFunction."""
    _print(cloud.repairs_confirmed())


def _sample(name: str) -> Path:
    from appflow_gitops_local.stack import DOCUMENTS  # noqa: PLC0415

    return DOCUMENTS / name


def _print(value: Any) -> None:
    click.echo(json.dumps(value, indent=2))
