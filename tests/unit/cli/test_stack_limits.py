"""Each parameter of the stack that limits it refuses what it lacks, and only that."""

from typing import Any

import pytest

from appflow_gitops.flows.document import FlowDocument
from appflow_gitops_cli.stack_limits import StackLimits
from fakes.flow_documents import orders

KEY = "arn:aws:kms:eu-west-1:111122223333:key/one"


def violations(document: dict[str, Any], *, creates: bool = False, **parameters: str) -> int:
    limits = StackLimits.of(parameters)
    return len(list(limits.violations(FlowDocument.model_validate(document), creates=creates)))


def to_redshift() -> dict[str, Any]:
    properties = {"Redshift": {"object": "public.orders", "intermediateBucketName": "staging"}}
    destination = {
        "connectorType": "Redshift",
        "connectorProfileName": "warehouse",
        "destinationConnectorProperties": properties,
    }
    return orders(destinationFlowConfigList=[destination])


@pytest.mark.parametrize(
    ("parameter", "allowing", "lacking"),
    [
        ("FlowNamePrefix", "ord", "sales-"),
        ("FlowBuckets", "arn:aws:s3:::shop-raw,arn:aws:s3:::staging", "arn:aws:s3:::shop-raw"),
        (
            "ConnectorProfiles",
            "arn:aws:appflow:eu-west-1:111122223333:connectorprofile/ware*",
            "arn:aws:appflow:eu-west-1:111122223333:connectorprofile/crm",
        ),
    ],
)
def test_what_a_parameter_lacks_is_refused(parameter: str, allowing: str, lacking: str) -> None:
    assert violations(to_redshift(), **{parameter: allowing}) == 0
    assert violations(to_redshift(), **{parameter: lacking}) == 1


@pytest.mark.parametrize(
    ("keys", "creates", "number"),
    [("", True, 0), (KEY, True, 0), (KEY[:-3] + "two", True, 1), (KEY[:-3] + "two", False, 0)],
)
def test_a_key_is_used_when_a_flow_is_created(keys: str, number: int, *, creates: bool) -> None:
    assert violations(orders(kmsArn=KEY), creates=creates, FlowKeys=keys) == number
