"""A converted flow is in sync with the live flow that the other tool created."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from appflow_gitops.documents.read import read_document
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.sync.plan import difference, tag_difference
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.convert.conversion import convert_file
from appflow_gitops_cli.convert.placeholders import Placeholders
from fakes.clock import FakeClock
from fakes.flows import FakeFlows
from generators import other_tools
from generators.requests import Request, flow_documents

Render = Callable[[Request, LiveFlow], Any]
SAMPLES = sorted((Path(__file__).parents[4] / "events/documents").iterdir())


def differences(document: Request, render: Render) -> list[Any]:
    """Convert the document in another tool's spelling; compare the result with the live flow."""
    flows = FakeFlows(FakeClock())
    flows.edit(json.loads(json.dumps({key: document[key] for key in document if key != "flowStatus"})))
    live = flows.describe(document["flowName"])
    assert live is not None
    converted = convert_file("file.json", json.dumps(render(document, live)).encode(), Placeholders())
    assert converted.findings == []
    (flow,) = converted.flows
    checked = validate(flow.text.encode(), "flow.yaml")
    assert checked.valid, checked.findings
    desired = checked.flows[0].document
    assert desired is not None
    return [*difference(desired, live), *tag_difference(desired, live)]


@pytest.mark.parametrize("render", other_tools.ALL)
@settings(max_examples=50)
@given(document=flow_documents())
def test_every_converted_flow_is_in_sync(render: Render, document: Request) -> None:
    assert differences(document, render) == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
@pytest.mark.parametrize("render", other_tools.ALL)
def test_every_sample_document_converts_without_a_difference(sample: Path, render: Render) -> None:
    for flow in read_document(sample.read_bytes(), sample.name).flows:
        assert differences(flow.value, render) == []
