"""``appflow-gitops export``: live flows written down as documents, so that Git can take them over."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

import click

from appflow_gitops.findings import Severity
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.sync.errors import SyncError
from appflow_gitops.sync.plan import difference
from appflow_gitops.sync.ports import FlowCatalog
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.cloud import aws_errors_told, flow_service, told
from appflow_gitops_cli.export.document_text import as_json, as_yaml
from appflow_gitops_cli.main import CannotRun
from appflow_gitops_cli.parallel import in_parallel
from appflow_gitops_cli.printable import printable

WRITERS: dict[str, Callable[[LiveFlow], str]] = {"yaml": as_yaml, "json": as_json}


class Outcome(StrEnum):
    """What became of one flow."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    """The file was there and says the same."""
    KEPT = "kept"
    """The file was there, says something else, and was left alone."""
    MISSING = "missing"
    """There is no such flow."""
    FAILED = "failed"
    """AppFlow did not answer, or the file could not be written."""


@dataclass(frozen=True, slots=True)
class Exported:
    """One flow and what became of it; ``doubt`` is what the person should know about it."""

    name: str
    outcome: Outcome
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    """Where documents are written, one file per flow, named after it. ``force`` overwrites."""

    path: Path
    ending: str
    force: bool

    def file(self, flow: str) -> Path:
        """The flow's file. Raises ValueError for a name that would lead out of the folder."""
        name = f"{flow}.{self.ending}"
        if Path(name).name != name or name.startswith("."):
            raise ValueError(f"{flow!r} cannot name a file")
        return self.path / name

    def write(self, file: Path, content: bytes) -> Outcome:
        """Write the file, unless it is there already. Raises OSError."""
        if file.exists() and file.read_bytes() == content:
            return Outcome.UNCHANGED
        if file.exists() and not self.force:
            return Outcome.KEPT
        file.write_bytes(content)
        return Outcome.WRITTEN


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("flows", nargs=-1, metavar="[FLOW]...")
@click.option("--all", "every", is_flag=True, help="All flows of the account and region.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="The folder to write to, made if need be.",
)
@click.option(
    "--format",
    "ending",
    type=click.Choice(list(WRITERS)),
    default="yaml",
    show_default=True,
    help="JSON has no room for comments.",
)
@click.option("--force", is_flag=True, help="Overwrite files that say something else.")
def export(*, flows: tuple[str, ...], every: bool, out: Path, ending: str, force: bool) -> None:
    """Write live flows down as documents, one file each.

    A document holds what somebody decided and nothing that AppFlow added, so that it is in sync with its flow and reads
    well. Files that are there and say something else are left alone.

    \b
    Example:
      appflow-gitops export orders customers --out flows/
      appflow-gitops export --all --out flows/ --format json

    Exit status: 0 good, 1 some flow was not exported or is doubtful, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    if every is bool(flows):
        raise click.UsageError("Name the flows to export, or say --all.")
    folder = Folder(out, ending, force)
    with aws_errors_told():
        service = flow_service()
        names = sorted(flow.name for flow in service.summaries()) if every else list(dict.fromkeys(flows))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"cannot make the folder {out}: {error.strerror}") from None
    exported = in_parallel(partial(export_flow, service, folder), names, "Exporting")
    _tell(exported, out)
    sys.exit(1 if any(each.doubt for each in exported) else 0)


def export_flow(flows: FlowCatalog, folder: Folder, name: str) -> Exported:
    """Export one flow. Never raises for what is wrong with one flow alone."""
    try:
        file = folder.file(name)
        live = flows.describe(name)
        if live is None:
            return Exported(name, Outcome.MISSING, "there is no such flow")
        text = WRITERS[folder.ending](live)
        outcome = folder.write(file, text.encode())
    except SyncError as error:
        return Exported(name, Outcome.FAILED, told(error))
    except OSError as error:
        return Exported(name, Outcome.FAILED, f"cannot write its file: {error.strerror}")
    except ValueError as error:
        return Exported(name, Outcome.FAILED, str(error))
    if outcome is Outcome.KEPT:
        return Exported(name, outcome, f"{file} is there and says something else (--force overwrites it)")
    return Exported(name, outcome, doubt_about(text, file.name, live))


def doubt_about(text: str, file: str, live: LiveFlow) -> str | None:
    """Why the document is not valid, or not in sync with its flow; ``None`` when it is both."""
    checked = validate(text.encode(), file)
    errors = [finding for finding in checked.findings if finding.severity is Severity.ERROR]
    if errors:
        return f"AppFlow holds what `validate` refuses: {errors[0].message} ({errors[0].pointer})"
    (flow,) = checked.flows
    differing = difference(flow.document, live) if flow.document else ()
    return f"the document differs from the flow at {differing[0].pointer}" if differing else None


def _tell(exported: Iterable[Exported], out: Path) -> None:
    """The doubts, then the whole in one line. Raises CannotRun where every flow failed."""
    results = list(exported)
    counts = {outcome: sum(each.outcome is outcome for each in results) for outcome in Outcome}
    if results and counts[Outcome.FAILED] == len(results):
        more = f" (and {len(results) - 1} more)" if len(results) > 1 else ""
        raise CannotRun(f"{printable(results[0].name)}: {results[0].doubt}{more}")
    for each in results:
        if each.doubt:
            click.echo(f"{printable(each.name)}: {printable(each.doubt)}")
    told_counts = [f"{count:,} {outcome}" for outcome, count in counts.items() if count]
    click.echo(f"{out}: {', '.join(told_counts) or 'there are no flows'}")
