"""A SAM template adapted to moto, with what moto ignores kept apart. Pure, except for reading the file.

``deployment`` carries the result out. Three things differ from a deployment to AWS: code points at a
placeholder object (the functions run from their folders), a rule's Lambda target becomes a queue that
``delivery`` reads (moto delivers no event to a function), and resources that moto does not know are left out.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml
from samtranslator.model.exceptions import InvalidDocumentException  # type: ignore[import-untyped]
from samtranslator.parser.parser import Parser  # type: ignore[import-untyped]
from samtranslator.translator.translator import Translator  # type: ignore[import-untyped]
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

Template = dict[str, Any]

FUNCTION = "AWS::Lambda::Function"
QUEUE = "AWS::SQS::Queue"
RULE = "AWS::Events::Rule"
BUS = "AWS::Events::EventBus"
BUCKET = "AWS::S3::Bucket"
MAPPING = "AWS::Lambda::EventSourceMapping"
INVOKE_CONFIG = "AWS::Lambda::EventInvokeConfig"

_ASYNC_RETRIES = 2
_SCHEDULED = {"source": ["aws.events"], "detail-type": ["Scheduled Event"]}
"""The event of a rule with a schedule. The local cloud never sends it."""
_CODE_PROPERTY = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}


class TemplateError(Exception):
    """The template cannot be deployed; the message says why."""


@dataclass(frozen=True, slots=True)
class AsyncPolicy:
    """How a failed asynchronous invocation is handled: retries, then a queue.

    ``dead_letters`` (the function's DeadLetterConfig) gets the event, ``on_failure`` (its destination) a
    record of the invocation. Both are logical ids.
    """

    retries: int = _ASYNC_RETRIES
    dead_letters: str | None = None
    on_failure: str | None = None


@dataclass(frozen=True, slots=True)
class Deployable:
    """A template for moto, and beside it what moto does not do. Keys and values are logical ids unless said
    otherwise.
    """

    template: Template
    code: Mapping[str, tuple[Path, ...]]
    """Function -> folders that its handler and layers are imported from."""
    invocations: Mapping[str, str]
    """Function -> the queue of its asynchronous invocations."""
    async_policies: Mapping[str, AsyncPolicy]
    log_groups: Mapping[str, str]
    """Function -> its log group, where it does not keep Lambda's own."""
    skipped: Mapping[str, str]
    """Resource left out -> its type."""


def read_template(path: Path) -> Template:
    """The template as written, CloudFormation's short forms spelled out. Raises TemplateError."""
    try:
        template = yaml_parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise TemplateError(f"cannot read '{path}': {' '.join(str(error).split())}") from None
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise TemplateError(f"'{path}' is not a template: key 'Resources' is missing")
    return template


def code_folders(template: Template, root: Path) -> dict[str, tuple[Path, ...]]:
    """Function -> the folders of its code and of its layers, for a SAM template that lies in ``root``."""
    shared = template.get("Globals", {}).get("Function", {})
    folders = {}
    for name, function in _of_type(template, "AWS::Serverless::Function"):
        properties = {**shared, **function.get("Properties", {})}
        layers = [*shared.get("Layers", []), *function.get("Properties", {}).get("Layers", [])]
        uris = [properties.get("CodeUri", "."), *_layer_uris(template, layers)]
        folders[name] = tuple(dict.fromkeys(place for uri in uris for place in _importable(root / uri)))
    return folders


def _layer_uris(template: Template, layers: list[Any]) -> Iterator[str]:
    resources = template["Resources"]
    for layer in layers:
        if isinstance(layer, dict) and (resource := resources.get(layer.get("Ref"))):
            yield resource["Properties"]["ContentUri"]


def _importable(folder: Path) -> tuple[Path, ...]:
    """A folder, and the ``python`` folder that a built layer has inside."""
    inner = folder / "python"
    return (folder.resolve(), inner.resolve()) if inner.is_dir() else (folder.resolve(),)


def with_code_at(template: Template, bucket: str, key: str) -> Template:
    """The SAM template with all code and content pointed at one object."""
    place = {"Bucket": bucket, "Key": key}
    pointed = deepcopy(template)
    if "CodeUri" in (shared := pointed.get("Globals", {}).get("Function", {})):
        shared["CodeUri"] = place
    for resource in pointed["Resources"].values():
        if code := _CODE_PROPERTY.get(resource["Type"]):
            resource.setdefault("Properties", {})[code] = place
    return pointed


def transformed(template: Template, parameters: Mapping[str, str], region: str) -> Template:
    """The CloudFormation template that SAM makes of a SAM template. Raises TemplateError."""
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=region))
    try:
        result: Template = translator.translate(deepcopy(template), dict(parameters))
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes)
        raise TemplateError(f"invalid SAM template: {causes}") from None
    return result


def deployable(
    template: Template, code: Mapping[str, tuple[Path, ...]], supported: Callable[[str], bool]
) -> Deployable:
    """Adapt a transformed template to moto; ``supported`` returns whether moto has a resource type."""
    adapted = deepcopy(template)
    policies = {name: _async_policy(adapted, name) for name, _ in _of_type(adapted, FUNCTION)}
    invocations = {name: f"{name}Invocations" for name in policies}
    for _, mapping in _of_type(adapted, MAPPING):
        mapping["Properties"]["Enabled"] = False  # moto would take the messages and run nothing
    for _, rule in _of_type(adapted, RULE):
        _swap_targets(rule["Properties"], invocations)
        if rule["Properties"].pop("ScheduleExpression", None):
            rule["Properties"]["EventPattern"] = _SCHEDULED  # moto would match every event
    skipped = _without_unsupported(adapted, supported)
    adapted["Resources"].update({queue: {"Type": QUEUE, "Properties": {}} for queue in invocations.values()})
    bus_names = {name for name, _ in _of_type(adapted, BUS)}
    return Deployable(
        _named_buses(adapted, bus_names), code, invocations, policies, _log_groups(adapted), skipped
    )


def _of_type(template: Template, kind: str) -> list[tuple[str, dict[str, Any]]]:
    return [(name, resource) for name, resource in template["Resources"].items() if resource["Type"] == kind]


def _async_policy(template: Template, function: str) -> AsyncPolicy:
    """Lambda's own default, the function's DeadLetterConfig, or its EventInvokeConfig."""
    dead_letters = _queue_of(
        template["Resources"][function]["Properties"].get("DeadLetterConfig", {}).get("TargetArn")
    )
    for _, config in _of_type(template, INVOKE_CONFIG):
        properties = config["Properties"]
        if properties["FunctionName"] == {"Ref": function}:
            on_failure = properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
            retries = int(properties.get("MaximumRetryAttempts", _ASYNC_RETRIES))
            return AsyncPolicy(retries, dead_letters, _queue_of(on_failure))
    return AsyncPolicy(dead_letters=dead_letters)


def _log_groups(template: Template) -> dict[str, str]:
    named = {
        name: function["Properties"].get("LoggingConfig", {}).get("LogGroup")
        for name, function in _of_type(template, FUNCTION)
    }
    return {name: group["Ref"] for name, group in named.items() if isinstance(group, dict) and "Ref" in group}


def _queue_of(arn: Any) -> str | None:
    """The logical id of the queue whose ARN is asked for; other destinations are not served here."""
    attribute = attribute_of(arn)
    return attribute[0] if attribute and attribute[1] == "Arn" else None


def attribute_of(value: Any) -> tuple[str, str] | None:
    """Logical id and attribute of an ``Fn::GetAtt`` in either of its forms."""
    match value:
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return name, attribute
        case {"Fn::GetAtt": str(joined)} if "." in joined:
            name, attribute = joined.split(".", 1)
            return name, attribute
        case _:
            return None


def _swap_targets(rule: dict[str, Any], invocations: Mapping[str, str]) -> None:
    for target in rule.get("Targets", []):
        attribute = attribute_of(target["Arn"])
        if attribute and attribute[0] in invocations:
            target["Arn"] = {"Fn::GetAtt": [invocations[attribute[0]], "Arn"]}


def _without_unsupported(template: Template, supported: Callable[[str], bool]) -> dict[str, str]:
    """Take out what moto does not know, and every DependsOn and output that names it."""
    resources = template["Resources"]
    skipped = {
        name: resource["Type"] for name, resource in resources.items() if not supported(resource["Type"])
    }
    for name in skipped:
        del resources[name]
    for resource in resources.values():
        needed = resource.pop("DependsOn", [])
        kept = [name for name in ([needed] if isinstance(needed, str) else needed) if name not in skipped]
        if kept:
            resource["DependsOn"] = kept
    outputs = template.get("Outputs", {})
    for name in [name for name, output in outputs.items() if _mentions(output, skipped)]:
        del outputs[name]
    return skipped


def _mentions(value: Any, names: Mapping[str, str]) -> bool:
    if isinstance(value, dict):
        attribute = attribute_of(value)
        if value.get("Ref") in names or (attribute and attribute[0] in names):
            return True
        return any(_mentions(inner, names) for inner in value.values())
    return isinstance(value, list) and any(_mentions(inner, names) for inner in value)


def _named_buses(value: Any, buses: set[str]) -> Any:
    """``Ref`` to an event bus is its name; moto only knows it by the attribute."""
    if isinstance(value, dict):
        if value.get("Ref") in buses:
            return {"Fn::GetAtt": [value["Ref"], "Name"]}
        return {name: _named_buses(inner, buses) for name, inner in value.items()}
    return [_named_buses(inner, buses) for inner in value] if isinstance(value, list) else value
