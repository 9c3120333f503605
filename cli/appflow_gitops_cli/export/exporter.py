"""Exports one live flow to a file and checks the result. ``command`` calls it for each flow."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from appflow_gitops.findings import Severity
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.sync.errors import SyncError
from appflow_gitops.sync.plan import difference
from appflow_gitops.sync.ports import FlowCatalog
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.cloud import format_error
from appflow_gitops_cli.documents.document_text import as_json, as_yaml
from appflow_gitops_cli.documents.output_folder import OutputFolder, WriteResult

WRITERS: dict[str, Callable[[LiveFlow], str]] = {"yaml": as_yaml, "json": as_json}
"""Value of ``--format``, which is the file suffix too -> function that writes the document."""


class ExportResult(StrEnum):
    """The result of exporting one flow."""

    WRITTEN = WriteResult.WRITTEN.value
    UNCHANGED = WriteResult.UNCHANGED.value
    KEPT = WriteResult.KEPT.value
    MISSING = "missing"
    """AppFlow has no flow of this name."""
    FAILED = "failed"
    """AppFlow did not answer, or the file could not be written."""


@dataclass(frozen=True, slots=True)
class ExportedFlow:
    """One flow and its result; ``problem`` is a warning or error to print, ``file`` what an update changed."""

    name: str
    result: ExportResult
    problem: str | None = None
    file: Path | None = None


def export_flow(flows: FlowCatalog, folder: OutputFolder, name: str) -> ExportedFlow:
    """Export one flow. Problems of this flow are returned, not raised."""
    try:
        file = folder.file(name)
        live = flows.describe(name)
        if live is None:
            return ExportedFlow(name, ExportResult.MISSING, "no such flow")
        text = WRITERS[folder.suffix](live)
        result = ExportResult(folder.write(file, text.encode()))
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
