"""Writes the live configuration of a flow back into the document that declares it: ``export --update``."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path as FilePath
from typing import Any, cast

from appflow_gitops.documents.decoding import decode
from appflow_gitops.findings import Json, Path
from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.sync.errors import SyncError
from appflow_gitops.sync.plan import difference, tag_difference
from appflow_gitops.sync.ports import FlowCatalog
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.result import ValidatedDocument
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.cloud import format_error
from appflow_gitops_cli.documents.document_text import escaped_value, written_value
from appflow_gitops_cli.documents.output_folder import write_without_links
from appflow_gitops_cli.documents.sources import find_sources
from appflow_gitops_cli.export import patch
from appflow_gitops_cli.export.exporter import ExportedFlow, ExportResult

_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT")


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents that are updated: those in ``folder``, read in ``environment``.

    Without a key, a document is not checked against a policy; ``ignored`` returns the members that the policy ignores
    in a flow, which are left as they are. ``protected`` are files, as resolved paths, that are not changed because that
    could lose edits.
    """

    folder: FilePath
    environment: Environment
    ignored: Callable[[str], tuple[Path, ...]] = lambda _: ()
    protected: frozenset[FilePath] = frozenset()

    def declaring(self, flow: str) -> list[FilePath]:
        """The files that declare the flow. Those that cannot be read, or are outside of the folder, do not count."""
        found = []
        for source in find_sources([str(self.folder)]):
            file, content = FilePath(source.name), source.read()
            if isinstance(content, bytes) and any(
                each.name == flow for each in self.validated(content, file).flows
            ):
                found.append(file)
        return found

    def validated(self, content: bytes, file: FilePath) -> ValidatedDocument:
        """Validate a document."""
        return validate(content, file.name, self.environment)

    def flow(self, checked: ValidatedDocument, number: int) -> FlowDocument:
        """A flow of a valid document."""
        document = checked.flows[number].document
        assert document  # noqa: S101 - the document is valid
        return document.ignoring(self.ignored(document.flowName))


def update_flow(flows: FlowCatalog, documents: Documents, name: str) -> ExportedFlow:
    """Update the document of one flow. Problems of this flow are returned, not raised."""
    try:
        live = flows.describe(name)
        if live is None:
            return ExportedFlow(name, ExportResult.MISSING, "no such flow")
        files = documents.declaring(name)
        if len(files) != 1:
            found = ", ".join(map(str, files)) or "none"
            message = f"expected one document in {documents.folder} that declares the flow, found {found}"
            return ExportedFlow(name, ExportResult.FAILED, message)
        return _update(documents, files[0], live)
    except SyncError as error:
        return ExportedFlow(name, ExportResult.FAILED, format_error(error))
    except OSError as error:
        return ExportedFlow(name, ExportResult.FAILED, f"cannot write the file: {error.strerror}")
    except patch.PatchError as error:
        return ExportedFlow(name, ExportResult.FAILED, f"not updated: {error}")


def _update(documents: Documents, file: FilePath, live: LiveFlow) -> ExportedFlow:
    """Edit the file. Raises PatchError, with the file unchanged, if the result would not be in sync."""
    content = file.read_bytes()
    before = documents.validated(content, file)
    text = decode(content)
    if not isinstance(text, str) or not before.valid:
        raise patch.PatchError(f"{file} is invalid; see 'appflow-gitops validate'")
    number = next(index for index, flow in enumerate(before.flows) if flow.name == live.name)
    if len(patch.flow_nodes(text)) != len(before.flows):
        raise patch.PatchError(f"{file} does not have the form of UpdateFlow; take the change over by hand")
    updated = updated_text(text, number, documents.flow(before, number), live)
    if updated == text:
        return ExportedFlow(live.name, ExportResult.UNCHANGED)
    if file.resolve() in documents.protected:
        problem = (
            f"{file} has uncommitted changes, which the update could revert; commit them, or use --force"
        )
        return ExportedFlow(live.name, ExportResult.KEPT, problem)
    encoded = updated.encode()
    after = documents.validated(encoded, file)
    if not after.valid or len(after.flows) != len(before.flows):
        raise patch.PatchError(f"the result would be invalid; take the change over into {file} by hand")
    others = (index for index in range(len(before.flows)) if index != number)
    if any(documents.flow(after, index) != documents.flow(before, index) for index in others):
        raise patch.PatchError(f"another flow in {file} would change; take the change over by hand")
    if items := list(_edits(documents.flow(after, number), live)):
        raise patch.PatchError(
            f"{items[0].pointer} would still differ; take the change over into {file} by hand"
        )
    bom = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    write_without_links(file, bom + encoded, os.O_TRUNC)
    return ExportedFlow(live.name, ExportResult.WRITTEN, file=file)


def updated_text(text: str, number: int, document: FlowDocument, live: LiveFlow) -> str:
    """The text in which the flow with this number is as the live one."""
    items = list(_edits(document, live))
    for item in (each for each in items if each.op == "change"):
        before = _value_at(document, item.path)
        after = _as_written(item.path, _in_order(before, item), text, number)
        text = patch.change(text, number, item.path, before, after)
    missing = [each for each in items if each.op == "remove"]
    # Tasks go to the end, before others are removed: the only entry of a list cannot be.
    for item in filter(_is_task, missing):
        text = _insert(text, number, item)
    for item in sorted((each for each in items if each.op == "add"), key=_last_first):
        text = patch.remove(text, number, item.path)
    for item in (each for each in missing if not _is_task(each)):
        text = _insert(text, number, item)
    return text


def _is_task(item: DiffItem) -> bool:
    return item.path[0] == "tasks" and len(item.path) == len(("tasks", 0))


def _edits(document: FlowDocument, live: LiveFlow) -> Iterator[DiffItem]:
    """The differences, from the document's point of view: what apply would change to make it the desired flow."""
    yield from difference(document, live)
    yield from (item for item in tag_difference(document, live) if item.op != "remove")
    wanted = document.wanted_status
    if wanted and live.status in ("Active", "Suspended") and wanted != live.status:
        yield DiffItem("change", ("flowStatus",), live.status, wanted)


def _value_at(document: FlowDocument, path: Path) -> Json:
    value: Any = document.to_wire()
    for place in path:
        value = value[place]
    return cast("Json", value)


def _in_order(before: Json, item: DiffItem) -> Json:
    """The live value. A list whose order does not count was sorted for the diff: keep the order of the document."""
    if not isinstance(before, list) or not isinstance(item.live, list) or before == item.desired:
        return item.live
    return [
        *(each for each in before if each in item.live),
        *(each for each in item.live if each not in before),
    ]


def _insert(text: str, number: int, item: DiffItem) -> str:
    """Add what only the live flow has. A task is added at the end: its index is that of the live flow."""
    value = escaped_value(written_value(item.path, item.live))
    if _is_task(item):
        tasks = len(patch.list_at(text, number, ("tasks",)))
        return patch.insert(text, number, ("tasks", tasks), value)
    return patch.insert(text, number, item.path, value)


def _as_written(path: Path, value: Json, text: str, number: int) -> Json:
    """The live value in the form of the document: a time as text where the document has text."""
    written = patch.text_at(text, number, path)
    if isinstance(value, int | float) and _ISO_TIME.match(written):
        return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
    return escaped_value(written_value(path, value))


def _last_first(item: DiffItem) -> tuple[int, ...]:
    """Items of a list from the last to the first, so that the indices before them stay the same."""
    return tuple(-place for place in item.path if isinstance(place, int))


def update_flows(flows: FlowCatalog, documents: Documents, names: Iterable[str]) -> list[ExportedFlow]:
    """Update the documents one after the other: two flows may be declared in one file."""
    return [update_flow(flows, documents, name) for name in names]
