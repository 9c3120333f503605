"""Recognise files that are not flow documents: templates, states and manifests of other tools, output of the AWS CLI.

``read`` calls ``recognise`` for an object without the keys of a flow, and reports one finding for it instead of one for
each key. ``ForeignObject.flows`` says where in the object the flows are, in the spelling of the tool.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any

from appflow_gitops.documents import foreign_kinds as kinds
from appflow_gitops.documents.foreign_kinds import ForeignKind
from appflow_gitops.documents.reading_rules import NOT_A_FLOW
from appflow_gitops.findings import Issue, Json, Path, to_pointer
from appflow_gitops.quoting import listed

FLOW_KEYS = frozenset({"flowName", "triggerConfig", "sourceFlowConfig", "destinationFlowConfigList", "tasks"})
"""The required keys of a flow."""

_CLOUDFORMATION_TYPE = "AWS::AppFlow::Flow"
TERRAFORM_TYPES = ("aws_appflow_flow", "awscc_appflow_flow")
PULUMI_TYPES = ("aws:appflow/flow:Flow", "aws:appflow:Flow", "aws-native:appflow:Flow")
_MAX_SEARCH_DEPTH = 20
_MAX_SHOWN_FLOWS = 3


@dataclass(frozen=True, slots=True)
class ForeignObject:
    """An object that is not a flow: its kind, and the paths of the flows in it, in the spelling of its tool."""

    kind: ForeignKind
    flows: tuple[Path, ...] = ()

    def to_issue(self, path: Path) -> Issue:
        """Return the finding about the object, which is at ``path`` of its document."""
        shown = [to_pointer((*path, *flow)) for flow in self.flows if flow]
        where = f"; the flow is at {listed(shown, _MAX_SHOWN_FLOWS)}" if shown else ""
        return Issue(
            NOT_A_FLOW, path, f"expected a flow document, got {self.kind.name}", f"{self.kind.hint}{where}"
        )


def recognise(value: Mapping[str, Json]) -> ForeignObject | None:
    """Return what the object is, or None if it is, or may be, a flow document with mistakes."""
    for is_of_kind, kind, find_flows in _KINDS:
        if is_of_kind(value):
            return ForeignObject(kind, tuple(find_flows(value)))
    if is_written_as_flow(value):
        return None
    inner = tuple(_search(value, is_written_as_flow))
    return ForeignObject(kinds.WRAPPED, inner) if inner else None


def recognise_text(text: str) -> ForeignObject | None:
    """Return what a text is that could not be parsed, from its first lines; None if unknown."""
    head = text[:_HEAD]
    if _FLOW_TEXT.search(head):
        return None
    return next((ForeignObject(kind) for pattern, kind in _TEXTS if pattern.search(head)), None)


def is_written_as_flow(value: object) -> bool:
    """Return whether the object has two required keys of a flow, in any tool's spelling."""
    return isinstance(value, dict) and len(_FOLDED & {_folded(str(key)) for key in value}) >= _ENOUGH


def unknown_object() -> ForeignObject:
    """Return the object that is neither a flow nor of a known kind."""
    return ForeignObject(kinds.UNKNOWN)


def may_be_flow(value: Mapping[str, Json]) -> bool:
    """Return whether the object is empty or has a key of a flow, perhaps misspelled."""
    names = [_folded(name) for name in islice(value, _MAX_NAMES) if len(name) <= _MAX_NAME_LENGTH]
    return not value or any(get_close_matches(name, _FOLDED, 1, _MIN_SIMILARITY) for name in names)


_HEAD = 20_000
_ENOUGH = 2
_MAX_NAMES = 200
_MAX_NAME_LENGTH = 64
_MIN_SIMILARITY = 0.8
_FOLDED = frozenset(
    {
        "flowname",
        "triggerconfig",
        "sourceflowconfig",
        "destinationflowconfiglist",
        "destinationflowconfigs",
        "destinationflowconfig",
        "tasks",
        "task",
    }
)
_PASCAL_KEYS = frozenset(key[0].upper() + key[1:] for key in FLOW_KEYS)
_SNAKE_KEYS = frozenset(
    {
        "flow_name",
        "trigger_config",
        "source_flow_config",
        "destination_flow_config",
        "destination_flow_configs",
        "destination_flow_config_list",
    }
)
_TERRAFORM_BLOCKS = frozenset(
    {
        "check",
        "data",
        "import",
        "locals",
        "module",
        "moved",
        "output",
        "provider",
        "removed",
        "resource",
        "terraform",
        "variable",
    }
)
_POLICY_KEYS = frozenset({"documents", "requests", "health", "paused", "windows"})
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _is_dict_of(value: Json, is_item: Callable[[Any], bool]) -> bool:
    return isinstance(value, dict) and any(map(is_item, value.values()))


def _is_template(value: Mapping[str, Json]) -> bool:
    return "AWSTemplateFormatVersion" in value or _is_dict_of(value.get("Resources"), _is_resource)


def _is_resource(value: Any) -> bool:
    kind = value.get("Type") if isinstance(value, dict) else None
    return isinstance(kind, str) and kind.startswith(("AWS::", "Custom::", "Alexa::"))


def _is_sam(value: Mapping[str, Json]) -> bool:
    return "AWS::Serverless" in str(value.get("Transform")) or (
        _is_template(value) and "AWS::Serverless::" in str(value.get("Resources"))
    )


def _is_serverless(value: Mapping[str, Json]) -> bool:
    resources = value.get("resources")
    return "service" in value and isinstance(resources, dict | list) and "Resources" in str(resources)


def _has_type(value: Mapping[str, Json], types: tuple[str, ...], key: str = "type") -> bool:
    return value.get(key) in types


def _is_state(value: Mapping[str, Json]) -> bool:
    return "terraform_version" in value or ("lineage" in value and "serial" in value)


def _is_plan(value: Mapping[str, Json]) -> bool:
    return "planned_values" in value or "resource_changes" in value


def _is_configuration(value: Mapping[str, Json]) -> bool:
    blocks = value.keys() - {"//"}
    return (
        bool(blocks - {"data", "check", "import", "output"})
        and blocks <= _TERRAFORM_BLOCKS
        and all(isinstance(value[block], dict | list) for block in blocks)
    )


def _is_pulumi_stack(value: Mapping[str, Json]) -> bool:
    checkpoint = value.get("checkpoint")  # of a backend that the user manages
    deployment = checkpoint.get("latest") if isinstance(checkpoint, dict) else value.get("deployment")
    return isinstance(deployment, dict) and ("manifest" in deployment or "resources" in deployment)


def _is_pulumi_program(value: Mapping[str, Json]) -> bool:
    is_project = "runtime" in value and "name" in value
    return is_project or _is_dict_of(
        value.get("resources"), lambda each: isinstance(each, dict) and ":" in str(each.get("type"))
    )


def _has_camel_keys(value: Mapping[str, Json]) -> bool:
    """Return whether a key has AppFlow's spelling, and no other tool's: Terraform has tasks as well."""
    return bool(value.keys() & (FLOW_KEYS - {"tasks"}))


def _is_pascal(value: Mapping[str, Json]) -> bool:
    return bool(value.keys() & _PASCAL_KEYS) and not value.keys() & FLOW_KEYS


def _is_snake(value: Mapping[str, Json]) -> bool:
    return bool(value.keys() & _SNAKE_KEYS) and not _has_camel_keys(value)


def _is_pulumi(value: Mapping[str, Json]) -> bool:
    return "destinationFlowConfigs" in value and not value.keys() & {"flowName", "destinationFlowConfigList"}


def _is_manifest(value: Mapping[str, Json]) -> bool:
    return isinstance(value.get("apiVersion"), str) and isinstance(value.get("kind"), str)


def _is_crossplane(value: Mapping[str, Json]) -> bool:
    return _is_manifest(value) and bool(re.search(r"crossplane|upbound|appflow", str(value["apiVersion"])))


def _is_cloud_control(value: Mapping[str, Json]) -> bool:
    of_type = value.get("TypeName") == _CLOUDFORMATION_TYPE
    described = value.keys() & {
        "ResourceDescription",
        "ResourceDescriptions",
        "DesiredState",
        "ProgressEvent",
    }
    return of_type or bool(described) or {"Identifier", "Properties"} <= value.keys()


def _is_summary(value: Mapping[str, Json]) -> bool:
    return "flowArn" in value and "sourceConnectorType" in value and "sourceFlowConfig" not in value


def _is_list_flows(value: Mapping[str, Json]) -> bool:
    flows = value.get("flows")
    return _is_summary(value) or (
        isinstance(flows, list)
        and all(isinstance(flow, dict) and not flow.keys() & {"sourceFlowConfig", "tasks"} for flow in flows)
    )


def _is_response(value: Mapping[str, Json]) -> bool:
    fields = {"flowArn", "flowStatus", "executionId", "ResponseMetadata"}
    return value.keys() <= fields and bool(value.keys() & {"flowArn", "executionId"})


def _is_policy(value: Mapping[str, Json]) -> bool:
    grants = value.get("documents")
    is_grant = "prefix" in value and "flows" in value
    has_grants = isinstance(grants, list) and any(
        isinstance(grant, dict) and "prefix" in grant for grant in grants
    )
    return is_grant or has_grants or (bool(value) and value.keys() <= _POLICY_KEYS)


def _is_sops(value: Mapping[str, Json]) -> bool:
    sops = value.get("sops")
    return isinstance(sops, dict) and bool(sops.keys() & {"mac", "version", "lastmodified"})


def _is_report(value: Mapping[str, Json]) -> bool:
    documents = value.get("documents")
    return isinstance(documents, list) and any(
        isinstance(each, dict) and "file" in each for each in documents
    )


def _is_variables(value: Mapping[str, Json]) -> bool:
    return bool(value) and all(
        isinstance(inner, str | int | None) and _VARIABLE.fullmatch(key) for key, inner in value.items()
    )


def _has(*keys: str) -> Callable[[Mapping[str, Json]], bool]:
    return lambda value: value.keys() >= set(keys)


def _has_one_of(*keys: str) -> Callable[[Mapping[str, Json]], bool]:
    return lambda value: bool(value.keys() & set(keys))


def _no_flows(_value: Mapping[str, Json]) -> Iterator[Path]:
    return iter(())


def _top(_value: Mapping[str, Json]) -> Iterator[Path]:
    yield ()


def _template_flows(value: Mapping[str, Json]) -> Iterator[Path]:
    found = _search(value, lambda each: isinstance(each, dict) and each.get("Type") == _CLOUDFORMATION_TYPE)
    return ((*path, "Properties") for path in found)


def _inner_flows(value: Mapping[str, Json]) -> Iterator[Path]:
    return _search(value, is_written_as_flow)


def _search(
    value: Json | Mapping[str, Json], is_wanted: Callable[[Any], bool], path: Path = ()
) -> Iterator[Path]:
    """Yield the paths of the nearest wanted values below ``value``."""
    if is_wanted(value):
        yield path
    elif len(path) < _MAX_SEARCH_DEPTH:
        items = (
            value.items()
            if isinstance(value, Mapping)
            else enumerate(value if isinstance(value, list) else ())
        )
        for step, inner in items:
            if isinstance(inner, dict | list):
                yield from _search(inner, is_wanted, (*path, step))


_Test = Callable[[Mapping[str, Json]], bool]
_Find = Callable[[Mapping[str, Json]], Iterator[Path]]

_KINDS: tuple[tuple[_Test, ForeignKind, _Find], ...] = (
    (_is_sops, kinds.SOPS, _no_flows),
    (_is_sam, kinds.SAM, _template_flows),
    (_is_template, kinds.CLOUDFORMATION, _template_flows),
    (_is_resource, kinds.CLOUDFORMATION_RESOURCE, lambda _: iter([("Properties",)])),
    (lambda value: _is_dict_of(dict(value), _is_resource), kinds.CLOUDFORMATION_RESOURCE, _template_flows),
    (_has("TemplateBody"), kinds.CLOUDFORMATION, _template_flows),
    (_has_one_of("ParameterKey"), kinds.CLOUDFORMATION_PARAMETERS, _no_flows),
    (_is_serverless, kinds.SERVERLESS, _template_flows),
    (_has("artifacts", "version"), kinds.CDK_ASSEMBLY, _no_flows),
    (_has("tree", "version"), kinds.CDK_ASSEMBLY, _no_flows),
    (_is_cloud_control, kinds.CLOUD_CONTROL, _no_flows),
    (_has("FlowDefinition"), kinds.PUT_INTEGRATION, lambda _: iter([("FlowDefinition",)])),
    (_is_plan, kinds.TERRAFORM_PLAN, _inner_flows),
    (_is_state, kinds.TERRAFORM_STATE, _inner_flows),
    (_is_configuration, kinds.TERRAFORM_CONFIGURATION, _inner_flows),
    (lambda value: _has_type(value, TERRAFORM_TYPES), kinds.TERRAFORM_RESOURCE, _inner_flows),
    (lambda value: bool(value.keys() & set(TERRAFORM_TYPES)), kinds.TERRAFORM_RESOURCE, _inner_flows),
    (_is_pulumi_stack, kinds.PULUMI_STACK, _inner_flows),
    (lambda value: _has_type(value, PULUMI_TYPES), kinds.PULUMI_RESOURCE, _inner_flows),
    (_has("urn", "type"), kinds.PULUMI_RESOURCE, _inner_flows),
    (_is_pulumi_program, kinds.PULUMI_PROGRAM, _inner_flows),
    (_is_crossplane, kinds.CROSSPLANE, _inner_flows),
    (_is_manifest, kinds.KUBERNETES, _no_flows),
    (_is_pascal, kinds.CLOUDFORMATION_PROPERTIES, _top),
    (_is_snake, kinds.TERRAFORM_RESOURCE, _top),
    (_is_pulumi, kinds.PULUMI_RESOURCE, _top),
    (_is_list_flows, kinds.LIST_FLOWS, _no_flows),
    (_has("flowExecutions"), kinds.EXECUTION_RECORDS, _no_flows),
    (
        _has_one_of(
            "connectorProfileDetails",
            "connectorConfigurations",
            "connectorConfiguration",
            "connectorEntityMap",
        ),
        kinds.CONNECTOR_PROFILES,
        _no_flows,
    ),
    (_is_response, kinds.FLOW_RESPONSE, _no_flows),
    (_has("detail-type", "detail"), kinds.EVENT, _inner_flows),
    (_has("Statement"), kinds.IAM_POLICY, _no_flows),
    (_is_report, kinds.REPORT, _no_flows),
    (_is_policy, kinds.POLICY, _no_flows),
    (_has("$schema", "properties"), kinds.JSON_SCHEMA, _no_flows),
    (_is_variables, kinds.VARIABLES, _no_flows),
)
"""Test, kind, and where the flows are. The first test that holds counts."""

_FLOW_TEXT = re.compile(r"""(?<![^\s{,[-])["']?(?:flowName|triggerConfig|sourceFlowConfig)["']?\s*:""")
_TEXTS = (
    (re.compile(r"\Aversion https://git-lfs"), kinds.LFS_POINTER),
    (re.compile(r"\A\s*<(?:\?xml|!DOCTYPE|html)", re.IGNORECASE), kinds.MARKUP),
    (re.compile(r'^"?Transform"?\s*:.*AWS::Serverless', re.MULTILINE), kinds.SAM),
    (re.compile(r"\bAWSTemplateFormatVersion\b|\bAWS::[A-Z]\w+::[A-Z]\w+"), kinds.CLOUDFORMATION),
    (re.compile(r'(?<![^\s{,])"(?:terraform_version|lineage)"\s*:'), kinds.TERRAFORM_STATE),
    (
        re.compile(
            r'^(?:resource|data|variable|module|provider)\s+"[^"]*".*\{|^(?:terraform|locals)\s*\{',
            re.MULTILINE,
        ),
        kinds.TERRAFORM_CONFIGURATION,
    ),
    (re.compile(r'"urn:pulumi:'), kinds.PULUMI_STACK),
    (
        re.compile(
            r"^apiVersion\s*:.*\n(?:.*\n){0,20}?kind\s*:|^kind\s*:.*\n(?:.*\n){0,20}?apiVersion\s*:",
            re.MULTILINE,
        ),
        kinds.KUBERNETES,
    ),
)
"""Pattern for the start of a text, and kind. The first pattern that is found counts."""
