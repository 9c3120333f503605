"""Text to the JSON or YAML documents in it. ``read`` makes flows of them.

The policy and the variables hold one object each: ``read_object``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from appflow_gitops.documents.collector import Collector
from appflow_gitops.documents.decoding import decode
from appflow_gitops.documents.json_text import read_json
from appflow_gitops.documents.positions import NOWHERE, FlowLocator, TextDocument
from appflow_gitops.documents.suffixes import JSON_SUFFIX, YAML_SUFFIXES
from appflow_gitops.findings import Finding, Json, Position, RuleInfo


@dataclass(frozen=True, slots=True)
class ReadObject:
    """The one object of a file. None when there is no such object, which ``findings`` (errors, all of them) tell."""

    value: dict[str, Json] | None
    locator: FlowLocator
    findings: tuple[Finding, ...]


def first_of(findings: Sequence[Finding], name: str) -> str:
    """The first of the findings in a file and where it stands, in one line, for those who are kept waiting by it."""
    file, first = name.rpartition("/")[2], findings[0]
    return (
        f"{file}, line {first.position.line}: {first.message}"
        if first.position
        else f"{file}: {first.message}"
    )


def parse(text: str, name: str, collector: Collector) -> list[TextDocument]:
    """The documents of a text. ``name`` ends in .json, .yaml or .yml; any other name has the text itself decide."""
    if not text.strip():
        return []
    name = name.lower()
    looks_like_json = text.lstrip().startswith(("{", "["))
    if name.endswith(JSON_SUFFIX) or (looks_like_json and not name.endswith(YAML_SUFFIXES)):
        document = read_json(text, collector)
        return [document] if document else []
    from appflow_gitops.documents.yaml_text import read_yaml  # noqa: PLC0415 - JSON needs no parser of YAML

    return read_yaml(text, collector)


def read_object(source: bytes, name: str, rule: RuleInfo) -> ReadObject:
    """The object that a file is. ``rule`` is broken by a file that holds no object, or more than one document."""
    text = decode(source)
    if isinstance(text, Finding):
        return ReadObject(None, FlowLocator(NOWHERE, {}), (text,))
    collector = Collector()
    documents = parse(text, name, collector)
    value = documents[0].value if len(documents) == 1 else None
    if not isinstance(value, dict) and not collector.findings:
        message = "the file must hold one object: names with their values"
        collector.tell(
            rule, (), Position(1, 1), message, "docs/policy.md and docs/variables.md show examples"
        )
    places = documents[0].places if documents else NOWHERE
    whole = value if isinstance(value, dict) and not collector.findings else None
    return ReadObject(whole, FlowLocator(places, {}), tuple(collector.findings))
