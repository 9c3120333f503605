"""Parameters of stacks as CloudFormation describes them: a list is one text with commas, in moto a Python list."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.cloudformation.models import Stack

_DESCRIBED = vars(Stack)["parameter_list"].fget


@contextmanager
def joined_lists() -> Iterator[None]:
    """Let DescribeStacks return every list parameter as text."""
    with patch.object(Stack, "parameter_list", property(_parameter_list)):
        yield


def _parameter_list(stack: Stack) -> list[dict[str, Any]]:
    described: list[dict[str, Any]] = _DESCRIBED(stack)
    for parameter in described:
        if isinstance(parameter["ParameterValue"], list):
            parameter["ParameterValue"] = ",".join(map(str, parameter["ParameterValue"]))
    return described
