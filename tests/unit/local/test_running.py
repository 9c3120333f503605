"""A running local cloud from another process: its commands can wait until the stack is deployed."""

from collections.abc import Mapping
from types import SimpleNamespace

import pytest

from appflow_gitops_local import running
from appflow_gitops_local.running import NotRunningError, RunningCloud


class Starting(RunningCloud):
    """A cloud that is deployed after a few attempts to read its outputs."""

    attempts = 0

    def __init__(self, deployed_after: int) -> None:
        super().__init__("http://127.0.0.1:5000", "us-east-1", "appflow-gitops")
        self._deployed_after = deployed_after

    @property
    def outputs(self) -> Mapping[str, str]:  # type: ignore[override]  # cached in the product
        self.attempts += 1
        if self.attempts <= self._deployed_after:
            raise NotRunningError
        return {"EventBusName": "appflow-gitops"}


@pytest.mark.parametrize(("seconds", "attempts"), [(60.0, 4), (1.0, 4), (0.5, 3), (-1.0, 1)])
def test_wait_returns_when_the_stack_is_deployed_or_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch, seconds: float, attempts: int
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(running, "time", SimpleNamespace(monotonic=lambda: sum(pauses), sleep=pauses.append))
    cloud = Starting(deployed_after=3)
    cloud.wait(seconds)
    assert (cloud.attempts, pauses) == (attempts, [0.5] * (attempts - 1))
