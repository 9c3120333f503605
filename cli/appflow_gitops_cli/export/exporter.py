"""Exports one live flow to a file and checks the result. ``command`` calls it for each flow."""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from appflow_gitops.findings import Severity
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.quoting import quoted
from appflow_gitops.sync.errors import SyncError
from appflow_gitops.sync.plan import difference
from appflow_gitops.sync.ports import FlowCatalog
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.cloud import format_error
from appflow_gitops_cli.export.document_text import as_json, as_yaml

NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
"""Not on Windows."""

WRITERS: dict[str, Callable[[LiveFlow], str]] = {"yaml": as_yaml, "json": as_json}
"""Value of ``--format``, which is the file suffix too -> function that writes the document."""


class ExportResult(StrEnum):
    """The result of exporting one flow."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    """The file exists with the same content."""
    KEPT = "kept"
    """The file exists with other content, and was not overwritten."""
    MISSING = "missing"
    """AppFlow has no flow of this name."""
    FAILED = "failed"
    """AppFlow did not answer, or the file could not be written."""


@dataclass(frozen=True, slots=True)
class ExportedFlow:
    """One flow and its result; ``problem`` is a warning or error to print."""

    name: str
    result: ExportResult
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class OutputFolder:
    """The folder that documents are written to, one file per flow, named after the flow. ``force`` overwrites."""

    path: Path
    suffix: str
    force: bool

    def file(self, flow: str) -> Path:
        """The file of the flow. Raises ValueError for a name that would leave the folder."""
        name = f"{flow}.{self.suffix}"
        if Path(name).name != name or name.startswith("."):
            raise ValueError(f"{quoted(flow)} is not usable as a file name")
        return self.path / name

    def write(self, file: Path, content: bytes) -> ExportResult:
        """Write the file unless it exists already. Raises OSError, also for a symbolic link."""
        refuse_symbolic_link(file)
        if file.exists() and file.read_bytes() == content:
            return ExportResult.UNCHANGED
        if file.exists() and not self.force:
            return ExportResult.KEPT
        write_without_links(file, content, os.O_CREAT | (os.O_TRUNC if self.force else os.O_EXCL))
        return ExportResult.WRITTEN


def refuse_symbolic_link(file: Path) -> None:
    """Raises OSError for a symbolic link."""
    if file.is_symlink():
        raise OSError(errno.ELOOP, "it is a symbolic link")


def write_without_links(file: Path, content: bytes, flags: int) -> None:
    """Write the file, opened with these flags, and never the target of a symbolic link. Raises OSError."""
    refuse_symbolic_link(file)
    with os.fdopen(os.open(file, os.O_WRONLY | flags | NOFOLLOW, 0o666), "wb") as opened:
        opened.write(content)


def export_flow(flows: FlowCatalog, folder: OutputFolder, name: str) -> ExportedFlow:
    """Export one flow. Problems of this flow are returned, not raised."""
    try:
        file = folder.file(name)
        live = flows.describe(name)
        if live is None:
            return ExportedFlow(name, ExportResult.MISSING, "no such flow")
        text = WRITERS[folder.suffix](live)
        result = folder.write(file, text.encode())
    except SyncError as error:
        return ExportedFlow(name, ExportResult.FAILED, format_error(error))
    except OSError as error:
        return ExportedFlow(name, ExportResult.FAILED, f"cannot write the file: {error.strerror}")
    except ValueError as error:
        return ExportedFlow(name, ExportResult.FAILED, str(error))
    if result is ExportResult.KEPT:
        return ExportedFlow(name, result, f"{file} exists with other content (--force overwrites it)")
    return ExportedFlow(name, result, find_problem(text, file.name, live))


def find_problem(text: str, file: str, live: LiveFlow) -> str | None:
    """Why the document is invalid or out of sync with its flow; ``None`` if it is neither."""
    checked = validate(text.encode(), file)
    errors = [finding for finding in checked.findings if finding.severity is Severity.ERROR]
    if errors:
        return f"the live flow fails validation: {errors[0].message} ({errors[0].pointer})"
    (flow,) = checked.flows
    items = difference(flow.document, live) if flow.document else ()
    return f"the document differs from the flow at {items[0].pointer}" if items else None
