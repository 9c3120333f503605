"""Parse text into JSON or YAML documents. ``read`` turns them into flows.

The policy and variables files hold one object each: ``read_object``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from appflow_gitops.documents.collector import Collector
from appflow_gitops.documents.decoding import decode
from appflow_gitops.documents.json_text import read_json
from appflow_gitops.documents.limits import MAX_VALUES
from appflow_gitops.documents.positions import NO_SOURCE, FlowLocator, TextDocument
from appflow_gitops.documents.suffixes import JSON_SUFFIX, YAML_SUFFIXES
from appflow_gitops.findings import Finding, Issue, Json, Position, RuleInfo, Severity, has_errors


@dataclass(frozen=True, slots=True)
class ReadObject:
    """The one object of a file. ``value`` is None when any of the ``findings`` is an error."""

    value: dict[str, Json] | None
    locator: FlowLocator
    findings: tuple[Finding, ...]


def format_first(findings: Sequence[Finding], name: str) -> str:
    """Return the first error in a file, else its first finding, on one line: for what depends on the file."""
    file = name.rpartition("/")[2]
    first = next((finding for finding in findings if finding.severity is Severity.ERROR), findings[0])
    where = f"{file}, line {first.position.line}" if first.position else file
    return f"{where}: {first.message}"


def parse(
    text: str, name: str, collector: Collector, *, functions: bool = False, max_json_values: int = MAX_VALUES
) -> list[TextDocument]:
    """Return the documents of a text. ``name`` ends in .json, .yaml or .yml; otherwise the text decides the format.

    ``functions`` as for ``read_yaml``.
    """
    if not text.strip():
        return []
    name = name.lower()
    looks_like_json = text.lstrip().startswith(("{", "["))
    if name.endswith(JSON_SUFFIX) or (looks_like_json and not name.endswith(YAML_SUFFIXES)):
        document = read_json(text, collector, max_json_values)
        return [document] if document else []
    from appflow_gitops.documents.yaml_text import read_yaml  # noqa: PLC0415 - JSON does not need the YAML parser

    return read_yaml(text, collector, functions=functions)


def read_object(source: bytes, name: str, rule: RuleInfo) -> ReadObject:
    """Return the object that a file contains. ``rule`` is reported when there is none, or more than one document."""
    text = decode(source)
    if isinstance(text, Finding):
        return ReadObject(None, FlowLocator(NO_SOURCE, {}), (text,))
    collector = Collector()
    documents = parse(text, name, collector)
    value = documents[0].value if len(documents) == 1 else None
    if not isinstance(value, dict) and not has_errors(collector.findings):
        message, hint = "expected one object", "see docs/policy.md and docs/variables.md for examples"
        collector.add(Issue(rule, (), message, hint), Position(1, 1))
    source_map = documents[0].source_map if documents else NO_SOURCE
    whole = value if isinstance(value, dict) and not has_errors(collector.findings) else None
    return ReadObject(whole, FlowLocator(source_map, {}), tuple(collector.findings))
