"""The local cloud of a file of tests. A file that needs the same as the one before it gets the same cloud."""

import contextlib
from collections.abc import Callable
from dataclasses import replace

from appflow_gitops_local.cloud import LocalCloud, Settings
from appflow_gitops_local.runtime import Log, ProcessRuntime, Runtime
from e2e.stack import DeployedStack

CreateRuntime = Callable[[str, str, Log], Runtime]
LONGEST_INVOCATION = 10.0
"""Seconds after which a cloud with work left is not used again."""


class Clouds:
    """At most one running cloud, with a runtime whose workers start quickly instead of the default one."""

    def __init__(self, runtime: CreateRuntime) -> None:
        self.runtime = runtime
        self._settings: Settings | None = None
        self._stack: DeployedStack
        self._exits = contextlib.ExitStack()

    def stack(self, settings: Settings) -> DeployedStack:
        """The stack with these settings: the running one, emptied, or a new one."""
        if settings != self._settings or not self._stack.settle(LONGEST_INVOCATION):
            self.close()
            is_default = settings.runtime is ProcessRuntime
            cloud = LocalCloud(replace(settings, runtime=self.runtime) if is_default else settings)
            self._stack = DeployedStack(self._exits.enter_context(cloud))
            self._settings = settings
        return self._stack

    def close(self) -> None:
        """Stop the running cloud, for a test that starts one itself."""
        self._settings = None
        self._exits.close()
