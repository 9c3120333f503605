"""Terraform: states, the JSON of ``terraform show``, and configurations in JSON syntax, as cdktf writes them."""

import re
from collections.abc import Iterator, Mapping

from appflow_gitops.documents import foreign_kinds as kinds
from appflow_gitops.documents.foreign import TERRAFORM_TYPES, ForeignObject
from appflow_gitops.findings import Json, Path
from appflow_gitops.quoting import quoted
from appflow_gitops_cli.convert.declared import (
    DeclaredFlow,
    FileContext,
    Tool,
    Values,
    marks_secret,
    refuse_unread,
    words_of,
)

_UNKNOWN = "appflow-gitops: unknown"
_SENSITIVE = "appflow-gitops: sensitive"
_REPEATS = ("count", "for_each", "dynamic")
_COMPUTED = ("arn", "id", "kms_arn", "tags_all", "flow_status", "flow_arn", "region")
"""Attributes that Terraform does not know before it applies, and that a document does not need."""


def find_flows(
    value: Mapping[str, Json], foreign: ForeignObject, path: Path, context: FileContext
) -> Iterator[DeclaredFlow]:
    """Yield the flows of a state, of the output of ``terraform show -json``, or of a configuration in JSON syntax."""
    if foreign.kind is kinds.TERRAFORM_CONFIGURATION or "resource" in value:
        yield from _configured(value, foreign, path, context)
        return
    places = [place for place in foreign.flows if not place or place[-1] in ("values", "attributes")]
    if foreign.kind is kinds.TERRAFORM_PLAN:
        places = [place for place in places if place[:1] == ("planned_values",)]
    for place in places or _bare(foreign):
        owners = values_along(value, place)
        address = _address(owners, place)
        flow = owners[-1]
        if not isinstance(flow, dict) or not all(_is_managed(owner) for owner in owners[:-1]):
            continue
        unknown = _unknown(value, address) if foreign.kind is kinds.TERRAFORM_PLAN else {}
        marked = _marked(flow, _sensitive(owners), unknown)
        at = (*path, *place)
        yield DeclaredFlow(
            Tool.TERRAFORM,
            address,
            at,
            State(context, address).resolve(marked, at),
            is_state=True,
            sets_status="flow_name" in flow,
        )
    top: Path = ("planned_values",) if foreign.kind is kinds.TERRAFORM_PLAN else ()
    hint = "refresh the state with a current version of Terraform, or run 'appflow-gitops export' for the live flow"
    refuse_unread(context, path, places, _resources(value, values_along(value, top)[-1], top), hint)


def _is_managed(owner: Json) -> bool:
    """Return whether the object may contain flows that Terraform manages: no data source, no deposed object."""
    return not isinstance(owner, dict) or not (
        owner.get("mode") == "data" or "deposed" in owner or "deposed_key" in owner
    )


def _resources(root: Mapping[str, Json], value: Json, path: Path) -> Iterator[tuple[Path, str, Json]]:
    """Yield path, address and settings of the instances of every flow that is managed at ``path`` or below."""
    if not isinstance(value, dict | list) or not _is_managed(value):
        return
    items = value.items() if isinstance(value, dict) else enumerate(value)
    if not isinstance(value, dict) or value.get("type") not in TERRAFORM_TYPES:
        for step, inner in items:
            yield from _resources(root, inner, (*path, step))
        return
    instances = value.get("instances")
    places = (
        [(*path, "instances", at) for at in range(len(instances))] if isinstance(instances, list) else [path]
    )
    for place in places:
        owners = values_along(root, place)
        if isinstance(owners[-1], dict) and _is_managed(owners[-1]):
            keys = ("attributes", "values", "attributes_flat")
            settings = next((owners[-1][key] for key in keys if owners[-1].get(key)), None)
            yield place, _address([*owners, None], place), settings


def _bare(foreign: ForeignObject) -> list[Path]:
    """Return the flows of a file that contains single resources, such as attributes copied from a state."""
    return list(foreign.flows) if foreign.kind is kinds.TERRAFORM_RESOURCE else []


def values_along(value: Json | Mapping[str, Json], path: Path) -> list[Json]:
    """Return every value on the way to ``path``, the value there last."""
    values: list[Json] = [dict(value) if isinstance(value, Mapping) else value]
    for step in path:
        last = values[-1]
        if isinstance(last, dict):
            values.append(last.get(str(step)))
        else:
            values.append(last[step] if isinstance(last, list) and isinstance(step, int) else None)
    return values


def _address(owners: list[Json], place: Path) -> str:
    """Return the address of the resource in Terraform."""
    keys: dict[str, Json] = {}
    for owner in reversed(owners[:-1]):
        keys |= (
            {key: inner for key, inner in owner.items() if key not in keys} if isinstance(owner, dict) else {}
        )
    if isinstance(keys.get("address"), str):
        return str(keys["address"])
    if isinstance(keys.get("type"), str) and isinstance(keys.get("name"), str):
        module = f"{keys['module']}." if isinstance(keys.get("module"), str) else ""
        index = keys.get("index_key")
        suffix = "" if index is None else f'["{index}"]' if isinstance(index, str) else f"[{index}]"
        return f"{module}{keys['type']}.{keys['name']}{suffix}"
    named = [
        str(step)
        for step in place
        if step not in ("resource", "values", "attributes") and isinstance(step, str)
    ]
    return ".".join(named) or "aws_appflow_flow.NAME"


def _sensitive(owners: list[Json]) -> Json:
    """Return the marks of sensitive values, as ``terraform show -json`` or a state has them."""
    owner = owners[-2] if len(owners) > 1 else None
    if not isinstance(owner, dict):
        return None
    if "sensitive_values" in owner:
        return owner["sensitive_values"]
    marks: dict[str, Json] = {}
    paths = owner.get("sensitive_attributes")
    for path in paths if isinstance(paths, list) else []:
        _mark(marks, [_step(step) for step in path] if isinstance(path, list) else [])
    return marks


def _mark(marks: dict[str, Json], steps: list[str]) -> None:
    """Add the mark at the end of the steps of a state's ``sensitive_attributes``; indexes are keys."""
    for step in steps[:-1]:
        inner = marks.setdefault(step, {})
        if not isinstance(inner, dict):  # a value around it is marked already
            return
        marks = inner
    if steps:
        marks[steps[-1]] = True


def _step(step: Json) -> str:
    value = step.get("value") if isinstance(step, dict) else None
    return str(value.get("value") if isinstance(value, dict) else value)


def _unknown(plan: Mapping[str, Json], address: str) -> Json:
    """Return the marks of values that the plan does not know."""
    changes = plan.get("resource_changes")
    for change in changes if isinstance(changes, list) else []:
        if (
            isinstance(change, dict)
            and change.get("address") == address
            and isinstance(change.get("change"), dict)
        ):
            found = change["change"].get("after_unknown") if isinstance(change["change"], dict) else None
            marks = found if isinstance(found, dict) else {}
            return {key: mark for key, mark in marks.items() if key not in _COMPUTED}
    return {}


def _marked(value: Json, sensitive: Json, unknown: Json) -> Json:
    """Return the value with marked leaves replaced by references, which ``State`` resolves."""
    is_sensitive = not isinstance(sensitive, dict | list) and marks_secret(sensitive)
    if unknown is True or (is_sensitive and value is not None):
        return {_UNKNOWN if unknown is True else _SENSITIVE: value}
    if isinstance(value, list):
        count = max(len(value), len(unknown) if isinstance(unknown, list) else 0)
        return [_marked(_item(value, at), _item(sensitive, at), _item(unknown, at)) for at in range(count)]
    if isinstance(value, dict) or (value is None and isinstance(unknown, dict)):
        members = value if isinstance(value, dict) else {}
        marks = unknown if isinstance(unknown, dict) else {}
        return {
            key: _marked(members.get(key), _member(sensitive, key), marks.get(key))
            for key in [*members, *(marks.keys() - members)]
        }
    return value


def _item(value: Json, index: int) -> Json:
    if isinstance(value, dict):
        return value.get(str(index))
    return value[index] if isinstance(value, list) and index < len(value) else None


def _member(value: Json, key: str) -> Json:
    return value.get(key) if isinstance(value, dict) else None


class State(Values):
    """Values of a state or plan. Unknown and sensitive ones become variables; the value of neither is written."""

    def __init__(self, context: FileContext, address: str) -> None:
        super().__init__(context)
        self._address = address

    def is_reference(self, value: Mapping[str, Json]) -> bool:
        """Return whether the value is marked."""
        return len(value) == 1 and next(iter(value)) in (_UNKNOWN, _SENSITIVE)

    def reference(self, value: Mapping[str, Json], path: Path) -> Json:
        """Return the placeholder of a marked value; a map has one for each of its values."""
        ((mark, inner),) = value.items()
        kind = "sensitive value" if mark == _SENSITIVE else "value known after apply"
        if (
            isinstance(inner, dict)
            and inner
            and not any(isinstance(each, dict | list) for each in inner.values())
        ):
            return {key: self._placeholder(kind, (*path, key)) for key in inner}
        if isinstance(inner, dict | list):
            hint = "wrap it in nonsensitive() in the configuration, or run 'appflow-gitops export' for the live flow"
            return self.context.refuse(path, f"a whole {type(inner).__name__} is a {kind}", hint)
        return self._placeholder(kind, path)

    def _placeholder(self, kind: str, path: Path) -> str:
        words = words_of(path)
        return self.context.variable(f"{kind} {quoted(words)} of {self._address}", words)


def _configured(
    value: Mapping[str, Json], foreign: ForeignObject, path: Path, context: FileContext
) -> Iterator[DeclaredFlow]:
    hint = "run 'terraform show -json' and convert its output"
    values = Configuration(context, value)
    for place in foreign.flows:
        flow = values_along(value, place)[-1]
        if place[:1] != ("resource",) or not isinstance(flow, dict):
            continue
        at = (*path, *place)
        address = _address([None, None], place)
        if repeats := [key for key in flow if key in _REPEATS]:
            context.refuse((*at, repeats[0]), f"{quoted(repeats[0])} is not evaluated", hint)
            continue
        yield DeclaredFlow(
            Tool.TERRAFORM, address, at, values.resolve(flow, at), sets_status="flow_name" in flow
        )
    resources = _blocks(value.get("resource"), ("resource",))
    refuse_unread(context, path, foreign.flows, resources, hint)


def _blocks(value: Json, path: Path) -> Iterator[tuple[Path, str, Json]]:
    """Yield path, address and settings of each block of a flow; the blocks may be in lists."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _blocks(item, (*path, index))
    elif isinstance(value, dict) and any(step in TERRAFORM_TYPES for step in path):
        for name, settings in value.items():
            yield (*path, name), _address([None, None], (*path, name)), settings
    elif isinstance(value, dict):
        for kind in value.keys() & set(TERRAFORM_TYPES):
            yield from _blocks(value[kind], (*path, kind))


class Configuration(Values):
    """Values of a configuration in JSON syntax: ``${...}`` in a string is an expression."""

    _EXPRESSION = re.compile(r"(?P<escape>[$%])?(?P<sign>[$%])\{")

    def __init__(self, context: FileContext, configuration: Mapping[str, Json]) -> None:
        super().__init__(context)
        self._variables = values_along(configuration, ("variable",))[-1]

    def text(self, text: str, path: Path) -> Json:
        """Return the string; each expression in it becomes a placeholder."""
        parts, end = [], 0
        for found in self._EXPRESSION.finditer(text):
            if found.start() < end:
                continue
            parts.append(self.context.text(text[end : found.start()]))
            if found["escape"] == found["sign"]:
                parts.append(self.context.text(f"{found['sign']}{{"))
                end = found.end()
                continue
            parts.append(self.context.text(found["escape"] or ""))
            end = _closing_brace(text, found.end())
            expression = text[found.end() : end - 1].strip()
            parts.append(self._expression(expression if found["sign"] == "$" else "", path))
        return "".join([*parts, self.context.text(text[end:])])

    def _expression(self, expression: str, path: Path) -> str:
        name = re.fullmatch(r"(?:var|local|data|module)\.([\w.-]+)|([a-z]\w*\.[\w.\[\]-]+)", expression)
        words = (name[1] or name[2]) if name else words_of(path)
        shown = expression[:80] if expression else f"the template for {words}"
        default = (
            values_along(self._variables, (words, "default"))[-1] if expression.startswith("var.") else None
        )
        is_secret = marks_secret(values_along(self._variables, (words, "sensitive"))[-1])
        value = default if isinstance(default, str | int) and not is_secret else None
        return self.context.variable(shown, words, value)


def _closing_brace(text: str, start: int) -> int:
    """Return the offset after the brace that closes an expression, the end of the text if none does."""
    depth = 1
    for offset in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[offset], 0)
        if depth == 0:
            return offset + 1
    return len(text) + 1
