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


ROLE = "arn:aws:iam::111122223333:role/glue"
CATALOG = {"glueDataCatalog": {"roleArn": ROLE, "databaseName": "sales", "tablePrefix": "orders"}}


@pytest.mark.parametrize(
    ("parameters", "number"),
    [
        ({}, 0),
        ({"GlueCatalogRoles": ""}, 1),
        ({"GlueCatalogRoles": f"{ROLE}-2"}, 1),
        ({"GlueCatalogRoles": f"arn:x, {ROLE} ,"}, 0),
        ({"GlueCatalogRoles": "arn:aws:iam::*:role/gl?e"}, 0),
    ],
    ids=["unknown", "none", "another", "this one", "pattern"],
)
def test_a_role_must_be_allowed_where_the_parameters_are_known(
    parameters: dict[str, str], number: int
) -> None:
    assert violations(orders(metadataCatalogConfig=CATALOG), **parameters) == number


def test_a_change_that_sends_no_configuration_uses_nothing() -> None:
    limits = StackLimits.of({"FlowBuckets": "arn:aws:s3:::other", "FlowNamePrefix": "x-"})
    document = FlowDocument.model_validate(orders())
    assert list(limits.violations(document, configures=False)) == [
        "the stack may only change flows whose name starts with 'x-'"
    ]


def test_each_violation_names_what_is_not_allowed_and_the_parameter() -> None:
    limits = StackLimits.of(
        {
            "FlowNamePrefix": "x-",
            "FlowBuckets": "arn:aws:s3:::other , arn:aws:s3:::lake-*",
            "ConnectorProfiles": "arn:aws:appflow:eu-west-1:111122223333:connectorprofile/crm",
            "FlowKeys": f"{KEY}-2",
            "GlueCatalogRoles": "",
        }
    )
    document = {**to_redshift(), "kmsArn": KEY, "metadataCatalogConfig": CATALOG}
    profile = "arn:aws:appflow:eu-west-1:111122223333:connectorprofile/crm"
    buckets = "FlowBuckets allows 'arn:aws:s3:::other', 'arn:aws:s3:::lake-*'"
    assert sorted(limits.violations(FlowDocument.model_validate(document), creates=True)) == sorted(
        [
            "the stack may only change flows whose name starts with 'x-'",
            f"the stack may not use 'shop-raw' ({buckets})",
            f"the stack may not use 'staging' ({buckets})",
            f"the stack may not use 'warehouse' (ConnectorProfiles allows '{profile[:60]}')",
            f"the stack may not pass the role '{ROLE}' (GlueCatalogRoles lacks it)",
            f"the stack may not use the key '{KEY}' (FlowKeys lacks it)",
        ]
    )


def test_a_bucket_that_a_flow_uses_twice_is_named_once() -> None:
    twice = orders()
    source = twice["sourceFlowConfig"]["sourceConnectorProperties"]["S3"]
    destination = twice["destinationFlowConfigList"][0]["destinationConnectorProperties"]["S3"]
    destination["bucketName"] = source["bucketName"]
    assert violations(twice, FlowBuckets="arn:aws:s3:::other") == 1
