"""Translates a flow from another tool's spelling to AppFlow's, along the model of the request.

The spellings differ by rule: ``BucketName``, ``bucket_name`` and ``bucketName`` are one key; Terraform writes an object
as a list of one, Pulumi names lists in the plural, and CloudFormation writes a map as a list of Key and Value. What
does not follow a rule is in two tables, each row with its source.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from appflow_gitops.documents.dialects import READ_ONLY_MEMBERS
from appflow_gitops.findings import Json, Path
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.model.outline import container_of, is_a, is_time, members_of, structure_of, type_at
from appflow_gitops.flows.model.structure import Structure
from appflow_gitops.flows.model.trigger import TriggerProperties
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.validation.shape.messages import pairs_of, type_name
from appflow_gitops_cli.convert.declared import DeclaredFlow, FileContext
from appflow_gitops_cli.convert.placeholders import has_reference

_TF = "terraform-provider-aws, docs/r/appflow_flow"
_PULUMI = "pulumi-aws, aws.appflow.Flow: the schema of Terraform with lists in the plural"
_CFN = "resource schema of AWS::AppFlow::Flow"

ALIASES: Mapping[tuple[str, str], tuple[str, str]] = MappingProxyType(
    {
        ("FlowDocument", "name"): ("flowName", _TF),
        ("FlowDocument", "destinationflowconfig"): ("destinationFlowConfigList", _TF),
        ("FlowDocument", "destinationflowconfigs"): ("destinationFlowConfigList", _PULUMI),
        ("FlowDocument", "task"): ("tasks", _TF),
        ("Task", "connectoroperators"): ("connectorOperator", _PULUMI),
        ("ErrorHandlingConfig", "failonfirsterror"): ("failOnFirstDestinationError", _CFN),
        ("PrefixConfig", "prefixhierarchy"): ("pathPrefixHierarchy", _TF),
        ("PrefixConfig", "prefixhierarchies"): ("pathPrefixHierarchy", _PULUMI),
        ("SAPODataParallelismConfig", "maxpagesize"): (
            "maxParallelism",
            "the provider's schema, unlike its docs",
        ),
        ("SAPODataDestinationProperties", "writeoperation"): ("writeOperationType", _TF),
    }
)
"""Structure and folded key -> the key in AppFlow, and the source."""

IGNORED: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("FlowDocument", "arn"): _TF,
        ("FlowDocument", "id"): _TF,
        ("FlowDocument", "flowarn"): _CFN,
        ("FlowDocument", "region"): "terraform-provider-aws 6, region of each resource",
        ("FlowDocument", "timeouts"): "Terraform, block of every resource",
        ("FlowDocument", "tagsall"): _TF,
        ("FlowDocument", "clienttoken"): "each call gets its own token",
        ("LookoutMetricsDestinationProperties", "object"): _CFN,
    }
    | {("FlowDocument", member.lower()): "DescribeFlow, read-only" for member in READ_ONLY_MEMBERS}
    | {
        ("FlowDocument", argument): "Terraform, meta-argument of every resource"
        for argument in ("dependson", "lifecycle", "provider", "provisioner", "connection", "//")
    }
)
"""Structure and folded key -> the source. These keys have no counterpart in AppFlow and no effect on the flow."""

_PULUMI_DEFAULTS = "defaults"
"""``__defaults`` is in every object of Pulumi's inputs: the keys that the provider filled in."""

_SHOWN_KEYS = 24
_BOOLEANS = {"true": True, "false": False}


def translate(flow: DeclaredFlow, context: FileContext) -> dict[str, Json] | None:
    """Return the flow in AppFlow's spelling, with variables for references; None if it is not an object.

    What cannot be translated is reported to ``context`` and left out.
    """
    translated = _Translation(context, is_document=flow.is_document).value(flow.value, flow.path, ())
    return translated if isinstance(translated, dict) else None


def fold(key: str) -> str:
    """Return the key without the marks in which spellings differ."""
    return key.replace("_", "").replace("-", "").lower()


class _Translation:
    """``path`` is where a value is in its document, ``target`` where it belongs in the flow."""

    def __init__(self, context: FileContext, *, is_document: bool) -> None:
        self._context = context
        self._is_document = is_document

    def value(self, value: Json, path: Path, target: Path) -> Json:
        """Return the value in AppFlow's spelling; None leaves it out."""
        annotation: Any = type_at(FlowDocument, target)
        container = container_of(annotation)
        if structure := structure_of(annotation):
            return self._structure(structure, value, path, target)
        if container is list:
            return self._list(value, path, target)
        if container is dict:
            return self._map(value, path)
        return self._scalar(annotation, value, path)

    def _structure(self, structure: type[Structure], value: Json, path: Path, target: Path) -> Json:
        if isinstance(value, list):
            if len(value) > 1:
                return self._context.refuse(path, f"expected one object, got a list of {len(value)}")
            value, path = (value[0] or {}, (*path, 0)) if value else (None, path)
        if value is None:
            return None
        if not isinstance(value, dict):
            return self._context.refuse(path, f"expected an object, got {_shown(value)}")
        if structure is TriggerProperties and not any(fold(key) == "scheduled" for key in value):
            # CloudFormation has the members of Scheduled here: resource schema of AWS::AppFlow::Flow.
            scheduled = self.value(value, path, (*target, "Scheduled"))
            return {"Scheduled": scheduled} if scheduled else None
        return self._members(structure, value, path, target)

    def _members(
        self, structure: type[Structure], value: dict[str, Json], path: Path, target: Path
    ) -> dict[str, Json]:
        names = {fold(name): name for name in members_of(structure)}
        translated: dict[str, Json] = {}
        for key, inner in value.items():
            name = names.get(fold(key)) or ALIASES.get((structure.__name__, fold(key)), ("", ""))[0]
            if name:
                member = self.value(inner, (*path, key), (*target, name))
                if member is not None:
                    translated[name] = member
            elif not _is_ignored(structure, key, inner):
                hint = f"expected one of: {listed(names.values(), _SHOWN_KEYS)}"
                self._context.refuse((*path, key), f"unknown key {quoted(key)}", hint, of_name=True)
        return translated

    def _list(self, value: Json, path: Path, target: Path) -> Json:
        if isinstance(value, dict):  # Terraform's JSON syntax: one block without a list around it
            return [self.value(value, path, (*target, 0))]
        if not isinstance(value, list):
            return self._context.refuse(
                path, f"expected a list, got {_shown(value)}", "write the list out in the document"
            )
        items = [self.value(item, (*path, index), (*target, 0)) for index, item in enumerate(value)]
        return [item for item in items if item is not None]

    def _map(self, value: Json, path: Path) -> Json:
        if isinstance(value, list):
            pairs = _pairs(value)
            if len(pairs) < len(value):
                return self._context.refuse(path, "expected a list of objects with Key and Value")
            value = dict(pairs)
        if not isinstance(value, dict):
            return self._context.refuse(
                path, f"expected an object, got {_shown(value)}", "write the object out in the document"
            )
        return {
            key: self._written(_to_text(inner), (*path, key), is_text=True)
            for key, inner in value.items()
            if fold(key) != _PULUMI_DEFAULTS or inner != []
        }

    def _scalar(self, annotation: object, value: Json, path: Path) -> Json:
        if isinstance(value, dict | list):
            return self._context.refuse(path, f"expected a single value, got {type_name(value)}")
        if is_a(annotation, bool):
            read = _to_boolean(value)
        elif is_a(annotation, int):
            read = (
                _to_integer(value) or None
            )  # 0 is the default or invalid; Terraform writes it for absent numbers
        elif is_time(annotation):
            read = _to_number(value)
        else:
            return self._written(_to_text(value), path, is_text=True)
        return self._written(read, path, is_text=False)

    def _written(self, value: Json, path: Path, *, is_text: bool) -> Json:
        """Return a value with its references as variables."""
        if not isinstance(value, str) or self._is_document:
            return value
        try:
            return self._context.placeholders.written(value, is_text=is_text)
        except ValueError:
            hint = "move the '$' into the value of the variable"
            return self._context.refuse(path, "a '$' before a reference cannot be written", hint)


def _is_ignored(structure: type[Structure], key: str, value: Json) -> bool:
    """Return whether a key without counterpart can be left out: it is known, or Terraform and Pulumi filled it in."""
    known = (structure.__name__, fold(key)) in IGNORED or fold(key) == _PULUMI_DEFAULTS
    return known or value in (None, "", [], {}, False)


def _pairs(value: list[Json]) -> list[tuple[str, Json]]:
    """Return the keys and values, also of items with more keys than Key and Value."""
    named = [
        {name: item[name] for name in item if fold(name) in ("key", "value")}
        if isinstance(item, dict)
        else item
        for item in value
    ]
    return pairs_of(list(named))


def _shown(value: Json) -> str:
    return "a reference" if isinstance(value, str) and has_reference(value) else type_name(value)


def _to_text(value: Json) -> Json:
    """Return a number or boolean as text: CloudFormation and YAML programs leave it unquoted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _to_boolean(value: Json) -> Json:
    return _BOOLEANS.get(value.lower(), value) if isinstance(value, str) else value


def _to_integer(value: Json) -> Json:
    number = _to_number(value)
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _to_number(value: Json) -> Json:
    """Return text that is a number as a number: CloudFormation accepts both."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}", value):
        return int(value)
    return value
