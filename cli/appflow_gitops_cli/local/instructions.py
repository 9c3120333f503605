"""What ``local up`` prints on a terminal when the local cloud is ready."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

_COMMAND = "appflow-gitops"
_DEFAULT_STACK = "appflow-gitops"
_NAMES = {
    "DocumentsBucketName": "documents bucket",
    "EventBusName": "event bus",
    "FlowChangesQueueUrl": "flow changes queue",
    "DeadLetterQueueUrl": "dead-letter queue",
}


def command() -> str:
    """The command as users can call it: as they called it now, if it is not on their path."""
    called = sys.argv[0]
    if shutil.which(_COMMAND) or PurePath(called).name != _COMMAND:
        return _COMMAND
    return called


def instructions(ready: Mapping[str, Any], stage: str | None = None) -> str:
    """Return the commands that use a running local cloud, and the outputs of its stack.

    ``stage`` is the one in the project file that names the stack.
    """
    stack = "" if ready["stack"] == _DEFAULT_STACK else f" --stack {ready['stack']}"
    if stage:
        stack = f" --stage {stage}"
    outputs = [
        f"  {title:<20}{ready['outputs'][name]}" for name, title in _NAMES.items() if name in ready["outputs"]
    ]
    return "\n".join(
        (
            f"The local cloud is ready: stack {ready['stack']} in {ready['region']}.",
            *outputs,
            "",
            "In another terminal:",
            f"  export AWS_ENDPOINT_URL={ready['endpoint']} AWS_DEFAULT_REGION={ready['region']}",
            "  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local",
            f"  {command()} push --wait{stack} flows/",
            "",
            "Ctrl-C stops it and discards its state.",
        )
    )
