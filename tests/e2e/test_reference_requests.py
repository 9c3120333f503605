"""The four sample requests of the API reference work as printed in a local cloud with its default switches."""

from pathlib import Path

import pytest

from appflow_gitops_local.cloud import Settings
from e2e.clouds import Clouds
from e2e.stack import ROOT, DeployedStack

SAMPLES = sorted((ROOT / "events" / "reference").glob("*.json"))


@pytest.fixture(scope="module")
def stack(clouds: Clouds) -> DeployedStack:
    return clouds.stack(Settings(template=ROOT / "template.yaml", parameters={"CreateMissingFlows": "true"}))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_the_sample_request_is_applied_as_printed(stack: DeployedStack, sample: Path) -> None:
    stack.drop(f"flows/{sample.name}", sample.read_bytes())
    assert stack.status_event()["detail-type"] == "Flow Change Applied"


def test_a_flow_whose_profile_does_not_exist_fails_as_on_aws(stack: DeployedStack) -> None:
    text = SAMPLES[0].read_text().replace("connector-profile-name", "missing").replace("testFlow", "other")
    stack.drop("flows/missing-profile.json", text.encode())
    failed = stack.status_event()["detail"]["data"]
    assert (failed["outcome"], failed["error"]["code"]) == ("Failed", "ResourceNotFoundException")
