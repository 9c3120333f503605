"""The request models and botocore accept and reject the same requests, valid ones and ones with a single mutation."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from appflow_gitops.findings import Path
from appflow_gitops.flows.model.request import UpdateFlowRequest
from appflow_gitops.validation.shape.check import check_shape
from generators.mutations import Mutation, mutated_requests, mutations_of
from generators.requests import (
    FIRST_SECOND,
    LAST_SECOND,
    SAFE_INTEGER,
    Request,
    flow_documents,
    pattern_of,
    shape_of,
    update_flow_requests,
    values_of,
)

moderate = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])

PYTHON_TYPES = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "timestamp": (int, float),
}


def broken_at(value: Any, shape: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths where the value breaks a constraint of the shape, including those botocore does not check."""
    if type(value) not in PYTHON_TYPES[shape.type_name] or outside(value, shape):
        yield path
    elif shape.type_name == "structure":
        yield from ((*path, name) for name in set(shape.required_members) - set(value))
        for name, inner in value.items():
            known = shape.members.get(name)
            yield from broken_at(inner, known, (*path, name)) if known else [(*path, name)]
    elif shape.type_name == "list":
        for index, inner in enumerate(value):
            yield from broken_at(inner, shape.member, (*path, index))
    elif shape.type_name == "map":
        for name, inner in value.items():
            yield from broken_at(name, shape.key, (*path, name))
            yield from broken_at(inner, shape.value, (*path, name))


def outside(value: Any, shape: Any) -> bool:
    """Return whether a value of the right type breaks the bounds, enum or pattern of its shape."""
    least, most = bounds(shape)
    size = value if isinstance(value, int | float) else len(value)
    if not least <= size <= most:
        return True
    if shape.type_name != "string":
        return False
    return value not in shape.enum if shape.enum else not re.fullmatch(pattern_of(shape), value)


def bounds(shape: Any) -> tuple[float, float]:
    if shape.type_name == "timestamp":
        return FIRST_SECOND, LAST_SECOND
    widest = (-SAFE_INTEGER, SAFE_INTEGER) if shape.type_name in {"integer", "long"} else (0, float("inf"))
    return shape.metadata.get("min", widest[0]), shape.metadata.get("max", widest[1])


def botocore_accepts(request: Request) -> bool:
    return not ParamValidator().validate(request, shape_of()).has_errors()


def we_accept(request: Request) -> bool:
    try:
        UpdateFlowRequest.model_validate(request)
    except ValidationError:
        return False
    return True


@moderate
@given(update_flow_requests(coherent=False))
def test_a_request_that_botocore_accepts_is_accepted_and_returned_unchanged(request: Request) -> None:
    assert botocore_accepts(request)
    assert list(broken_at(request, shape_of())) == []
    assert UpdateFlowRequest.model_validate(request).to_wire() == request


@moderate
@given(flow_documents(coherent=True))
def test_a_document_keeps_every_member_and_its_request_has_those_of_update_flow(
    flow: Request,
) -> None:
    document, findings = check_shape(flow)

    assert findings == []
    assert document is not None
    assert document.to_wire() == flow
    assert document.request == {k: v for k, v in flow.items() if k not in {"kmsArn", "tags", "flowStatus"}}
    assert botocore_accepts(dict(document.request))


@moderate
@given(mutated_requests())
def test_a_request_that_breaks_the_model_is_rejected(
    mutated: tuple[Mutation, Request],
) -> None:
    mutation, request = mutated
    paths = set(broken_at(request, shape_of()))

    assert paths == {mutation.path}
    assert not we_accept(request)


@moderate
@given(mutated_requests(coherent=True))
def test_a_broken_document_has_one_finding_at_the_broken_value(
    mutated: tuple[Mutation, Request],
) -> None:
    mutation, request = mutated

    document, findings = check_shape(request)

    assert document is None
    assert [finding.path for finding in findings] == [mutation.path]


@moderate
@given(update_flow_requests(coherent=False), values_of("UpdateFlowRequest"), st.data())
def test_a_value_of_another_shape_is_validated_as_by_the_model(
    request: Request, other: Request, data: st.DataObject
) -> None:
    mutation = data.draw(
        st.sampled_from([found for found in mutations_of(request) if found.kind == "wrong type"])
    )
    stranger = data.draw(st.sampled_from([other, *other.values(), *mutation.path]))
    grafted = replace(mutation, replacement=stranger).applied(request)

    assert we_accept(grafted) == (not any(broken_at(grafted, shape_of())))
    assert botocore_accepts(grafted) or not we_accept(grafted)


def filled(shape: Any, bound: int) -> Any:
    """Return a value with every member, all numbers and string lengths at their lower (0) or upper (1) bound."""
    match shape.type_name:
        case "structure":
            return {name: filled(member, bound) for name, member in shape.members.items()}
        case "list":
            return [filled(shape.member, bound)]
        case "map":
            return {filled(shape.key, bound): filled(shape.value, bound)}
        case "string":
            return shape.enum[0] if shape.enum else text_of(shape, bound)
        case "boolean":
            return True
        case _:
            return bounds(shape)[bound]


def text_of(shape: Any, bound: int) -> str:
    shortest = next(text for text in SHORT_TEXTS if re.fullmatch(pattern_of(shape), text))
    return shortest.ljust(int(bounds(shape)[bound]), "0")


SHORT_TEXTS = ("", "a", "aa", "upsolver-appflow", "arn:aws:iam::0:")
LOWEST, HIGHEST = filled(shape_of(), 0), filled(shape_of(), 1)


@pytest.mark.parametrize("request_", [LOWEST, HIGHEST], ids=["lowest", "highest"])
def test_a_request_with_every_member_at_its_bound_is_accepted(request_: Request) -> None:
    assert list(broken_at(request_, shape_of())) == []
    assert botocore_accepts(request_)
    assert we_accept(request_)


@pytest.mark.parametrize("request_", [LOWEST, HIGHEST], ids=["lowest", "highest"])
def test_every_constraint_of_the_model_is_enforced_at_every_path(request_: Request) -> None:
    mutations = list(mutations_of(request_))

    assert len(mutations) > 1000
    assert [mutation for mutation in mutations if we_accept(mutation.applied(request_))] == []
