import pytest

from appflow_gitops.findings import Json, Path
from appflow_gitops.flows.diff import diff
from appflow_gitops.flows.immutable import replacement_items
from generators.small_flows import Flow, accounts, edited, without

ACCOUNTS = accounts()
SOURCE = ("sourceFlowConfig", "sourceConnectorProperties")
DESTINATION = ("destinationFlowConfigList", 0, "destinationConnectorProperties")


def between(source: str, source_properties: Flow, destination: str, destination_properties: Flow) -> Flow:
    flow = edited(
        ACCOUNTS,
        ("sourceFlowConfig",),
        {"connectorType": source, "sourceConnectorProperties": {source: source_properties}},
    )
    return edited(
        flow,
        ("destinationFlowConfigList", 0),
        {
            "connectorType": destination,
            "destinationConnectorProperties": {destination: destination_properties},
        },
    )


@pytest.mark.parametrize(
    ("flow", "path", "value"),
    [
        (ACCOUNTS, ("flowName",), "others"),
        (ACCOUNTS, ("sourceFlowConfig", "connectorType"), "Pardot"),
        (ACCOUNTS, ("destinationFlowConfigList", 0, "connectorType"), "Upsolver"),
        (ACCOUNTS, (*SOURCE, "Salesforce", "object"), "Lead"),
        (ACCOUNTS, (*DESTINATION, "S3", "bucketName"), "other-bucket"),
        (ACCOUNTS, (*DESTINATION, "S3", "bucketPrefix"), "other"),
        (between("S3", {}, "Salesforce", {}), (*SOURCE, "S3", "bucketName"), "other-bucket"),
        (between("S3", {}, "Salesforce", {}), (*SOURCE, "S3", "bucketPrefix"), "other"),
        (between("SAPOData", {}, "S3", {}), (*SOURCE, "SAPOData", "objectPath"), "/other"),
        (between("CustomConnector", {}, "S3", {}), (*SOURCE, "CustomConnector", "entityName"), "other"),
        (between("S3", {}, "Salesforce", {}), (*DESTINATION, "Salesforce", "object"), "Lead"),
        (between("S3", {}, "Redshift", {}), (*DESTINATION, "Redshift", "object"), "other"),
        (between("S3", {}, "Snowflake", {}), (*DESTINATION, "Snowflake", "object"), "other"),
        (between("S3", {}, "EventBridge", {}), (*DESTINATION, "EventBridge", "object"), "other"),
        (between("S3", {}, "SAPOData", {}), (*DESTINATION, "SAPOData", "objectPath"), "/other"),
        (between("S3", {}, "CustomConnector", {}), (*DESTINATION, "CustomConnector", "entityName"), "other"),
        (between("S3", {}, "Upsolver", {}), (*DESTINATION, "Upsolver", "bucketName"), "upsolver-appflow-x"),
        (between("S3", {}, "Upsolver", {}), (*DESTINATION, "Upsolver", "bucketPrefix"), "other"),
        (
            between("S3", {}, "CustomerProfiles", {}),
            (*DESTINATION, "CustomerProfiles", "domainName"),
            "other",
        ),
        (
            between("S3", {}, "CustomerProfiles", {}),
            (*DESTINATION, "CustomerProfiles", "objectTypeName"),
            "o",
        ),
    ],
    ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_tf_42482_and_cdk_14452_an_immutable_member_needs_a_replacement(
    flow: Flow, path: Path, value: Json
) -> None:
    items = diff(edited(flow, path, value), flow)
    assert [item.path for item in items] == [path]
    assert replacement_items(items) == items


@pytest.mark.parametrize(
    ("flow", "path", "value"),
    [
        (ACCOUNTS, ("description",), "other"),
        (ACCOUNTS, ("triggerConfig",), {"triggerType": "OnDemand"}),
        (ACCOUNTS, ("tasks", 1, "destinationField"), "bucketName"),
        (ACCOUNTS, ("sourceFlowConfig", "connectorProfileName"), "other"),
        (ACCOUNTS, ("sourceFlowConfig", "apiVersion"), "v60"),
        (
            ACCOUNTS,
            ("sourceFlowConfig", "incrementalPullConfig"),
            {"datetimeTypeFieldName": "LastModifiedDate"},
        ),
        (ACCOUNTS, ("destinationFlowConfigList", 0, "connectorProfileName"), "other"),
        (ACCOUNTS, (*SOURCE, "Salesforce", "dataTransferApi"), "BULKV2"),
        (ACCOUNTS, (*DESTINATION, "S3", "s3OutputFormatConfig"), {"fileType": "CSV"}),
        (ACCOUNTS, ("metadataCatalogConfig",), {"glueDataCatalog": {"databaseName": "bucketName"}}),
        (between("S3", {}, "Redshift", {}), (*DESTINATION, "Redshift", "bucketPrefix"), "staging"),
        (between("S3", {}, "Snowflake", {}), (*DESTINATION, "Snowflake", "bucketPrefix"), "staging"),
        (
            between("S3", {}, "Snowflake", {}),
            (*DESTINATION, "Snowflake", "intermediateBucketName"),
            "staging",
        ),
        (
            between("S3", {}, "Salesforce", {}),
            (*DESTINATION, "Salesforce", "errorHandlingConfig"),
            {"bucketName": "errors", "bucketPrefix": "x"},
        ),
        (
            between("S3", {}, "Salesforce", {"errorHandlingConfig": {"bucketName": "errors"}}),
            (*DESTINATION, "Salesforce", "errorHandlingConfig", "bucketName"),
            "others",
        ),
        (
            between("CustomConnector", {}, "S3", {}),
            (*SOURCE, "CustomConnector", "customProperties"),
            {"object": "x"},
        ),
    ],
    ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_every_other_member_can_be_updated(flow: Flow, path: Path, value: Json) -> None:
    items = diff(edited(flow, path, value), flow)
    assert items
    assert replacement_items(items) == ()


def test_another_connector_needs_a_replacement() -> None:
    items = diff(between("S3", {"bucketName": "landing"}, "S3", {"bucketName": "lake-bucket"}), ACCOUNTS)
    assert [item.pointer for item in replacement_items(items)] == [
        "/sourceFlowConfig/connectorType",
        "/sourceFlowConfig/sourceConnectorProperties/S3",
        "/sourceFlowConfig/sourceConnectorProperties/Salesforce",
        "/destinationFlowConfigList/0/destinationConnectorProperties/S3/bucketPrefix",
    ]


def test_a_second_destination_needs_a_replacement() -> None:
    live = edited(ACCOUNTS, ("destinationFlowConfigList", 1), {"connectorType": "S3"})
    assert [item.pointer for item in replacement_items(diff(ACCOUNTS, live))] == [
        "/destinationFlowConfigList/1"
    ]


def test_an_absent_prefix_equals_an_empty_one() -> None:
    empty = edited(ACCOUNTS, (*DESTINATION, "S3", "bucketPrefix"), "")
    absent = without(ACCOUNTS, (*DESTINATION, "S3", "bucketPrefix"))
    assert replacement_items(diff(absent, empty)) == ()
    assert replacement_items(diff(empty, absent)) == ()
