"""The request models equal botocore's model of AppFlow, shape by shape."""

import re
import sys
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Annotated, Any, get_args, get_origin

import pytest
from annotated_types import Ge, Le, MaxLen, MinLen
from botocore.loaders import Loader
from botocore.model import ServiceModel
from pydantic.fields import FieldInfo

from appflow_gitops.flows import document
from appflow_gitops.flows.model import (
    catalog,
    destination,
    operators,
    request,
    scalars,
    source,
    task,
    trigger,
)
from appflow_gitops.flows.model.outline import choices_of, members_of
from appflow_gitops.flows.model.structure import Items, Omittable, Structure, whole
from generators.requests import FIRST_SECOND, LAST_SECOND, PLAIN_PATTERNS, SAFE_INTEGER, shape_of

MODULES = (catalog, destination, operators, request, scalars, source, task, trigger, document)
ABSENT_OR: Any = Omittable
LIST_OF: Any = Items
MAP_OF: Any = Mapping
"""Generic types that are parametrised at run time, which type checkers cannot follow."""

TYPES = {"string": str, "integer": int, "long": int, "boolean": bool, "timestamp": float}

TIGHTER = {"Long": (-SAFE_INTEGER, SAFE_INTEGER), "Date": (FIRST_SECOND, LAST_SECOND)}
"""Bounds that the API's model does not have: the range of JSON integers and of times in SDKs."""

GLUE_CHARACTER = r"[^\x00-\x08\x0A-\x1F\uFFFE\uFFFF]"
IN_OTHER_WORDS = {pattern: whole(GLUE_CHARACTER + "*") for pattern in PLAIN_PATTERNS}
"""Patterns that Python cannot compile, and their equivalents."""


def reached(shape: Any, seen: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return every shape that this one refers to, directly or not, by name."""
    seen = {} if seen is None else seen
    if shape.name not in seen:
        seen[shape.name] = shape
        for inner in inside(shape):
            reached(inner, seen)
    return seen


def inside(shape: Any) -> list[Any]:
    match shape.type_name:
        case "structure":
            return list(shape.members.values())
        case "list":
            return [shape.member]
        case "map":
            return [shape.key, shape.value]
        case _:
            return []


def ours(name: str) -> Any:
    """Return the type with the name of the shape."""
    return next((vars(module)[name] for module in MODULES if name in vars(module)), None)


def differences(shape: Any) -> Iterator[str]:
    """Yield a description of each difference between the type and the shape."""
    kind = ours(shape.name)
    if kind is None:
        yield f"{shape.name}: no type of this name"
    elif shape.type_name == "structure":
        yield from structure_differences(shape, kind)
    elif shape.type_name == "list":
        yield from differing(shape.name, "items", kind, LIST_OF[ours(shape.member.name)])
        yield from differing(shape.name, "bounds", {}, {k: v for k, v in shape.metadata.items() if v})
    elif shape.type_name == "map":
        wanted = MAP_OF[ours(shape.key.name), ours(shape.value.name)]
        yield from differing(shape.name, "type", bare(kind), wanted)
        yield from differing(shape.name, "bounds", stated(kind), stated_by(shape))
    elif getattr(shape, "enum", None):
        yield from differing(shape.name, "values", set(choices_of(kind)), set(shape.enum))
    else:
        yield from differing(shape.name, "type", bare(kind), TYPES[shape.type_name])
        yield from differing(shape.name, "constraints", stated(kind), stated_by(shape))


def structure_differences(shape: Any, kind: type[Structure]) -> Iterator[str]:
    members = members_of(kind)
    for name in shape.members.keys() ^ members.keys():
        yield f"{shape.name}.{name}: {'new in botocore' if name in shape.members else 'unknown to botocore'}"
    for name in shape.members.keys() & members.keys():
        kept = ours(shape.members[name].name)
        wanted = kept if name in shape.required_members else ABSENT_OR[kept]
        yield from differing(f"{shape.name}.{name}", "annotation", members[name], wanted)
        required = kind.model_fields[name].is_required()
        yield from differing(f"{shape.name}.{name}", "required", required, name in shape.required_members)


def differing(name: str, what: str, mine: object, theirs: object) -> Iterator[str]:
    if mine != theirs:
        yield f"{name}: {what} {mine}, botocore has {theirs}"


def bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def stated(kind: Any) -> dict[str, Any]:
    """Return the constraints of the type."""
    notes = get_args(kind)[1:] if get_origin(kind) is Annotated else ()
    facts = [fact for note in notes if isinstance(note, FieldInfo) for fact in note.metadata]
    found: dict[str, Any] = {}
    for fact in facts:
        match fact:
            case MinLen(least) | Ge(least):
                found["min"] = least
            case MaxLen(most) | Le(most):
                found["max"] = most
            case _ if hasattr(fact, "pattern"):
                found["pattern"] = fact.pattern
    return found


def stated_by(shape: Any) -> dict[str, Any]:
    """Return the constraints of the shape. A minimum length of 0 is not a constraint."""
    found = {name: shape.metadata[name] for name in ("min", "max", "pattern") if name in shape.metadata}
    if "pattern" in found:
        found["pattern"] = IN_OTHER_WORDS.get(found["pattern"], whole(found["pattern"]))
    if shape.type_name in {"map", "string"} and found.get("min") == 0:
        del found["min"]
    if shape.name in TIGHTER:
        found["min"], found["max"] = TIGHTER[shape.name]
    return found


def all_differences(model: ServiceModel) -> list[str]:
    shapes = reached(model.shape_for("UpdateFlowRequest"))
    return sorted(difference for shape in shapes.values() for difference in differences(shape))


def doctored(edit: Any) -> ServiceModel:
    """Return botocore's model after an edit, as in a later release."""
    description = deepcopy(Loader().load_service_model("appflow", "service-2", "2020-08-23"))
    edit(description["shapes"])
    return ServiceModel(description, "appflow")


REACHED = reached(shape_of())


@pytest.mark.parametrize("name", sorted(REACHED))
def test_each_shape_of_the_request_has_an_equal_type(name: str) -> None:
    assert list(differences(REACHED[name])) == []


def test_the_request_reaches_125_shapes_53_structures_17_sources_and_13_destinations() -> None:
    structures = [name for name, shape in REACHED.items() if shape.type_name == "structure"]

    assert (len(REACHED), len(structures)) == (125, 53)
    assert len(members_of(source.SourceConnectorProperties)) == 17
    assert len(members_of(operators.ConnectorOperator)) == 17
    assert len(members_of(destination.DestinationConnectorProperties)) == 13


def test_every_structure_is_part_of_the_request() -> None:
    own = {"Structure", "FlowConfiguration", "FlowDocument"}
    classes = {name for module in MODULES for name, kind in vars(module).items() if is_structure(kind)}

    assert classes - own <= set(REACHED)


def is_structure(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Structure)


@pytest.mark.parametrize("name", ["KMSArn", "TagMap", "TagKey", "TagValue"])
def test_document_members_beyond_update_flow_are_constrained_as_in_create_flow(name: str) -> None:
    shape = reached(shape_of("CreateFlowRequest"))[name]

    assert list(differences(shape)) == []


def test_a_document_has_the_members_of_the_request_except_the_token_and_three_more() -> None:
    added = {"kmsArn", "tags", "flowStatus"}

    members = set(members_of(request.UpdateFlowRequest)) - {"clientToken"} | added

    assert set(members_of(document.FlowDocument)) == members
    assert added - {"flowStatus"} <= set(shape_of("CreateFlowRequest").members)


@pytest.mark.parametrize("theirs", PLAIN_PATTERNS)
def test_the_pattern_for_glue_names_matches_the_characters_of_the_model(theirs: str) -> None:
    every_character = "".join(chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF)
    named = re.compile(PLAIN_PATTERNS[theirs].removesuffix("*"))

    assert re.findall(GLUE_CHARACTER, every_character) == named.findall(every_character)


def new_member(shapes: dict[str, Any]) -> None:
    shapes["S3DestinationProperties"]["members"]["storageClass"] = {"shape": "String"}


def member_gone(shapes: dict[str, Any]) -> None:
    del shapes["Task"]["members"]["destinationField"]


def newly_required(shapes: dict[str, Any]) -> None:
    shapes["Task"]["required"].append("taskProperties")


def other_shape(shapes: dict[str, Any]) -> None:
    shapes["Task"]["members"]["destinationField"] = {"shape": "Object"}


def new_value(shapes: dict[str, Any]) -> None:
    shapes["TaskType"]["enum"].append("Unmask")


def new_minimum(shapes: dict[str, Any]) -> None:
    shapes["ScheduleOffset"]["min"] = 60


def new_maximum(shapes: dict[str, Any]) -> None:
    shapes["CustomProperties"]["max"] = 100


def new_pattern(shapes: dict[str, Any]) -> None:
    shapes["Object"]["pattern"] = ".+"


def bounded_list(shapes: dict[str, Any]) -> None:
    shapes["Tasks"]["max"] = 500


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (new_member, "S3DestinationProperties.storageClass: new in botocore"),
        (member_gone, "Task.destinationField: unknown to botocore"),
        (newly_required, "Task.taskProperties: "),
        (other_shape, "Task.destinationField: annotation"),
        (new_value, "TaskType: values"),
        (new_minimum, "ScheduleOffset: constraints"),
        (new_maximum, "CustomProperties: bounds"),
        (new_pattern, "Object: constraints"),
        (bounded_list, "Tasks: bounds"),
    ],
)
def test_a_changed_shape_in_botocore_is_reported_by_name(edit: Any, named: str) -> None:
    found = all_differences(doctored(edit))

    assert found
    assert all(difference.startswith(named) for difference in found)
