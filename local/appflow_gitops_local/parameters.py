"""The parameters of a stack, checked as CloudFormation checks them; moto accepts any name and value."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from appflow_gitops.quoting import listed, quoted
from appflow_gitops_local.template import TemplateError

Declaration = Mapping[str, Any]


def check_parameters(declared: Mapping[str, Declaration], values: Mapping[str, str]) -> None:
    """Raise TemplateError for an unknown parameter, one without a value, and an invalid value."""
    for name in values:
        if name not in declared:
            raise TemplateError(f"unknown parameter {quoted(name)}, {_suggestion(name, declared)}")
    for name, declaration in declared.items():
        if name not in values and "Default" not in declaration:
            raise TemplateError(f"parameter {quoted(name)} has no default and needs a value: -P {name}=VALUE")
    for name, value in values.items():
        if expected := _violation(declared[name], value):
            raise TemplateError(
                f"invalid value {quoted(value)} of parameter {quoted(name)}, expected {expected}"
            )


def _suggestion(name: str, declared: Mapping[str, Declaration]) -> str:
    close = get_close_matches(name, declared)
    return (
        f"did you mean {quoted(close[0])}?"
        if close
        else f"expected one of: {listed(declared, len(declared))}"
    )


def _violation(declaration: Declaration, value: str) -> str | None:
    """Return what the declaration expects, None when the value is valid."""
    allowed = [_text(each) for each in declaration.get("AllowedValues", ())]
    if allowed and value not in allowed:
        return f"one of: {listed(allowed, len(allowed))}"
    pattern = declaration.get("AllowedPattern")
    if pattern is not None and not re.fullmatch(pattern, value):
        return f"a match of the pattern {pattern}"
    return _number_violation(declaration, value) if declaration.get("Type") == "Number" else None


def _number_violation(declaration: Declaration, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "a number"
    low, high = declaration.get("MinValue"), declaration.get("MaxValue")
    if low is not None and number < low:
        return f"a number of {low} or more"
    return f"a number of {high} or less" if high is not None and number > high else None


def _text(value: Any) -> str:
    """An allowed value as text, as -P passes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
