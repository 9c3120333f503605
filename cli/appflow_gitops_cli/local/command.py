"""``appflow-gitops local``: the local cloud, run in the foreground, and the demo of it."""

import contextlib
import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appflow_gitops.quoting import quoted
from appflow_gitops_cli.local.instructions import command, instructions
from appflow_gitops_cli.local.sam import event, sam_env
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.project_file import (
    FILE_NAME,
    STAGE_VARIABLE,
    find_project_file,
    set_local_defaults,
    stack_option,
)
from appflow_gitops_cli.usage import OneOf
from appflow_gitops_local.stack import EVENTS, TEMPLATE

if TYPE_CHECKING:
    from appflow_gitops_local.cloud import LocalCloud, Settings
    from appflow_gitops_local.runtime import Log, Runtime

_TEMPLATE = click.option(
    "--template",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=TEMPLATE,
    show_default="the product's own",
    help="The SAM template to deploy. Code and layers run from their folders.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def local() -> None:
    """Run the stack on this machine, without an AWS account.

    \b
    Example:
      appflow-gitops local up --port 5000
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap


local.add_command(sam_env)
local.add_command(event)


@local.command(short_help="Run the local cloud until it is stopped.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. Containers on Linux need 0.0.0.0 or the address of the Docker bridge.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=5000,
    show_default=True,
    help="The port to listen on; 0 selects a free one.",
)
@_TEMPLATE
@click.option(
    "--stage",
    metavar="NAME",
    envvar=STAGE_VARIABLE,
    show_envvar=True,
    is_eager=True,
    callback=set_local_defaults,
    help=f"The stage in {FILE_NAME} whose stack is deployed.  [default: the first one]",
)
@stack_option("The name of the stack.")
@click.option("--region", default="us-east-1", show_default=True, help="The AWS region.")
@click.option(
    "-P",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the template. May be repeated.",
)
@click.option(
    "--strict-tasks",
    is_flag=True,
    help="Make AppFlow reject tasks that the API reference accepts and live services were seen to reject.",
)
@click.option(
    "--allow-missing/--no-allow-missing",
    help="Make AppFlow accept flows whose connector profile or S3 source object does not exist.",
)
@click.option(
    "--visibility-timeout",
    type=click.IntRange(0, 43200),
    metavar="SECONDS",
    help="Retry a failed change after this time, instead of the template's.",
)
@click.option(
    "--runtime",
    type=OneOf(["process", "rie", "none"]),
    default="process",
    show_default=True,
    help="Run functions in plain processes, in Lambda's Runtime Interface Emulator (Linux), or not at all: with none, "
    "run them with sam local.",
)
@click.option(
    "--iam/--no-iam",
    default=True,
    show_default=True,
    help="Give the functions only the permissions of their roles, or all.",
)
@click.option(
    "-v", "--verbose", is_flag=True, help="Show requests and the functions' logs on standard error."
)
def up(  # noqa: PLR0913 - one argument per option, as click hands them over
    *,
    host: str,
    port: int,
    template: Path,
    stage: str | None,
    stack: str,
    region: str,
    parameters: tuple[str, ...],
    strict_tasks: bool,
    allow_missing: bool,
    visibility_timeout: int | None,
    runtime: str,
    iam: bool,
    verbose: bool,
) -> None:
    """Run the local cloud until it is stopped.

    Serves S3, SQS, EventBridge, CloudWatch Logs, CloudFormation, IAM, STS and AppFlow on one endpoint, deploys the
    template and runs its functions when their events arrive. When it is ready, it prints how to use it, or one line of
    JSON when standard output is not a terminal. Everything else goes to standard error.

    In a repository with appflow-gitops.toml, it deploys the stack of the first stage, or of --stage, with the
    parameters Stage and CreateMissingFlows=true and with --allow-missing, and prints that. Options take precedence.

    \b
    Example:
      appflow-gitops local up --port 5000 &
      export AWS_ENDPOINT_URL=http://127.0.0.1:5000 AWS_DEFAULT_REGION=us-east-1
      export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
      appflow-gitops push --wait flows/

    Exit status: 0 stopped by SIGINT or SIGTERM, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    values = dict(_parameter(given) for given in parameters)
    if assumed := _assumed(stage) if template == TEMPLATE else {}:
        values = {**assumed, **values}
        shown = " ".join(f"-P {name}={value}" for name, value in values.items())
        lenient = " --allow-missing" if allow_missing else ""
        _print_error(f"{FILE_NAME}: --stack {stack} {shown}{lenient}")
    ready = sys.stdout
    if ready.isatty():
        _print_error("Starting the local cloud, which takes a few seconds.")
    with _extra_installed(), contextlib.redirect_stdout(sys.stderr):  # moto prints at times
        from appflow_gitops_local.cloud import Settings  # noqa: PLC0415 - a second and more

        settings = Settings(
            template=template,
            host=host,
            port=port,
            stack=stack,
            region=region,
            parameters=values,
            strict_tasks=strict_tasks,
            require_resources=not allow_missing,
            visibility_timeout=visibility_timeout,
            runtime=_runtime(runtime),
            enforce_iam=iam,
            report=_print_error,
            trace=_print_error if verbose else _discard,
        )
        stop = threading.Event()
        with _stopped_by_signals(stop.set), running(settings) as cloud:
            text = instructions(cloud.ready(), stage) if ready.isatty() else json.dumps(cloud.ready())
            print(text, file=ready, flush=True)
            stop.wait()


@local.command(short_help="Show changes from dropped documents to live flows.")
@_TEMPLATE
def demo(*, template: Path) -> None:
    """Show changes from dropped documents to live flows, on a local cloud of its own.

    Starts a local cloud on a free port, creates flows, drops documents, sends a request and prints each outcome.

    \b
    Example:
      appflow-gitops local demo

    Exit status: 0 success, 1 an outcome is missing, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    from rich.console import Console  # noqa: PLC0415 - not needed to list commands

    console = Console(highlight=False)
    with contextlib.ExitStack() as exits:
        with console.status("Starting the local cloud"), _extra_installed():
            from appflow_gitops_local.cloud import Settings  # noqa: PLC0415 - a second and more
            from appflow_gitops_local.demo import run  # noqa: PLC0415

            cloud = exits.enter_context(
                running(Settings(template=template, require_resources=False, report=_print_error))
            )
        unexpected = run(cloud, EVENTS, console, command())
    if unexpected:
        raise click.ClickException(unexpected)


@contextlib.contextmanager
def _extra_installed() -> Iterator[None]:
    """Raises CommandError where the packages of the local cloud are missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise CommandError(
            f"package {quoted(error.name)} is missing: install appflow-gitops with its extra 'local'"
        ) from None


@contextlib.contextmanager
def running(settings: "Settings") -> Iterator["LocalCloud"]:
    """A running local cloud. Raises CommandError for errors that the user can fix."""
    from appflow_gitops_local.cloud import LocalCloud, UnknownRegionError  # noqa: PLC0415 - a second and more
    from appflow_gitops_local.server import AddressError  # noqa: PLC0415
    from appflow_gitops_local.template import TemplateError  # noqa: PLC0415

    try:
        cloud = LocalCloud(settings).__enter__()
    except (AddressError, TemplateError, UnknownRegionError) as error:
        raise CommandError(str(error)) from None
    with contextlib.ExitStack() as exits:
        exits.push(cloud.__exit__)
        yield cloud


@contextlib.contextmanager
def _stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` on SIGINT and SIGTERM."""
    before = {number: signal.signal(number, lambda *_: stop()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _runtime(name: str) -> "Callable[[str, str, Log], Runtime] | None":
    """Return what creates the runtime of this name. Raises CommandError where the emulator is missing."""
    from appflow_gitops_local.rie import EmulatorMissingError, RieRuntime, find_emulator  # noqa: PLC0415
    from appflow_gitops_local.runtime import ProcessRuntime  # noqa: PLC0415 - a second and more

    if name != "rie":
        return ProcessRuntime if name == "process" else None
    try:
        return partial(RieRuntime, find_emulator())
    except EmulatorMissingError as error:
        raise CommandError(str(error)) from None


def _assumed(stage: str | None) -> dict[str, str]:
    """The parameters of a stack for the repository in the current folder; none outside of one."""
    if find_project_file(Path.cwd()) is None:
        return {}
    return ({"Stage": stage} if stage else {}) | {"CreateMissingFlows": "true"}


def _parameter(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not (name and equals):
        raise click.BadParameter(f"expected NAME=VALUE, got {quoted(given)}", param_hint="--parameter")
    return name, value


def _print_error(line: str) -> None:
    click.echo(line, err=True)


def _discard(_: str) -> None:
    pass
