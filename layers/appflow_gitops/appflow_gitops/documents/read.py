"""Read bytes, or a value from an event, into flows: the entry point of the package. ``validation.pipeline`` calls it.

A document is all or nothing: when any finding is an error, none of its flows may be applied. Flows are returned even
then, as far as they could be read, so that validation can report everything at once.
"""

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from appflow_gitops.documents.collector import Collector
from appflow_gitops.documents.decoding import decode
from appflow_gitops.documents.dialects import to_update_form
from appflow_gitops.documents.json_text import read_json
from appflow_gitops.documents.limits import MAX_DEPTH, MAX_FLOWS
from appflow_gitops.documents.parsing import parse
from appflow_gitops.documents.positions import NO_SOURCE, FlowLocator, TextDocument
from appflow_gitops.documents.reading_rules import (
    DUPLICATE_FLOW,
    FILE_SUFFIX,
    NO_FLOW,
    NOT_AN_OBJECT,
    TOO_DEEP,
    TOO_MANY_FLOWS,
)
from appflow_gitops.documents.suffixes import DOCUMENT_SUFFIXES
from appflow_gitops.documents.variables import NO_VARIABLES, Resolver, Variables, may_have_variables
from appflow_gitops.findings import Finding, Issue, Json, Path, Position, has_errors
from appflow_gitops.quoting import quoted

_START = Position(1, 1)
_FLOW_KEYS = frozenset({"flowName", "triggerConfig", "sourceFlowConfig", "destinationFlowConfigList"})
_FOREIGN_KEYS = frozenset({"sourceConnectorType", "destinationFlowConfigs", "sops"})
"""Keys of ListFlows output, of Pulumi and of SOPS, beside keys of a flow."""


@dataclass(frozen=True, slots=True)
class FlowSource:
    """One declared flow in UpdateFlow's form, and where it is in the file.

    ``path`` leads to it inside its JSON or YAML document: ``()``, or ``(index,)`` in a list. ``locator`` takes paths
    from the top of that document: ``path`` plus the path inside the flow.
    """

    value: dict[str, Json]
    path: Path
    locator: FlowLocator


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """The flows that one file declares, and the findings from reading it (``AFG0xx``), in the order of the file.

    ``repeated`` are errors that are not shown, because another finding has the same cause.
    """

    flows: tuple[FlowSource, ...]
    findings: tuple[Finding, ...]
    repeated: tuple[Finding, ...] = ()


def read_document(source: bytes | str, name: str, variables: Variables | None = NO_VARIABLES) -> ReadDocument:
    """Return the flows of one file. ``name`` ends in .json, .yaml or .yml; otherwise the text decides the format.

    ``variables`` are resolved; with None the text is left alone.

    Never raises. After an error a flow may contain a placeholder at the path of the finding, so ignore further findings
    at that path or below.
    """
    source = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    text = decode(source)
    if isinstance(text, Finding):
        return ReadDocument((), (_foreign_text(source.decode("utf-8", "replace")) or text,))
    collector = Collector()
    if name.lower().endswith(DOCUMENT_SUFFIXES) and not name.endswith(DOCUMENT_SUFFIXES):
        suffix = name.rpartition(".")[2]
        issue = Issue(
            FILE_SUFFIX,
            (),
            f"the stack ignores files with the suffix {quoted('.' + suffix)}",
            f"rename it to .{suffix.lower()}",
        )
        collector.add(issue, _START)
    documents = parse(text, name, collector)
    is_unstructured = not any(isinstance(document.value, dict | list) for document in documents)
    if is_unstructured and (foreign := _foreign_text(text)):
        return ReadDocument((), (foreign,))
    return _declared(documents, collector, variables if may_have_variables(text) else None)


def reject_unknown(read: ReadDocument) -> ReadDocument:
    """Return the document without objects that have no key of a flow. Each of them has one finding and no other."""
    unlike_flows = [flow for flow in read.flows if not _is_like_flow(flow.value)]
    if not unlike_flows:
        return read
    from appflow_gitops.documents.foreign import may_be_flow, unknown_object  # noqa: PLC0415 - most files are flow documents

    unknown = [flow for flow in unlike_flows if not may_be_flow(flow.value)]
    flows = tuple(flow for flow in read.flows if flow not in unknown)
    rejected = [
        unknown_object().to_issue(flow.path).to_finding(flow.locator.position(flow.path)) for flow in unknown
    ]
    findings = (*read.findings, *rejected) if flows else rejected[:1]
    return replace(
        read, flows=flows, findings=tuple(sorted(findings, key=lambda each: each.position or _START))
    )


def _foreign_text(text: str) -> Finding | None:
    """Return the finding about a file that cannot be parsed, but is known to belong to another tool."""
    from appflow_gitops.documents.foreign import recognise_text  # noqa: PLC0415 - most files are flow documents

    foreign = recognise_text(text)
    return foreign.to_issue(()).to_finding(_START) if foreign else None


def read_value(value: Json, variables: Variables | None = NO_VARIABLES) -> ReadDocument:
    """Return the flows of a document that an event carries as a value, as from ``json.loads``.

    ``variables`` as for ``read_document``. Every position is line 1, column 1.
    """
    collector = Collector()
    try:
        document = read_json(json.dumps(value), collector)
    except RecursionError:
        collector.add(Issue(TOO_DEEP, (), f"nested more than {MAX_DEPTH} levels deep"), _START)
        document = None
    read = _declared([TextDocument(document.value, NO_SOURCE)] if document else [], collector, variables)
    return replace(read, findings=tuple(replace(each, position=_START) for each in read.findings))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A value that should be a flow, and where it is: at the top of a document, or in the list there."""

    document: TextDocument
    path: Path
    value: Json

    @property
    def position(self) -> Position:
        """The position of the value."""
        return FlowLocator(self.document.source_map, {}).position(self.path)


def _declared(
    documents: Sequence[TextDocument], collector: Collector, variables: Variables | None
) -> ReadDocument:
    """Return the flows that the documents declare, with all findings."""
    candidates = _without_foreign([*_candidates(documents)], collector)
    flows: list[FlowSource] = []
    findings: list[Finding] = []
    resolver = Resolver(variables, collector) if variables else None
    for candidate in candidates if not collector.is_full else ():
        document, path, value = candidate.document, candidate.path, candidate.value
        if not isinstance(value, dict):
            collector.add(_not_an_object(path, value), candidate.position)
        elif len(flows) == MAX_FLOWS:
            message = f"file declares more than {MAX_FLOWS} flows"
            issue = Issue(TOO_MANY_FLOWS, path, message, "split it into several files")
            collector.add(issue, candidate.position)
            break
        else:
            resolved = resolver.resolve(value, path, document.source_map) if resolver else value
            converted = to_update_form(resolved, path, document.source_map)
            flows.append(
                FlowSource(converted.value, path, FlowLocator(document.source_map, converted.renames))
            )
            findings.extend(converted.findings)
    if not flows and not has_errors(collector.findings):
        hint = "to stop managing a flow, delete its file"
        collector.add(Issue(NO_FLOW, (), "file declares no flow", hint), _START)
    _check_duplicate_flows(flows, collector)
    findings.extend(collector.findings)
    in_order = sorted(findings, key=lambda each: each.position or _START)
    return ReadDocument(tuple(flows), tuple(in_order), tuple(collector.repeated))


def _candidates(documents: Sequence[TextDocument]) -> Iterator[_Candidate]:
    """Yield every value that should be a flow; null at the top declares none."""
    for document in documents:
        if isinstance(document.value, list):
            for index, item in enumerate(document.value):
                yield _Candidate(document, (index,), item)
        elif document.value is not None:
            yield _Candidate(document, (), document.value)


def _without_foreign(candidates: Sequence[_Candidate], collector: Collector) -> Sequence[_Candidate]:
    """Return the candidates without objects of other tools, which get one finding each and no other.

    Without any flow in the file, only the first is reported: a manifest may have many documents.
    """
    unlike_flows = {
        index: candidate.value
        for index, candidate in enumerate(candidates)
        if isinstance(candidate.value, dict) and not _is_like_flow(candidate.value)
    }
    if not unlike_flows:
        return candidates
    from appflow_gitops.documents.foreign import recognise  # noqa: PLC0415 - most files are flow documents

    foreign = {index: found for index, value in unlike_flows.items() if (found := recognise(value))}
    if foreign and collector.findings:
        starts = [candidate.position for candidate in candidates]
        collector.findings = [
            finding
            for finding in collector.findings
            if bisect_right(starts, finding.position or _START) - 1 not in foreign
        ]
    others = [candidate for index, candidate in enumerate(candidates) if index not in foreign]
    for index, found in list(foreign.items())[: None if others else 1]:
        candidate = candidates[index]
        collector.add(found.to_issue(candidate.path), candidate.position)
    return others


def _is_like_flow(value: dict[str, Json]) -> bool:
    """Return whether the object has keys of a flow, and none of the keys in the files of other tools."""
    return not _FLOW_KEYS.isdisjoint(value) and _FOREIGN_KEYS.isdisjoint(value)


def _not_an_object(path: Path, value: Json) -> Issue:
    hint = None
    if isinstance(value, str) and value.lstrip().startswith("{"):
        hint = "the flow is JSON inside a string: encode it only once"
    return Issue(NOT_AN_OBJECT, path, f"expected an object, got {_kind(value)}", hint)


def _check_duplicate_flows(flows: Sequence[FlowSource], collector: Collector) -> None:
    seen: set[str] = set()
    for flow in flows:
        name = flow.value.get("flowName")
        if not isinstance(name, str):
            continue
        if name in seen:
            path = (*flow.path, "flowName")
            issue = Issue(
                DUPLICATE_FLOW, path, f"duplicate flow {quoted(name)} in this file", "remove one of them"
            )
            collector.add(issue, flow.locator.position(path))
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
