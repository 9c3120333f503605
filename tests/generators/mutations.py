"""Valid requests with a single mutation, for every constraint of botocore's model.

``mutations_of`` yields all mutations of a request, ``mutated_requests`` draws one of them.
"""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from appflow_gitops.findings import Path
from generators.requests import (
    FIRST_SECOND,
    LAST_SECOND,
    SAFE_INTEGER,
    Request,
    pattern_of,
    shape_of,
    update_flow_requests,
)


class _Absent:
    """The replacement that removes a member."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One mutation: ``path`` is the expected path of the finding, ``kind`` names the broken constraint."""

    kind: str
    path: Path
    replacement: Any

    def applied(self, request: Request) -> Request:
        """Return the request with this mutation."""
        broken = deepcopy(request)
        owner: Any = broken
        for step in self.path[:-1]:
            owner = owner[step]
        if isinstance(self.replacement, _Absent):
            del owner[self.path[-1]]
        else:
            owner[self.path[-1]] = self.replacement
        return broken


@st.composite
def mutated_requests(draw: st.DrawFn, *, coherent: bool = False) -> tuple[Mutation, Request]:
    """Draw a mutation and the mutated request; every kind of mutation is equally likely."""
    request = draw(update_flow_requests(coherent=coherent))
    mutations = list(mutations_of(request))
    kind = draw(st.sampled_from(sorted({mutation.kind for mutation in mutations})))
    mutation = draw(st.sampled_from([mutation for mutation in mutations if mutation.kind == kind]))
    return mutation, mutation.applied(request)


def mutations_of(value: Any, shape: Any = None, path: Path = ()) -> Iterator[Mutation]:
    """Yield every mutation of the value, a whole request by default, that breaks a constraint of its shape."""
    shape = shape or shape_of()
    if path:
        yield from (Mutation("wrong type", path, wrong) for wrong in _OTHER_TYPES[shape.type_name])
    yield from _BREAKERS[shape.type_name](value, shape, path)


def _structure(value: Request, shape: Any, path: Path) -> Iterator[Mutation]:
    yield Mutation("unknown member", (*path, "unheardOf"), "x")
    for name in shape.required_members:
        yield Mutation("missing member", (*path, name), _Absent())
    for name, inner in value.items():
        yield from mutations_of(inner, shape.members[name], (*path, name))


def _map(value: Request, shape: Any, path: Path) -> Iterator[Mutation]:
    yield Mutation("unknown key", (*path, "un heard of"), "x")
    most = shape.metadata.get("max")
    if most:
        yield Mutation("too many entries", path, {f"k{number}": "x" for number in range(most + 1)})
    for name, inner in value.items():
        yield from mutations_of(inner, shape.value, (*path, name))


def _list(value: list[Any], shape: Any, path: Path) -> Iterator[Mutation]:
    for index, inner in enumerate(value):
        yield from mutations_of(inner, shape.member, (*path, index))


def _string(value: str, shape: Any, path: Path) -> Iterator[Mutation]:
    if shape.enum:
        yield from (Mutation("unknown value", path, wrong) for wrong in ("", value + "s", value.swapcase()))
        return
    least, most = shape.metadata.get("min", 0), shape.metadata["max"]
    yield Mutation("too long", path, value + "0" * (most + 1 - len(value)))
    if least:
        yield Mutation("too short", path, value[: least - 1])
    for wrong in ("", value + "\n", value + " ", " " + value, value + "\0", value + "\ufffe"):
        if least <= len(wrong) <= most and not re.fullmatch(pattern_of(shape), wrong):
            yield Mutation("pattern", path, wrong)


def _whole_number(_: int, shape: Any, path: Path) -> Iterator[Mutation]:
    yield Mutation("too small", path, shape.metadata.get("min", -SAFE_INTEGER) - 1)
    yield Mutation("too large", path, shape.metadata.get("max", SAFE_INTEGER) + 1)


def _time(_: float, __: Any, path: Path) -> Iterator[Mutation]:
    yield Mutation("too small", path, FIRST_SECOND - 1)
    yield Mutation("too large", path, LAST_SECOND + 1)


def _boolean(_: bool, __: Any, ___: Path) -> Iterator[Mutation]:
    yield from ()


_BREAKERS: dict[str, Callable[[Any, Any, Path], Iterator[Mutation]]] = {
    "structure": _structure,
    "map": _map,
    "list": _list,
    "string": _string,
    "integer": _whole_number,
    "long": _whole_number,
    "timestamp": _time,
    "boolean": _boolean,
}

_OTHER_TYPES: dict[str, tuple[Any, ...]] = {
    "structure": (None, [], "{}", 1, True),
    "map": (None, [], "{}", 1, True),
    "list": (None, {}, "[]", 1, True),
    "string": (None, [], {}, 5, 5.5, True),
    "integer": (None, [], {}, "5", 5.0, True),
    "long": (None, [], {}, "5", 5.0, True),
    "timestamp": (None, [], {}, "5", "tomorrow", True),
    "boolean": (None, [], {}, "true", 0, 1.0),
}
