"""CloudFormation: templates of CloudFormation, SAM, the CDK and the Serverless Framework, and their functions.

Functions of literals are evaluated. A parameter becomes a variable with the default as its value, any other reference
a variable without one.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from appflow_gitops.documents.foreign import ForeignObject
from appflow_gitops.documents.foreign_kinds import SERVERLESS
from appflow_gitops.documents.variables import VariableValue
from appflow_gitops.findings import Json, Path
from appflow_gitops.quoting import quoted
from appflow_gitops_cli.convert.declared import (
    DeclaredFlow,
    FileContext,
    Tool,
    Values,
    marks_secret,
    words_of,
)
from appflow_gitops_cli.convert.placeholders import has_reference, shown

_SUBSTITUTION = re.compile(r"\$\{(?P<literal>!)?(?P<name>[^}]*)\}")
_CDK_VALUE = r"\$\{Token\[[^]]*\]\}"
_DYNAMIC = rf"\{{\{{resolve:[^}}]*\}}\}}|{_CDK_VALUE}"
_SERVERLESS = rf"{_DYNAMIC}|\$\{{(?:self|opt|env|file|cf|ssm|s3|sls|aws|param|git)\b[^}}]*\}}"

_NAMES = {
    "AWS::AppFlow::ConnectorProfile": "ConnectorProfileName",
    "AWS::AppFlow::Flow": "FlowName",
    "AWS::Events::EventBus": "Name",
    "AWS::KMS::Alias": "AliasName",
    "AWS::S3::Bucket": "BucketName",
}
"""Type of resource -> the property that Ref returns if the template sets it. Source: the resource's "Return values"."""

_MAX_NAME_DEPTH = 4
_CALL_COST = 16
"""Characters of text that a function call counts as: names that contain each other multiply calls without text."""

_MAX_WORDS = 3
"""Parts of a dynamic reference that become the name of its variable."""

_PROCESSED = "run 'aws cloudformation get-template --template-stage Processed' and convert its output"
_CONDITION = "remove the condition if the flow exists, or run 'appflow-gitops export' for the live flow"

_CDK_HASH = re.compile(r"(?<=[a-z0-9])[0-9A-F]{8}$")
"""The end of the logical ids that the CDK generates."""


def find_flows(
    value: Mapping[str, Json], foreign: ForeignObject, path: Path, context: FileContext
) -> Iterator[DeclaredFlow]:
    """Yield the flows of a template, or of a part of one."""
    template = _template(value, foreign)
    values = Template(context, template, _SERVERLESS if foreign.kind is SERVERLESS else _DYNAMIC)
    tool = Tool.SERVERLESS if foreign.kind is SERVERLESS else Tool.CLOUDFORMATION
    for inner in foreign.flows:
        resource = _at(value, inner[:-1])
        metadata = resource.get("Metadata") if inner else None
        is_cdk = isinstance(metadata, dict) and "aws:cdk:path" in metadata
        flow = _at(value, inner)
        name = flow.get("FlowName")
        address = str(inner[-2]) if len(inner) > 1 else name if isinstance(name, str) else "Flow"
        at = (*path, *inner)
        if any(str(step).startswith("Fn::ForEach") for step in inner):
            context.refuse(at, "'Fn::ForEach' is not evaluated", _PROCESSED)
            continue
        if inner and resource.get("Condition") is not None:
            context.refuse((*at[:-1], "Condition"), "conditions are not evaluated", _CONDITION)
            continue
        yield DeclaredFlow(Tool.CDK if is_cdk else tool, address, at, values.resolve(flow, at))


def _template(value: Mapping[str, Json], foreign: ForeignObject) -> Mapping[str, Json]:
    """Return the object that has Parameters and Resources."""
    place: Path = next((flow[: flow.index("Resources")] for flow in foreign.flows if "Resources" in flow), ())
    return _at(value, place)


def _at(value: Mapping[str, Json], path: Path) -> dict[str, Json]:
    found: Json = dict(value)
    for step in path:
        if isinstance(found, dict):
            found = found.get(str(step))
        else:
            found = found[step] if isinstance(found, list) and isinstance(step, int) else None
    return found if isinstance(found, dict) else {}


class Template(Values):
    """Resolves the functions of one template. ``dynamic`` is the pattern of references inside plain strings."""

    def __init__(self, context: FileContext, template: Mapping[str, Json], dynamic: str = _DYNAMIC) -> None:
        super().__init__(context)
        self._parameters = _at(template, ("Parameters",))
        self._resources = _at(template, ("Resources",))
        self._mappings = _at(template, ("Mappings",))
        self._dynamic = re.compile(dynamic)
        self._open: dict[str, Path] = {}  # resources whose names are being resolved -> the reference to them
        self._circular: set[tuple[str, Path]] = set()

    def is_reference(self, value: Mapping[str, Json]) -> bool:
        """Return whether the object is a function call."""
        name = next(iter(value), "")
        return len(value) == 1 and (name in ("Ref", "Condition") or name.startswith("Fn::"))

    def reference(self, value: Mapping[str, Json], path: Path) -> Json:
        """Return the value of a function call."""
        self.context.spend(_CALL_COST)
        ((name, argument),) = value.items()
        evaluate = self._FUNCTIONS.get(name)
        if evaluate is None:
            return self._unresolved(name, path)
        return evaluate(self, argument, (*path, name))

    def text(self, text: str, path: Path) -> Json:  # noqa: ARG002 - the signature of Values
        """Return a plain string; dynamic references in it become variables."""
        return self._without_dynamic(self.context.text(text))

    def _without_dynamic(self, text: str) -> str:
        """Replace dynamic references, which may be assembled by a function and contain references themselves."""
        return self._dynamic.sub(lambda found: self._dynamic_reference(shown(found[0])), text)

    def _replaced(self, pattern: re.Pattern[str], text: str, replace: Callable[[re.Match[str]], str]) -> str:
        """Return the text with every match replaced and the rest as literal text."""
        parts, end = [], 0
        for found in pattern.finditer(text):
            parts += [self.context.text(text[end : found.start()]), replace(found)]
            end = found.end()
        return "".join([*parts, self.context.text(text[end:])])

    def _dynamic_reference(self, reference: str) -> str:
        words = reference.strip("{}$").removeprefix("resolve:").rstrip(":").split(":")[-_MAX_WORDS:]
        return self.context.variable(quoted(reference), "_".join(words))

    def _ref(self, argument: Json, path: Path) -> Json:
        if not isinstance(argument, str):
            return self.context.refuse(path, "expected the name of a parameter or resource")
        if argument == "AWS::NoValue":
            return None
        if argument.startswith("AWS::"):
            return self.context.variable(argument, argument, shared=True)
        if argument in self._parameters:
            return self._parameter(argument, path)
        words = _CDK_HASH.sub("", argument)
        return self._physical_name(argument, path) or self.context.variable(f"Ref {quoted(argument)}", words)

    def _parameter(self, name: str, path: Path) -> Json:
        parameter = _at(self._parameters, (name,))
        kind = str(parameter.get("Type"))
        if kind == "CommaDelimitedList" or kind.startswith("List<"):
            return self.context.refuse(path, f"parameter {quoted(name)} is a list, a variable cannot be one")
        default = parameter.get("Default")
        is_secret = marks_secret(parameter.get("NoEcho"))
        is_known = isinstance(default, str | int) and not is_secret and not kind.startswith("AWS::SSM::")
        value = default if is_known and isinstance(default, str | int) else None
        return self.context.variable(f"parameter {quoted(name)}", name, _typed(kind, value))

    def _physical_name(self, name: str, path: Path) -> Json:
        """Return the name that the template gives to a resource, None if it has none.

        A circular reference is reported where the flow refers to it.
        """
        if name in self._open:
            used = next(iter(self._open.values()))
            if (name, used) not in self._circular:
                self._circular.add((name, used))
                self.context.refuse(used, f"the name of {quoted(name)} refers to itself")
            return None
        resource = _at(self._resources, (name,))
        key = _NAMES.get(str(resource.get("Type")), "")
        given = _at(resource, ("Properties",)).get(key)
        if given is None or len(self._open) >= _MAX_NAME_DEPTH:
            return None
        self._open[name] = path
        try:
            resolved = self.resolve(given, ("Resources", name, "Properties", key))
        finally:
            del self._open[name]
        return resolved if isinstance(resolved, str) else None

    def _sub(self, argument: Json, path: Path) -> Json:
        text: Json = argument
        names: Json = {}
        match argument:
            case [str(), dict()]:
                text, names = argument
        if not isinstance(text, str) or not isinstance(names, dict):
            return self.context.refuse(path, "expected a string, or a list of a string and a map")

        def replace(found: re.Match[str]) -> str:
            self.context.spend(_CALL_COST)
            name = found["name"].strip()
            if found["literal"]:
                return self.context.text(f"${{{found['name']}}}")
            if name in names:
                value = self.resolve(names[name], (*path, 1, name))
            else:
                value = self._get_att(name, path) if "." in name else self._ref(name, path)
            return self._part(value, path)

        return self._without_dynamic(self._replaced(_SUBSTITUTION, text, replace))

    def _part(self, value: Json, path: Path) -> str:
        """Return a value that becomes part of a text."""
        if isinstance(value, dict | list):
            self.context.refuse(path, "expected a single value inside the text")
            return ""
        return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)

    def _get_att(self, argument: Json, path: Path) -> Json:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(parts, list) or len(parts) != 2 or not all(isinstance(part, str) for part in parts):  # noqa: PLR2004 - resource and attribute
            return self.context.refuse(path, "expected the names of a resource and an attribute")
        name = ".".join(map(str, parts))
        words = f"{_CDK_HASH.sub('', str(parts[0]))}.{parts[1]}"
        return self.context.variable(f"GetAtt {quoted(name)}", words)

    def _join(self, argument: Json, path: Path) -> Json:
        match argument:
            case [str() as separator, list() as items]:
                parts = [
                    self._part(self.resolve(item, (*path, 1, at)), path) for at, item in enumerate(items)
                ]
                self.context.text(separator * (len(parts) - 1))
                return self._without_dynamic(separator.join(parts))
        return self._unresolved("Fn::Join", path)

    def _select(self, argument: Json, path: Path) -> Json:
        match argument:
            case [str() | int() as index, items] if str(index).isdecimal() and len(str(index)) < 6:  # noqa: PLR2004 - digits
                resolved = self.resolve(items, (*path, 1))
                if isinstance(resolved, list) and int(index) < len(resolved):
                    return resolved[int(index)]
                if isinstance(resolved, str):  # the list is unknown, and has a variable already
                    return resolved
        return self._unresolved("Fn::Select", path)

    def _split(self, argument: Json, path: Path) -> Json:
        match argument:
            case [str() as separator, source] if separator:
                text = self.resolve(source, (*path, 1))
                if isinstance(text, str) and not has_reference(text):
                    return list(text.split(separator))
        return self._unresolved("Fn::Split", path)

    def _find_in_map(self, argument: Json, path: Path) -> Json:
        keys = argument if isinstance(argument, list) else []
        found = (
            _at(self._mappings, tuple(str(key) for key in keys[:2]))
            if all(isinstance(key, str) for key in keys)
            else {}
        )
        value = found.get(str(keys[2])) if len(keys) == 3 else None  # noqa: PLR2004 - map and two keys
        if isinstance(value, dict) or (
            isinstance(value, list) and any(isinstance(item, dict | list) for item in value)
        ):
            return self.context.refuse(path, "expected a single value or a list of them in the mapping")
        return self._unresolved("Fn::FindInMap", path) if value is None else self.resolve(value, path)

    def _import_value(self, argument: Json, path: Path) -> Json:
        if not isinstance(argument, str):
            return self._unresolved("Fn::ImportValue", path)
        return self.context.variable(f"ImportValue {quoted(argument)}", argument)

    def _if(self, argument: Json, path: Path) -> Json:
        match argument:
            case [str(), first, second] if not isinstance(first, dict | list) and not isinstance(
                second, dict | list
            ):
                return self._unresolved(f"Fn::If of {quoted(argument[0])}", path)
        hint = "write the branch that is in use into the template, or run 'appflow-gitops export' for the live flow"
        return self.context.refuse(path, "conditions are not evaluated", hint)

    def _unresolved(self, name: str, path: Path) -> Json:
        """Return a variable for a function that is not evaluated."""
        words = words_of(tuple(step for step in path if not str(step).startswith("Fn::")))
        return self.context.variable(f"{name} for {quoted(words)}", words)

    _FUNCTIONS: Mapping[str, Callable[["Template", Json, Path], Json]] = {
        "Ref": _ref,
        "Fn::Sub": _sub,
        "Fn::GetAtt": _get_att,
        "Fn::Join": _join,
        "Fn::Select": _select,
        "Fn::Split": _split,
        "Fn::FindInMap": _find_in_map,
        "Fn::ImportValue": _import_value,
        "Fn::If": _if,
    }


def _typed(kind: str, value: VariableValue | None) -> VariableValue | None:
    """Return the default of a parameter; CloudFormation reads a Number in quotes as well."""
    if kind == "Number" and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}", value):
        return int(value)
    return str(value) if kind == "String" and value is not None else value
