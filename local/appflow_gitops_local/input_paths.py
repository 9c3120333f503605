"""The paths in the input transformers of EventBridge rules, parsed once; moto builds its parser for every event."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

import jsonpath_ng.ext
from jsonpath_ng.ext.parser import parse


@contextmanager
def parsed_input_paths() -> Iterator[None]:
    """Let moto use a path again once it is parsed."""
    with patch.object(jsonpath_ng.ext, "parse", cache(parse)):
        yield
