"""Our request models and botocore judge the same requests alike: valid ones, and valid ones with one thing broken."""

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
    """Where the value breaks a rule of the shape: botocore's own rules, read strictly, and those it does not check."""
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
    """Whether a value of the right type breaks its shape's bounds, values or pattern."""
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


def botocore_takes(request: Request) -> bool:
    return not ParamValidator().validate(request, shape_of()).has_errors()


def we_take(request: Request) -> bool:
    try:
        UpdateFlowRequest.model_validate(request)
    except ValidationError:
        return False
    return True


@moderate
@given(update_flow_requests(coherent=False))
def test_a_request_that_botocore_allows_is_taken_and_given_back_as_it_was(request: Request) -> None:
    assert botocore_takes(request)
    assert list(broken_at(request, shape_of())) == []
    assert UpdateFlowRequest.model_validate(request).to_wire() == request


@moderate
@given(flow_documents(coherent=True))
def test_a_document_keeps_every_member_and_asks_for_the_request_without_its_own_additions(
    flow: Request,
) -> None:
    document, findings = check_shape(flow)

    assert findings == []
    assert document is not None
    assert document.to_wire() == flow
    assert document.request == {k: v for k, v in flow.items() if k not in {"kmsArn", "tags", "flowStatus"}}
    assert botocore_takes(dict(document.request))


@moderate
@given(mutated_requests())
def test_a_broken_request_is_refused_wherever_botocore_or_its_model_refuses_it(
    mutated: tuple[Mutation, Request],
) -> None:
    mutation, request = mutated
    places = set(broken_at(request, shape_of()))

    assert places == {mutation.path}
    assert not we_take(request)


@moderate
@given(mutated_requests(coherent=True))
def test_a_broken_document_has_one_finding_right_where_it_is_broken(
    mutated: tuple[Mutation, Request],
) -> None:
    mutation, request = mutated

    document, findings = check_shape(request)

    assert document is None
    assert [finding.path for finding in findings] == [mutation.path]


@moderate
@given(update_flow_requests(coherent=False), values_of("UpdateFlowRequest"), st.data())
def test_anything_in_the_place_of_anything_is_judged_as_the_model_judges_it(
    request: Request, other: Request, data: st.DataObject
) -> None:
    mutation = data.draw(
        st.sampled_from([found for found in mutations_of(request) if found.kind == "wrong type"])
    )
    stranger = data.draw(st.sampled_from([other, *other.values(), *mutation.path]))
    grafted = replace(mutation, replacement=stranger).applied(request)

    assert we_take(grafted) == (not any(broken_at(grafted, shape_of())))
    assert botocore_takes(grafted) or not we_take(grafted)


def filled(shape: Any, bound: int) -> Any:
    """A value with every member there is, all numbers and text lengths at their lower (0) or upper (1) bound."""
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
def test_a_request_with_every_member_at_its_bound_is_taken(request_: Request) -> None:
    assert list(broken_at(request_, shape_of())) == []
    assert botocore_takes(request_)
    assert we_take(request_)


@pytest.mark.parametrize("request_", [LOWEST, HIGHEST], ids=["lowest", "highest"])
def test_every_rule_of_the_model_is_kept_at_every_place_where_it_holds(request_: Request) -> None:
    mutations = list(mutations_of(request_))

    assert len(mutations) > 1000
    assert [mutation for mutation in mutations if we_take(mutation.applied(request_))] == []
