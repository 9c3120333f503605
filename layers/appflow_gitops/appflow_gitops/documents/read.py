"""The face of the package: bytes, or a value from an event, to flows. ``rules.judging`` calls it.

A document is all or nothing: when any finding is an error, none of its flows may be applied. The flows are given all
the same, as far as they could be read, so that their shape can be checked and everything be told at once.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from appflow_gitops.documents.collector import Collector, excerpt
from appflow_gitops.documents.decoding import decode
from appflow_gitops.documents.dialects import understand
from appflow_gitops.documents.json_text import read_json
from appflow_gitops.documents.limits import MAX_FLOWS
from appflow_gitops.documents.parsing import parse
from appflow_gitops.documents.positions import NOWHERE, FlowLocator, TextDocument
from appflow_gitops.documents.reading_rules import (
    NO_FLOW,
    NO_OBJECT,
    SAME_FLOW_TWICE,
    TOO_DEEP,
    TOO_MANY_FLOWS,
)
from appflow_gitops.documents.variables import NO_VARIABLES, Resolver, Variables
from appflow_gitops.findings import Finding, Json, Path, Position

_START = Position(1, 1)


@dataclass(frozen=True, slots=True)
class FlowSource:
    """One declared flow in AppFlow's words, and where it stands.

    ``path`` leads to it inside its JSON or YAML document: ``()``, or ``(index,)`` in a list. ``locator`` takes paths
    from the top of that document, so ``path`` plus the path inside the flow.
    """

    value: dict[str, Json]
    path: Path
    locator: FlowLocator


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """What one file declares, and what reading it found (``AFG0xx``), positions filled in, in the order of the file."""

    flows: tuple[FlowSource, ...]
    findings: tuple[Finding, ...]


def read_document(source: bytes | str, name: str, variables: Variables | None = NO_VARIABLES) -> ReadDocument:
    """The flows of one file. ``name`` ends in .json, .yaml or .yml; any other name has the text itself decide.

    ``variables`` are put in; with None the text counts as it stands.

    Never raises. After an error a flow may hold a stand-in at the path of the finding, so further findings at that path
    or below mean nothing.
    """
    text = decode(source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source)
    if isinstance(text, Finding):
        return ReadDocument((), (text,))
    collector = Collector()
    return _declared(parse(text, name, collector), collector, variables)


def read_value(value: Json, variables: Variables | None = NO_VARIABLES) -> ReadDocument:
    """The flows of a document that an event carries as an object: a value as ``json.loads`` makes it.

    ``variables`` as for ``read_document``. It stands in no file, so every position is line 1, column 1.
    """
    collector = Collector()
    try:
        document = read_json(json.dumps(value), collector)
    except RecursionError:
        collector.tell(TOO_DEEP, (), _START, "lists and objects lie too deep inside each other")
        document = None
    read = _declared([TextDocument(document.value, NOWHERE)] if document else [], collector, variables)
    return replace(read, findings=tuple(replace(each, position=_START) for each in read.findings))


def _declared(
    documents: Sequence[TextDocument], collector: Collector, variables: Variables | None
) -> ReadDocument:
    """Whatever the documents declare, with what was told on the way."""
    flows: list[FlowSource] = []
    findings: list[Finding] = []
    resolver = Resolver(variables, collector) if variables else None
    for document, path, value in _candidates(documents):
        if not isinstance(value, dict):
            _tell_no_object(document, path, value, collector)
        elif len(flows) == MAX_FLOWS:
            message = f"the file declares more than {MAX_FLOWS} flows"
            position = FlowLocator(document.places, {}).position(path)
            collector.tell(TOO_MANY_FLOWS, path, position, message, "split it into several files")
            break
        else:
            resolved = resolver.members(value, path, document.places) if resolver else value
            understood = understand(resolved, path, document.places)
            flows.append(FlowSource(understood.value, path, FlowLocator(document.places, understood.renames)))
            findings.extend(understood.findings)
    if not flows and not collector.findings:
        collector.tell(
            NO_FLOW, (), _START, "the file declares no flow", "to stop managing a flow, delete its file"
        )
    _tell_same_names(flows, collector)
    findings.extend(collector.findings)
    return ReadDocument(tuple(flows), tuple(sorted(findings, key=lambda each: each.position or _START)))


def _candidates(documents: Sequence[TextDocument]) -> Iterator[tuple[TextDocument, Path, Json]]:
    """Everything that should be a flow; null at the top declares none."""
    for document in documents:
        if isinstance(document.value, list):
            for index, item in enumerate(document.value):
                yield document, (index,), item
        elif document.value is not None:
            yield document, (), document.value


def _tell_no_object(document: TextDocument, path: Path, value: Json, collector: Collector) -> None:
    hint = None
    if isinstance(value, str) and value.lstrip().startswith("{"):
        hint = "it is JSON inside a string: write the document itself, not encoded a second time"
    position = FlowLocator(document.places, {}).position(path)
    collector.tell(NO_OBJECT, path, position, f"a flow is an object; here is {_kind(value)}", hint)


def _tell_same_names(flows: Sequence[FlowSource], collector: Collector) -> None:
    seen: set[str] = set()
    for flow in flows:
        name = flow.value.get("flowName")
        if not isinstance(name, str):
            continue
        if name in seen:
            path = (*flow.path, "flowName")
            message = f"the flow {excerpt(name)} is declared above in the same file already"
            collector.tell(SAME_FLOW_TWICE, path, flow.locator.position(path), message, "keep one of them")
        seen.add(name)


def _kind(value: Json) -> str:
    match value:
        case str():
            return "a string"
        case list():
            return "a list"
        case None:
            return "null"
        case bool():
            return "a boolean"
        case _:
            return "a number"
