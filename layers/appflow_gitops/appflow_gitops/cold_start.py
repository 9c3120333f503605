"""The start of a Lambda function. ``functions/<name>/__init__.py`` calls ``import_handler``, before all other imports.

Three things make it fast:

- What an import makes is there to stay. Looking through it for garbage, again and again, takes a fifth of the start;
  so garbage collection waits until the end, and then leaves all of it alone for good.
- pydantic looks for plugins in the metadata of everything that is installed. There are none, so it need not look.
- Lambda gives the start a whole processor, and an invocation only the share that its memory pays for. So on Lambda
  the function's ports are made at the start already. Elsewhere, in tests, they are made on the first event.
"""

import gc
import os
from importlib import import_module

ON_LAMBDA = "AWS_LAMBDA_RUNTIME_API"
"""The environment variable by which Lambda's runtime client finds Lambda."""


def import_handler(module: str, ports: str) -> None:
    """Import a function's ``handler`` module and, on Lambda, call the function in it that makes its ports."""
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        handler = import_module(module)
        if ON_LAMBDA in os.environ:
            getattr(handler, ports)()
    finally:
        gc.freeze()
        gc.enable()
