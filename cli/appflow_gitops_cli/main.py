"""The entry point of ``appflow-gitops``: the list of commands, and how each of them exits.

Exit status: 0 success, 1 findings or failures, 2 the command could not run, 130 interrupted; ``plan`` exits as
``terraform plan -detailed-exitcode``: 0 in sync, 2 changes, 1 anything else. A command's module is imported only when
the command is called or its help is requested, so that no command waits for the imports of another. Commands raise
``CommandError`` with a message of one line; an unexpected error is reported on one line too, unless ``--debug`` is set.
"""

import importlib
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from appflow_gitops import __version__
from appflow_gitops.quoting import quoted
from appflow_gitops_cli.usage import describe, unknown

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
"""128 + SIGINT, as in a shell."""
ERROR_STATUS = {"plan": 1}
"""Exit status by command if it cannot run, where it is not ``EXIT_ERROR``: 2 means changes, as for Terraform."""

COMMANDS = {
    "init": ("appflow_gitops_cli.init.command", "Write a repository to start with."),
    "validate": ("appflow_gitops_cli.validate.command", "Check flow documents, without AWS."),
    "plan": ("appflow_gitops_cli.plan.command", "Show what documents would change in the live flows."),
    "push": ("appflow_gitops_cli.push.command", "Upload documents to a stack and report the outcomes."),
    "export": ("appflow_gitops_cli.export.command", "Write live flows to documents."),
    "convert": ("appflow_gitops_cli.convert.command", "Write the flows of other tools' files to documents."),
    "status": ("appflow_gitops_cli.status.command", "List all flows and whether they match their documents."),
    "history": (
        "appflow_gitops_cli.history.command",
        "List the versions of a flow's document and their outcomes.",
    ),
    "diff": ("appflow_gitops_cli.diff.command", "Compare two versions of a flow's document."),
    "fields": (
        "appflow_gitops_cli.fields.command",
        "Keep the fields of connectors in files, and compare them.",
    ),
    "run": ("appflow_gitops_cli.run.command", "Start a run of an on-demand flow."),
    "runs": ("appflow_gitops_cli.runs.command", "List the runs of a flow."),
    "cancel": ("appflow_gitops_cli.cancel.command", "Cancel runs in progress."),
    "confirm": ("appflow_gitops_cli.confirm.command", "Confirm repairs that exceed the limit of a stack."),
    "pause": ("appflow_gitops_cli.pause.command", "Hold changes of flows until they are resumed."),
    "resume": ("appflow_gitops_cli.resume.command", "End pauses, so that held changes are applied."),
    "policy": ("appflow_gitops_cli.policy.command", "Explain what the policy allows documents."),
    "rule": ("appflow_gitops_cli.rule.command", "Explain a rule, or list all rules."),
    "schema": ("appflow_gitops_cli.schema.command", "Print the JSON Schema of flow documents, for editors."),
    "local": ("appflow_gitops_cli.local.command", "Run the stack on this machine, without an AWS account."),
}
"""Name -> the module that defines a click command of that name, and its summary in the list of commands."""

_OTHER_NAMES = {
    "apply": "push",
    "check": "validate",
    "deploy": "push",
    "log": "history",
    "rollback": "push",
    "explain": "rule",
    "help": "--help",
    "freeze": "pause",
    "lint": "validate",
    "rules": "rule",
    "version": "--version",
}
"""Names of commands in other tools -> the command or option here."""


class CommandError(click.ClickException):
    """The command could not run. The message is one line: what failed and what to do."""

    exit_code = EXIT_ERROR


class InterruptionError(CommandError):
    """The user pressed Ctrl-C."""

    exit_code = EXIT_INTERRUPTED


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """Raise CommandError for wrong usage."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        raise CommandError(describe(error)) from None


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is needed, not when it is listed."""

    def make_context(self, *arguments: Any, **named: Any) -> click.Context:
        """Parse the options of the group."""
        with _one_line_errors():
            return super().make_context(*arguments, **named)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; its errors get the exit status that the command defines."""
        try:
            with _one_line_errors():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            raise InterruptionError("interrupted") from None
        except click.ClickException as error:
            status = ERROR_STATUS.get(ctx.invoked_subcommand or "")
            if status is None or error.exit_code != EXIT_ERROR:
                raise
            error.show()
            ctx.exit(status)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names of all commands, in the order of ``COMMANDS``."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command for the arguments. An unknown name is an error with the most similar command."""
        name = args[0]
        if name not in COMMANDS and not ctx.resilient_parsing:
            intended = _OTHER_NAMES.get(name.lower())
            hint = f"unknown command {quoted(name)}; did you mean {quoted(intended)}?" if intended else ""
            raise CommandError(hint or unknown("command", name, COMMANDS))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="appflow-gitops")
@click.option("--debug", is_flag=True, help="Print the traceback of an unexpected error.")
def cli(**_options: Any) -> None:
    """Manage Amazon AppFlow flows from Git.

    Flow documents (JSON or YAML) live in a Git repository. A stack in your AWS account applies them to live flows;
    these commands check, preview, upload and export them.

    \b
    Example:
      appflow-gitops validate flows/

    Exit status: 0 success, 1 findings or failures, 2 could not run, 130 interrupted. plan differs, see its help.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap


def main() -> None:
    """Run the command and end the process with its exit status."""
    run(cli, sys.argv[1:])


def run(command: click.Command, arguments: Sequence[str]) -> NoReturn:
    """Run ``command`` and exit with its status. Raises SystemExit."""
    try:
        command(list(arguments), prog_name="appflow-gitops")
    except Exception as error:  # noqa: BLE001 - the outermost handler: report the error instead of a traceback
        if "--debug" in arguments:
            traceback.print_exc()
        else:
            message = " ".join(f"{type(error).__name__}: {error}".split())
            click.echo(f"Error: unexpected {message} (rerun with appflow-gitops --debug ...)", err=True)
        sys.exit(next((ERROR_STATUS[name] for name in arguments if name in ERROR_STATUS), EXIT_ERROR))
    sys.exit()
