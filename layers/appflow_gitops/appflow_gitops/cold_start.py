"""The cold start of a function. ``functions/<name>/__init__.py`` calls ``import_handler`` before all other imports.

Three measures make it fast:

- Objects that imports create are permanent. Repeated garbage collection over them takes a fifth of the start, so it is
  off until the end, and then excludes them for good.
- pydantic searches the metadata of all installed packages for plugins. There are none, so the search is off.
- Lambda gives the start a whole processor, but an invocation only the share that its memory pays for. On Lambda,
  clients are therefore made during the start. Elsewhere, in tests, they are made on the first event.
"""

import gc
import os
from importlib import import_module

ON_LAMBDA = "AWS_LAMBDA_RUNTIME_API"
"""The environment variable by which Lambda's runtime client finds Lambda."""


def import_handler(module: str, use_case: str) -> None:
    """Import a function's ``handler`` module and, on Lambda, call the function in it that builds its use case."""
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        handler = import_module(module)
        if ON_LAMBDA in os.environ:
            getattr(handler, use_case)()
    finally:
        gc.freeze()
        gc.enable()
