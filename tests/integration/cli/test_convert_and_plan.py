"""Converted files are in sync with the flows that the other tool created: ``plan`` reports no change."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.flow_documents import orders, scheduled
from generators import other_tools
from integration.cli.conftest import BUCKET, Account, Run

RENDERERS = [render for render in other_tools.ALL if render is not other_tools.cloud_control]


@pytest.mark.parametrize("render", RENDERERS)
def test_plan_is_in_sync_after_convert(account: Account, run: Run, render: Callable[..., Any]) -> None:
    files = []
    for flow in (orders(), scheduled(flowName="hourly")):
        account.create(flow)
        files.append(f"{flow['flowName']}.json")
        Path(files[-1]).write_text(json.dumps(render(flow)), encoding="utf-8")
    converted = run("convert", *files, "--out", "flows")
    assert converted.exit_code == 0, converted.output
    planned = run("plan", "--bucket", BUCKET, "flows")
    assert (planned.exit_code, planned.output) == (0, "Plan: 2 unchanged\n")
