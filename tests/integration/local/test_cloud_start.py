"""A local cloud that cannot start says why and leaves nothing behind."""

import socket
import threading
from pathlib import Path

import pytest

from appflow_gitops_local.appflow import Behaviour
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.cloud import LocalCloud, Settings, UnknownRegionError
from appflow_gitops_local.server import LOOPBACK, LocalServer
from appflow_gitops_local.template import TemplateError
from integration.local.hive import HERE


def test_a_cloud_that_cannot_start_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("just text")
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
    before = set(threading.enumerate())
    for _ in range(2):
        settings = Settings(template=tmp_path / "template.yaml", port=port, strict_tasks=True)
        with pytest.raises(TemplateError), LocalCloud(settings):
            pass
    LocalServer(LOOPBACK, port, print).close()
    assert controls.defaults == Behaviour()
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize(
    ("region", "message"),
    [
        ("us-east-11", "unknown region of AppFlow 'us-east-11', did you mean 'us-east-1'?"),
        ("x", "unknown region of AppFlow 'x'"),
    ],
)
def test_a_cloud_is_in_a_region_of_appflow(region: str, message: str) -> None:
    with (
        pytest.raises(UnknownRegionError) as raised,
        LocalCloud(Settings(HERE / "stack.yaml", region=region)),
    ):
        pass
    assert str(raised.value) == message
