"""Pulumi: the output of ``pulumi stack export``, and programs in YAML."""

import re
from collections.abc import Iterator, Mapping

from appflow_gitops.documents import foreign_kinds as kinds
from appflow_gitops.documents.foreign import PULUMI_TYPES, ForeignObject
from appflow_gitops.findings import Json, Path
from appflow_gitops.quoting import quoted
from appflow_gitops_cli.convert.declared import (
    DeclaredFlow,
    FileContext,
    Tool,
    Values,
    refuse_unread,
    words_of,
)
from appflow_gitops_cli.convert.terraform import values_along

_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key that marks secrets and other special values. Source: pulumi/pulumi, sdk/go/common/resource/sig."""

_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The text of a value that Pulumi does not know yet. Source: pulumi/pulumi, sdk/go/common/resource/plugin."""

_REFERENCE = re.compile(r"\$?\$\{(?P<expression>[^}]*)\}")


def find_flows(
    value: Mapping[str, Json], foreign: ForeignObject, path: Path, context: FileContext
) -> Iterator[DeclaredFlow]:
    """Yield the flows of a stack export, of one resource of it, or of a program in YAML.

    The inputs of a resource are what its program declares, so they are preferred to its outputs.
    """
    is_program = foreign.kind is kinds.PULUMI_PROGRAM
    inputs = {place[:-1] for place in foreign.flows if place[-1:] == ("inputs",)}
    for place in foreign.flows:
        if place[-1:] == ("outputs",) and place[:-1] in inputs:
            continue
        owners = values_along(value, place)
        resource, flow = (owners[-2] if len(owners) > 1 else None), owners[-1]
        if not isinstance(flow, dict) or not _is_managed(resource):
            continue
        at = (*path, *place)
        values = Program(context) if is_program else Export(context)
        yield DeclaredFlow(
            Tool.PULUMI,
            _address(resource, place),
            at,
            values.resolve(flow, at),
            is_state=not is_program and place[-1:] != ("inputs",),
            sets_status="flowName" in flow,
        )
    hint = "run 'appflow-gitops export' for the live flow"
    refuse_unread(context, path, foreign.flows, _resources(value), hint)


def _resources(value: Mapping[str, Json]) -> Iterator[tuple[Path, str, Json]]:
    """Yield path, address and settings of each flow of a stack export or program."""
    places: tuple[Path, ...] = (("checkpoint", "latest", "resources"), ("deployment", "resources"))
    place = next((place for place in places if place[0] in value), ("resources",))
    found = values_along(value, place)[-1]
    items = found.items() if isinstance(found, dict) else enumerate(found if isinstance(found, list) else ())
    for step, resource in items:
        if (
            not isinstance(resource, dict)
            or resource.get("type") not in PULUMI_TYPES
            or not _is_managed(resource)
        ):
            continue
        keys = ("inputs", "outputs", "properties")
        settings = next((resource[key] for key in keys if resource.get(key)), None)
        at: Path = (*place, step)
        yield at, _address(resource, at), settings


def _is_managed(resource: Json) -> bool:
    """Return whether the stack manages the resource: not replaced (``delete``), and not only read (``external``)."""
    return not isinstance(resource, dict) or not any(
        resource.get(key) is True for key in ("delete", "external")
    )


def _address(resource: Json, place: Path) -> str:
    urn = resource.get("urn") if isinstance(resource, dict) else None
    if isinstance(urn, str):
        return urn
    return next(
        (str(step) for step in reversed(place) if step not in ("properties", "inputs", "outputs")), "URN"
    )


class Export(Values):
    """Values of a stack export. Secrets become variables, also those that were exported with --show-secrets."""

    def is_reference(self, value: Mapping[str, Json]) -> bool:
        """Return whether the object is a secret or another special value."""
        return _SIGNATURE in value

    def reference(self, value: Mapping[str, Json], path: Path) -> Json:  # noqa: ARG002 - its value is secret
        """Return the placeholder of a secret."""
        return self._placeholder("secret", path)

    def text(self, text: str, path: Path) -> Json:
        """Return the string, or the placeholder of an unknown value."""
        return self._placeholder("unknown value", path) if text == _UNKNOWN else self.context.text(text)

    def _placeholder(self, kind: str, path: Path) -> str:
        words = words_of(path)
        return self.context.variable(f"{kind} {quoted(words)}", words)


class Program(Export):
    """Values of a program in YAML: ``${resource.property}`` is a reference, ``fn::`` a function."""

    def is_reference(self, value: Mapping[str, Json]) -> bool:
        """Return whether the object is a function call or a secret."""
        return super().is_reference(value) or any(key.lower().startswith("fn::") for key in value)

    def reference(self, value: Mapping[str, Json], path: Path) -> Json:
        """Return a placeholder: functions are not evaluated."""
        return self._placeholder(next(iter(value), "function"), path)

    def text(self, text: str, path: Path) -> Json:  # noqa: ARG002 - the signature of Values
        """Return the string; each reference in it becomes a placeholder."""
        parts, end = [], 0
        for found in _REFERENCE.finditer(text):
            parts.append(self.context.text(text[end : found.start()]))
            if found[0].startswith("$$"):
                parts.append(self.context.text(found[0][1:]))
            else:
                parts.append(self.context.variable(quoted(found[0]), found["expression"]))
            end = found.end()
        return "".join([*parts, self.context.text(text[end:])])
