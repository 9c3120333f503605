"""Converts the bytes of one file into documents. ``command`` calls it for each file."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from appflow_gitops.documents import foreign_kinds as kinds
from appflow_gitops.documents.collector import Collector
from appflow_gitops.documents.decoding import decode
from appflow_gitops.documents.dialects import to_update_form
from appflow_gitops.documents.foreign import (
    ForeignObject,
    may_be_flow,
    recognise,
    recognise_text,
    unknown_object,
)
from appflow_gitops.documents.foreign_kinds import ForeignKind
from appflow_gitops.documents.parsing import parse
from appflow_gitops.documents.positions import NO_SOURCE, FlowLocator, TextDocument
from appflow_gitops.documents.reading_rules import TOO_LARGE
from appflow_gitops.findings import Finding, Issue, Json, Path, Position, Severity, located
from appflow_gitops_cli.convert import appflow, cloudformation, pulumi, terraform
from appflow_gitops_cli.convert.declared import (
    NOT_CONVERTIBLE,
    DeclaredFlow,
    FileContext,
    Tool,
    TooLargeError,
)
from appflow_gitops_cli.convert.placeholders import Placeholders
from appflow_gitops_cli.convert.spelling import translate
from appflow_gitops_cli.documents.document_text import to_yaml, written_flow

_Reader = Callable[[Mapping[str, Json], ForeignObject, Path, FileContext], Iterator[DeclaredFlow]]

READERS: Mapping[ForeignKind, _Reader] = {
    kinds.CLOUDFORMATION: cloudformation.find_flows,
    kinds.SAM: cloudformation.find_flows,
    kinds.CLOUDFORMATION_RESOURCE: cloudformation.find_flows,
    kinds.CLOUDFORMATION_PROPERTIES: cloudformation.find_flows,
    kinds.SERVERLESS: cloudformation.find_flows,
    kinds.CLOUD_CONTROL: appflow.find_flows,
    kinds.TERRAFORM_STATE: terraform.find_flows,
    kinds.TERRAFORM_PLAN: terraform.find_flows,
    kinds.TERRAFORM_CONFIGURATION: terraform.find_flows,
    kinds.TERRAFORM_RESOURCE: terraform.find_flows,
    kinds.PULUMI_STACK: pulumi.find_flows,
    kinds.PULUMI_PROGRAM: pulumi.find_flows,
    kinds.PULUMI_RESOURCE: pulumi.find_flows,
}

INSTEAD: Mapping[ForeignKind, str] = {
    kinds.TERRAFORM_CONFIGURATION: "run 'terraform show -json > state.json' and convert state.json",
    kinds.PULUMI_PROGRAM: "run 'pulumi stack export --file stack.json' and convert stack.json",
    kinds.CDK_ASSEMBLY: "convert the templates beside it: cdk.out/*.template.json",
}
"""What to convert instead of a file in which no flow can be found."""

MAX_BYTES = 64 << 20
_MAX_VALUES = 4_000_000
"""Limits of a file to convert. States and exports contain all resources of a stack, so they exceed a document's."""

_STATUSES = ("Active", "Suspended")


@dataclass(frozen=True, slots=True)
class ConvertedFlow:
    """A flow as a document. ``name`` is its flowName, which may contain placeholders."""

    name: str
    tool: Tool
    address: str
    text: str

    @property
    def file_name(self) -> str:
        """The name of the document without suffix; a variable in the name of the flow is replaced by its name."""
        return re.sub(r"\$\{env\.(\w+)\}", r"\1", self.name)


@dataclass(slots=True)
class ConvertedFile:
    """The flows of one file, and what could not be converted."""

    flows: list[ConvertedFlow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def convert_file(name: str, content: bytes, placeholders: Placeholders) -> ConvertedFile:
    """Return the flows of a file as documents. Never raises: problems of the file are findings."""
    text = decode(content, MAX_BYTES)
    if isinstance(text, Finding):
        return ConvertedFile(findings=[text])
    collector = Collector()
    documents = parse(text, name, collector, functions=True, max_json_values=_MAX_VALUES)
    converted = ConvertedFile()
    for document in documents:
        _convert_document(name, document, collector, placeholders, converted)
    if not converted.flows and not converted.findings:
        converted.findings = _unreadable(text, collector)
    return converted


def _unreadable(text: str, collector: Collector) -> list[Finding]:
    """Return the findings about a file in which nothing can be converted."""
    foreign = recognise_text(text)
    if foreign and foreign.kind in INSTEAD:
        return [_not_convertible(foreign, ()).to_finding(Position(1, 1))]
    return collector.findings or [unknown_object().to_issue(()).to_finding(Position(1, 1))]


def _convert_document(
    name: str,
    document: TextDocument,
    collector: Collector,
    placeholders: Placeholders,
    converted: ConvertedFile,
) -> None:
    context = FileContext(name, placeholders)
    locator = FlowLocator(document.source_map, {})
    try:
        for path, value in _objects(document.value):
            for flow in _declared(value, path, context):
                inside = (each for each in collector.findings if _is_inside(each, flow.path))
                if errors := [each for each in inside if each.severity is Severity.ERROR]:
                    converted.findings += errors
                elif found := _convert(flow, context):
                    converted.flows.append(found)
    except TooLargeError:
        issue = Issue(TOO_LARGE, (), "the converted flows are larger than 1 MiB", "split the file")
        context.findings.append(issue.to_finding())
    converted.findings += located(context.findings, locator)


def _objects(value: Json) -> Iterator[tuple[Path, dict[str, Json]]]:
    """Yield the objects of a document: the one at the top, or those in the list there."""
    if isinstance(value, dict):
        yield (), value
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield (index,), item


def _declared(value: dict[str, Json], path: Path, context: FileContext) -> Iterator[DeclaredFlow]:
    """Yield the flows that an object declares; report an object that declares none."""
    foreign = recognise(value)
    if foreign is None and may_be_flow(value):
        yield appflow.described_flow(value, path, context)
        return
    read = READERS.get(foreign.kind) if foreign else None
    findings, flows = len(context.findings), 0
    for flow in read(value, foreign, path, context) if foreign and read else ():
        flows += 1
        yield flow
    if not flows and len(context.findings) == findings:
        context.findings.append(_not_convertible(foreign or unknown_object(), path).to_finding())


def _not_convertible(foreign: ForeignObject, path: Path) -> Issue:
    if foreign.kind.is_convertible:
        hint = INSTEAD.get(foreign.kind, "expected a file that declares a flow with its settings")
        return Issue(NOT_CONVERTIBLE, path, f"{foreign.kind.name} without a flow that can be read", hint)
    return Issue(
        NOT_CONVERTIBLE,
        path,
        f"expected a file that declares flows, got {foreign.kind.name}",
        foreign.kind.hint,
    )


def _is_inside(finding: Finding, path: Path) -> bool:
    """Return whether a finding from reading the file is about a value of the flow."""
    return finding.path[: len(path)] == path


def _convert(flow: DeclaredFlow, context: FileContext) -> ConvertedFlow | None:
    """Return the flow as a document; None if any part of it was reported."""
    translated = translate(flow, context)
    reported = any(_is_inside(each, flow.path) for each in context.findings)
    if translated is None or reported:
        return None
    name = translated.get("flowName")
    if not isinstance(name, str):
        hint = "add the name of the live flow, or convert the state of the tool instead"
        context.refuse(flow.path, "missing name of the flow", hint)
        return None
    members = dict(to_update_form(translated, (), NO_SOURCE).value)
    has_status = flow.sets_status and _trigger(members) != "OnDemand"
    if not has_status or (members.get("flowStatus") not in _STATUSES and flow.is_state):
        members.pop("flowStatus", None)
    key = members.pop("kmsArn", None) if flow.is_state else None
    return ConvertedFlow(
        name,
        flow.tool,
        flow.address,
        to_yaml(written_flow(members, is_described=flow.is_described), _comments(flow, context, key)),
    )


def _trigger(members: Mapping[str, Json]) -> Json:
    trigger = members.get("triggerConfig")
    return trigger.get("triggerType") if isinstance(trigger, dict) else None


def _comments(flow: DeclaredFlow, context: FileContext, key: Json) -> Iterator[str]:
    """Yield the origin of the document, and the settings that were left out."""
    yield f"Converted with 'appflow-gitops convert' from {flow.tool.value}, {context.file}:"
    yield flow.address
    if key:
        yield f"Encrypted with {key}."
        yield "The file does not say whether you chose this key, so kmsArn is omitted. Add it if you did."
