"""The entry point of ``appflow-gitops``: which commands there are, and how any of them ends.

Exit status 0 is good, 1 means findings or failures, 2 means that the command could not run. A command's module is
imported only when it is called or asked for help, so that none waits for what another needs. Commands raise
``CannotRun`` with one line for the person; what nobody expected is told in one line too, unless ``--debug`` asks for
the traceback.
"""

import importlib
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from appflow_gitops import __version__

EXIT_CANNOT_RUN = 2

COMMANDS = {
    "validate": ("appflow_gitops_cli.validate.command", "Check flow documents, without AWS."),
    "plan": ("appflow_gitops_cli.plan.command", "Show what dropping documents would do to each flow."),
    "push": ("appflow_gitops_cli.push.command", "Bring documents to the stack and see what becomes of them."),
    "export": ("appflow_gitops_cli.export.command", "Write live flows down as documents."),
    "status": ("appflow_gitops_cli.status.command", "Show every flow beside its document."),
    "schema": ("appflow_gitops_cli.schema.command", "Print the JSON Schema of a flow document, for editors."),
    "local": ("appflow_gitops_cli.local.command", "Try flow changes on this machine, no AWS account needed."),
}
"""Name -> the module that holds a click command of that name, and its line in the list of commands."""


class CannotRun(click.ClickException):
    """The command could not do its work; the message is one line for the person who called it."""

    exit_code = EXIT_CANNOT_RUN


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is needed, not when it is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names of all commands, in the order of ``COMMANDS``."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}.{cmd_name} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="appflow-gitops")
@click.option("--debug", is_flag=True, help="Show the traceback of an unexpected error.")
def cli(**_options: Any) -> None:
    """Keep Amazon AppFlow flows in Git.

    \b
    Example:
      appflow-gitops local demo

    Exit status: 0 good, 1 findings or failures, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap


def main() -> None:
    """Run the command and end the process with its exit status."""
    run(cli, sys.argv[1:])


def run(command: click.Command, arguments: Sequence[str]) -> NoReturn:
    """Run ``command`` and exit as every command does. Raises SystemExit."""
    try:
        command(list(arguments), prog_name="appflow-gitops")
    except Exception as error:  # noqa: BLE001 - the last place that can tell a person what went wrong
        if "--debug" in arguments:
            traceback.print_exc()
        else:
            told = " ".join(f"{type(error).__name__}: {error}".split())
            click.echo(f"Error: unexpected {told} (appflow-gitops --debug ... shows where)", err=True)
        sys.exit(EXIT_CANNOT_RUN)
    sys.exit()
