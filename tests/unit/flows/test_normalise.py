"""Known differences between a request and its DescribeFlow response are in sync; all others are reported."""

import copy

import pytest

from appflow_gitops.findings import Json, Path
from appflow_gitops.flows.diff import diff
from appflow_gitops.flows.live import parse_flow
from appflow_gitops.flows.normalise import canonicalised, live_partner_sources, normalise
from generators.small_flows import (
    PARTNER,
    START,
    UPDATED_AT,
    Flow,
    accounts,
    edited,
    map_all,
    mapping,
    projection,
    without,
)

ACCOUNTS = accounts()
SALESFORCE = ("sourceFlowConfig", "sourceConnectorProperties", "Salesforce")
DESTINATION = ("destinationFlowConfigList", 0)
S3 = (*DESTINATION, "destinationConnectorProperties", "S3")
SCHEDULED = ("triggerConfig", "triggerProperties", "Scheduled")
ON_DEMAND = edited(ACCOUNTS, ("triggerConfig",), {"triggerType": "OnDemand"})


def to(connector: str, properties: Flow, flow: Flow = ACCOUNTS) -> Flow:
    return edited(
        flow,
        DESTINATION,
        {"connectorType": connector, "destinationConnectorProperties": {connector: properties}},
    )


def with_tasks(*tasks: Flow) -> Flow:
    return ACCOUNTS | {"tasks": [*tasks]}


def test_empty_trigger_properties_of_an_on_demand_flow_are_in_sync() -> None:
    assert diff(ON_DEMAND, edited(ON_DEMAND, ("triggerConfig", "triggerProperties"), {})) == ()


def test_a_resolved_kms_key_and_read_only_members_are_in_sync() -> None:
    described = ACCOUNTS | {
        "flowArn": "arn:aws:appflow:eu-west-1:111122223333:flow/accounts",
        "flowStatus": "Active",
        "flowStatusMessage": "",
        "kmsArn": "arn:aws:kms:eu-west-1:111122223333:key/1",
        "createdAt": 1,
        "createdBy": "a",
        "lastUpdatedAt": 2,
        "lastUpdatedBy": "b",
        "lastRunExecutionDetails": {},
        "lastRunMetadataCatalogDetails": [],
        "schemaVersion": 3,
        "tags": {"team": "data"},
    }
    assert diff(ACCOUNTS, described) == ()
    assert diff(ACCOUNTS, parse_flow(described).configuration) == ()


@pytest.mark.parametrize(
    ("member", "filler", "other"),
    [
        ("dataTransferApi", "AUTOMATIC", "BULKV2"),
        ("enableDynamicFieldUpdate", False, True),
        ("includeDeletedRecords", False, True),
    ],
)
def test_defaults_of_a_salesforce_source_are_in_sync(member: str, filler: Json, other: Json) -> None:
    path = (*SALESFORCE, member)
    assert diff(ACCOUNTS, edited(ACCOUNTS, path, filler)) == ()
    assert diff(edited(ACCOUNTS, path, filler), ACCOUNTS) == ()
    (item,) = diff(ACCOUNTS, edited(ACCOUNTS, path, other))
    assert (item.op, item.path, item.live, item.desired) == ("remove", path, other, None)


@pytest.mark.parametrize("member", ["includeAllVersions", "includeRenditions", "includeSourceFiles"])
def test_false_in_a_veeva_source_equals_an_absent_member(member: str) -> None:
    path = ("sourceFlowConfig", "sourceConnectorProperties", "Veeva", member)
    veeva = edited(ACCOUNTS, path[:-1], {"object": "documents"})
    assert diff(veeva, edited(veeva, path, value=False)) == ()
    assert [item.op for item in diff(veeva, edited(veeva, path, value=True))] == ["remove"]


def test_fail_on_first_destination_error_false_is_in_sync() -> None:
    sent = to("Salesforce", {"object": "Contact"})
    described = to(
        "Salesforce", {"object": "Contact", "errorHandlingConfig": {"failOnFirstDestinationError": False}}
    )
    assert diff(sent, described) == ()


def test_empty_task_properties_are_in_sync() -> None:
    assert diff(ACCOUNTS, edited(ACCOUNTS, ("tasks", 1, "taskProperties"), {})) == ()


def test_tf_35992_and_awscc_775_tasks_generated_by_map_all_are_in_sync() -> None:
    typed: Flow = {"taskProperties": {"SOURCE_DATA_TYPE": "string", "DESTINATION_DATA_TYPE": "string"}}
    generated = [projection("Id", "Name"), mapping("Id", "Id") | typed, mapping("Name", "Name") | typed]
    assert diff(with_tasks(map_all()), with_tasks(*generated, map_all())) == ()


def test_tf_43591_task_order_is_in_sync() -> None:
    tasks = ACCOUNTS["tasks"]
    assert isinstance(tasks, list)
    assert diff(ACCOUNTS, edited(ACCOUNTS, ("tasks",), tasks[::-1])) == ()


def test_tf_35992_a_blank_source_field_of_map_all_equals_an_empty_list() -> None:
    blank = map_all() | {"sourceFields": [""]}
    assert diff(with_tasks(blank), with_tasks(map_all())) == ()


def test_tf_37478_preserve_source_data_typing_false_equals_an_absent_member() -> None:
    path = (*S3, "s3OutputFormatConfig", "preserveSourceDataTyping")
    parquet = edited(ACCOUNTS, (*S3, "s3OutputFormatConfig"), {"fileType": "PARQUET"})
    assert diff(edited(parquet, path, False), parquet) == ()
    assert [item.op for item in diff(edited(parquet, path, True), parquet)] == ["add"]


def test_tf_41670_first_execution_from_is_in_sync_when_appflow_does_not_return_it() -> None:
    path = (*SCHEDULED, "firstExecutionFrom")
    sent = edited(ACCOUNTS, path, START)
    assert diff(sent, ACCOUNTS) == ()
    assert [item.path for item in diff(sent, edited(ACCOUNTS, path, START + 1))] == [path]
    assert [item.op for item in diff(ACCOUNTS, sent)] == ["remove"]


def test_a_schedule_offset_of_zero_equals_an_absent_one() -> None:
    path = (*SCHEDULED, "scheduleOffset")
    assert diff(edited(ACCOUNTS, path, 0), ACCOUNTS) == ()
    assert diff(ACCOUNTS, edited(ACCOUNTS, path, 0)) == ()
    assert [item.path for item in diff(ACCOUNTS, edited(ACCOUNTS, path, 60))] == [path]


@pytest.mark.parametrize(
    "described",
    [
        {},
        {"fileType": "JSON"},
        {"prefixConfig": {}},
        {"prefixConfig": {"pathPrefixHierarchy": []}},
        {"aggregationConfig": {}},
        {"aggregationConfig": {"aggregationType": "None", "targetFileSize": 0}},
        {"fileType": "JSON", "prefixConfig": {}, "aggregationConfig": {"aggregationType": "None"}},
    ],
)
def test_defaults_of_the_output_format_are_in_sync(described: Flow) -> None:
    assert diff(ACCOUNTS, edited(ACCOUNTS, (*S3, "s3OutputFormatConfig"), described)) == ()


@pytest.mark.parametrize(
    "described",
    [
        {"fileType": "CSV"},
        {"prefixConfig": {"prefixType": "PATH"}},
        {"prefixConfig": {"pathPrefixHierarchy": ["EXECUTION_ID"]}},
        {"aggregationConfig": {"aggregationType": "SingleFile"}},
        {"aggregationConfig": {"targetFileSize": 128}},
        {"preserveSourceDataTyping": True},
    ],
)
def test_a_manually_set_output_format_is_a_difference(described: Flow) -> None:
    (item,) = diff(ACCOUNTS, edited(ACCOUNTS, (*S3, "s3OutputFormatConfig"), described))
    assert (item.op, item.live, item.desired) == ("remove", described, None)


@pytest.mark.parametrize("described", [START, float(START), START + 0.868])
def test_times_are_compared_in_whole_seconds(described: float) -> None:
    path = (*SCHEDULED, "scheduleEndTime")
    assert diff(edited(ACCOUNTS, path, START), edited(ACCOUNTS, path, described)) == ()
    assert diff(edited(ACCOUNTS, path, described), edited(ACCOUNTS, path, START)) == ()


@pytest.mark.parametrize("described", [{}, {"glueDataCatalog": {}}, {"glueDataCatalog": None}])
def test_an_empty_metadata_catalog_equals_an_absent_one(described: Flow) -> None:
    assert diff(ACCOUNTS, edited(ACCOUNTS, ("metadataCatalogConfig",), described)) == ()


def test_a_manually_set_metadata_catalog_is_a_difference() -> None:
    catalog: Flow = {"glueDataCatalog": {"databaseName": "lake", "roleArn": "arn", "tablePrefix": "crm"}}
    assert [item.op for item in diff(ACCOUNTS, ACCOUNTS | {"metadataCatalogConfig": catalog})] == ["remove"]


def test_an_event_bridge_object_equals_its_partner_event_source() -> None:
    described = to("EventBridge", {"object": PARTNER + "accounts"})
    assert diff(to("EventBridge", {"object": "accounts"}), described) == ()
    assert diff(to("EventBridge", {"object": PARTNER + "accounts"}), described) == ()


def test_each_of_several_partner_event_sources_is_recognised() -> None:
    names = ("accounts", "contacts", "orders")
    sent, described = (
        to("S3", {"bucketName": "lake"})
        | {"destinationFlowConfigList": [to("S3", {})["destinationFlowConfigList"][0], *buses]}
        for buses in (
            [to("EventBridge", {"object": prefix + name})["destinationFlowConfigList"][0] for name in names]
            for prefix in ("", PARTNER)
        )
    )
    assert diff(sent, described) == ()
    assert live_partner_sources(sent, described) == {
        index: PARTNER + name for index, name in enumerate(names, start=1)
    }


@pytest.mark.parametrize("sent", ["orders", "ccounts", PARTNER + "orders", "aws.partner/other/1/accounts"])
def test_another_event_bridge_object_is_a_difference(sent: str) -> None:
    described = to("EventBridge", {"object": PARTNER + "accounts"})
    assert [item.op for item in diff(to("EventBridge", {"object": sent}), described)] == ["change"]


# A start in the past


def test_a_rolled_start_is_in_sync() -> None:
    live = edited(ACCOUNTS, (*SCHEDULED, "scheduleStartTime"), START + 10 * 86_400)
    assert diff(ACCOUNTS, live, updated_at=UPDATED_AT) == ()
    assert diff(ACCOUNTS, live) == ()


@pytest.mark.parametrize("live_start", [START + 3_600, START - 86_400, START + 300 * 86_400])
def test_a_start_that_was_not_rolled_is_a_difference(live_start: int) -> None:
    path = (*SCHEDULED, "scheduleStartTime")
    (item,) = diff(ACCOUNTS, edited(ACCOUNTS, path, live_start), updated_at=UPDATED_AT)
    assert (item.op, item.path, item.live, item.desired) == ("change", path, live_start, START)


# Map_all and the user's own tasks beside it

OWN_FILTER: Flow = {
    "taskType": "Filter",
    "sourceFields": ["Region"],
    "connectorOperator": {"Salesforce": "EQUAL_TO"},
    "taskProperties": {"VALUE": "EU"},
}
OWN_MASK: Flow = {
    "taskType": "Mask",
    "sourceFields": ["Email"],
    "destinationField": "Email",
    "connectorOperator": {"Salesforce": "MASK_ALL"},
    "taskProperties": {"MASK_VALUE": "*"},
}
GENERATED = (projection("Id", "Name"), mapping("Id", "Id"), mapping("Name", "Name"))


@pytest.mark.parametrize("own", [OWN_FILTER, OWN_MASK, mapping("Name", "FullName")])
def test_a_task_of_the_user_beside_map_all_is_compared(own: Flow) -> None:
    assert diff(with_tasks(map_all(), own), with_tasks(*GENERATED, own, map_all())) == ()
    (added,) = diff(with_tasks(map_all(), own), with_tasks(*GENERATED, map_all()))
    assert (added.op, added.path, added.desired) == ("add", ("tasks", 1), own)
    (removed,) = diff(with_tasks(map_all()), with_tasks(*GENERATED, own, map_all()))
    assert (removed.op, removed.path, removed.live) == ("remove", ("tasks", 3), own)


def test_a_changed_filter_beside_map_all_is_reported_inside_it() -> None:
    live_filter = edited(OWN_FILTER, ("taskProperties", "VALUE"), "US")
    (item,) = diff(with_tasks(map_all(), OWN_FILTER), with_tasks(*GENERATED, live_filter, map_all()))
    assert (item.op, item.pointer, item.live, item.desired) == (
        "change",
        "/tasks/1/taskProperties/VALUE",
        "US",
        "EU",
    )


def test_a_declared_projection_beside_map_all_is_compared_with_the_live_one() -> None:
    (item,) = diff(with_tasks(map_all(), projection("Id")), with_tasks(*GENERATED, map_all()))
    assert (item.pointer, item.live, item.desired) == ("/tasks/1/sourceFields", ["Id", "Name"], ["Id"])


@pytest.mark.parametrize(
    "extra",
    [
        mapping("Id", "Id") | {"connectorOperator": {"Salesforce": "ADDITION"}},
        mapping("Id", "Id") | {"taskProperties": {"VALUE": "1"}},
        mapping("Id", "Key"),
        {"taskType": "Truncate", "sourceFields": ["Id"], "destinationField": "Id"},
        mapping("Id", "Id") | {"sourceFields": ["Id", "Name"]},
    ],
)
def test_a_task_that_map_all_does_not_generate_is_a_difference(extra: Flow) -> None:
    (item,) = diff(with_tasks(map_all()), with_tasks(*GENERATED, extra, map_all()))
    assert (item.op, item.live) == ("remove", extra)


def test_a_map_of_a_field_excluded_from_map_all_is_not_generated() -> None:
    leaving_out = map_all(EXCLUDE_SOURCE_FIELDS_LIST='["Name"]')
    (item,) = diff(with_tasks(leaving_out), with_tasks(projection("Id"), *GENERATED[1:], leaving_out))
    assert item.live == mapping("Name", "Name")


def test_a_projection_without_all_mapped_fields_is_not_generated() -> None:
    (item,) = diff(with_tasks(map_all()), with_tasks(*GENERATED, projection("Id"), map_all()))
    assert item.live == projection("Id")


def test_the_only_projection_is_not_generated_if_it_lacks_a_field() -> None:
    (item,) = diff(with_tasks(map_all()), with_tasks(projection("Id"), *GENERATED[1:], map_all()))
    assert item.live == projection("Id")


def test_without_map_all_on_both_sides_every_live_task_is_compared() -> None:
    assert [item.op for item in diff(with_tasks(map_all()), with_tasks(*GENERATED))] == [
        "add",
        *["remove"] * 3,
    ]
    assert [item.op for item in diff(with_tasks(), with_tasks(*GENERATED, map_all()))] == ["remove"] * 4


@pytest.mark.parametrize("text", ["[]", " [ ] ", "[\n]"])
def test_an_empty_exclusion_list_equals_an_absent_one(text: str) -> None:
    assert diff(with_tasks(map_all(EXCLUDE_SOURCE_FIELDS_LIST=text)), with_tasks(map_all())) == ()


def test_spaces_and_order_of_an_exclusion_list_are_ignored() -> None:
    one, other = (
        map_all(EXCLUDE_SOURCE_FIELDS_LIST='["a","b"]'),
        map_all(EXCLUDE_SOURCE_FIELDS_LIST='[ "b", "a" ]'),
    )
    assert diff(with_tasks(one), with_tasks(other)) == ()
    assert diff(with_tasks(one), with_tasks(map_all(EXCLUDE_SOURCE_FIELDS_LIST='["a"]'))) != ()


@pytest.mark.parametrize("text", ["", "not json", "[1]", "{}", "[" * 100_000])
def test_an_invalid_exclusion_list_is_compared_verbatim(text: str) -> None:
    odd = with_tasks(map_all(EXCLUDE_SOURCE_FIELDS_LIST=text))
    assert diff(odd, odd) == ()
    assert len(diff(odd, with_tasks(map_all()))) == 1


# Spelling and emptiness


def test_the_order_of_fields_matters_in_a_merge_but_not_in_a_projection() -> None:
    assert diff(with_tasks(projection("a", "b")), with_tasks(projection("b", "a"))) == ()
    merge: Flow = {"taskType": "Merge", "sourceFields": ["a", "b"], "destinationField": "a,b"}
    assert len(diff(with_tasks(merge), with_tasks(merge | {"sourceFields": ["b", "a"]}))) == 1


@pytest.mark.parametrize("member", ["idFieldNames"])
def test_the_order_of_other_lists_is_a_difference(member: str) -> None:
    one, other = (
        to("Salesforce", {"object": "a", member: ["x", "y"]}),
        to("Salesforce", {"object": "a", member: ["y", "x"]}),
    )
    assert len(diff(one, other)) == 1


@pytest.mark.parametrize(
    ("path", "empty"),
    [
        (("description",), ""),
        (("description",), None),
        ((*S3, "bucketPrefix"), ""),
        ((*DESTINATION, "apiVersion"), None),
        (("sourceFlowConfig", "incrementalPullConfig"), {}),
    ],
)
def test_an_empty_member_equals_an_absent_one(path: Path, empty: Json) -> None:
    absent = without(edited(ACCOUNTS, path, "x"), path)
    assert diff(absent, edited(absent, path, empty)) == ()
    assert diff(edited(absent, path, empty), absent) == ()


def test_a_filter_for_an_empty_value_differs_from_one_without_a_value() -> None:
    path = ("taskProperties", "VALUE")
    assert len(diff(with_tasks(edited(OWN_FILTER, path, "")), with_tasks(without(OWN_FILTER, path)))) == 1


def test_a_connector_without_properties_is_still_a_connector() -> None:
    properties: Path = (*DESTINATION, "destinationConnectorProperties")
    items = diff(to("LookoutMetrics", {}), ACCOUNTS)
    assert [(item.op, item.path) for item in items] == [
        ("change", (*DESTINATION, "connectorType")),
        ("add", (*properties, "LookoutMetrics")),
        ("remove", (*properties, "S3")),
    ]


def test_zero_and_false_are_not_equal() -> None:
    path = (*SALESFORCE, "enableDynamicFieldUpdate")
    assert len(diff(edited(ACCOUNTS, path, False), edited(ACCOUNTS, path, 0))) == 1


def test_the_normal_form_has_no_defaults() -> None:
    described = edited(ACCOUNTS, (*SALESFORCE, "dataTransferApi"), "AUTOMATIC") | {
        "clientToken": "x",
        "kmsArn": "y",
    }
    assert normalise(described) == normalise(ACCOUNTS) == ACCOUNTS


def test_undoing_service_edits_does_not_change_the_live_flow() -> None:
    live = edited(ACCOUNTS, (*SCHEDULED, "scheduleStartTime"), START + 86_400)
    before = copy.deepcopy(live)
    assert diff(ACCOUNTS, live) == ()
    assert live == before


def test_canonicalising_keeps_explicit_defaults() -> None:
    stated = edited(ACCOUNTS, (*SALESFORCE, "dataTransferApi"), "AUTOMATIC")
    assert canonicalised(stated) == stated


@pytest.mark.parametrize("member", ["scheduleStartTime", "scheduleEndTime", "firstExecutionFrom"])
@pytest.mark.parametrize(
    ("written", "canonical"), [(START + 0.9, START), (float(START), START), (float("inf"), float("inf"))]
)
def test_each_time_of_a_schedule_has_whole_seconds(member: str, written: float, canonical: float) -> None:
    path = (*SCHEDULED, member)
    assert canonicalised(edited(ACCOUNTS, path, written)) == edited(ACCOUNTS, path, canonical)


def test_excluded_fields_are_shown_in_order_and_as_they_are_spelled() -> None:
    sent, live = (map_all(EXCLUDE_SOURCE_FIELDS_LIST=text) for text in ('["\u00fc","a"]', '["b"]'))
    [item] = diff(with_tasks(sent), with_tasks(live))
    assert (item.live, item.desired) == ('["b"]', '["a", "\u00fc"]')


def test_a_projection_of_any_values_has_a_canonical_form() -> None:
    odd = projection() | {"sourceFields": ["b", 1, "a"]}
    assert canonicalised(with_tasks(odd))["tasks"] == [odd | {"sourceFields": [1, "a", "b"]}]
