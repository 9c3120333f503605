"""Intake: valid documents become changes, invalid ones a single rejection."""

from typing import Any

import pytest

from appflow_gitops.origin import DocumentVersion, Mode, Provenance
from appflow_gitops.sync.change import CHANGE_BYTES, Change
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.intake.request import EXPECTED, FlowChangeRequest, parse_request
from fakes.flow_documents import orders, text
from fakes.world import World


def queued(world: World) -> list[Change]:
    return [Change.model_validate_json(message.body) for message in world.queue.messages]


def test_each_flow_of_a_document_becomes_a_message_in_its_own_group(world: World) -> None:
    two = f"[{text(orders())}, {text(orders(flowName='returns'))}]"
    world.drop("flows/shop.json", two)
    assert [message.group for message in world.queue.messages] == ["orders", "returns"]
    assert world.bus.events == []


def test_one_bad_flow_rejects_the_whole_document_with_all_findings(world: World) -> None:
    bad = orders(flowName="returns", tasks=[])
    del bad["triggerConfig"]
    world.drop("flows/shop.json", f"[{text(orders())}, {text(bad)}]")
    assert world.queue.messages == []
    [event] = world.bus.events
    assert event.detail_type == "Flow Change Rejected"
    pointers = [finding.pointer for finding in event.data.findings if finding.severity == "error"]
    assert "/1/triggerConfig" in pointers
    assert all(finding.line for finding in event.data.findings)


def test_a_request_brings_its_flow_along(world: World) -> None:
    world.intake.handle(world.requested(orders(), commit="4f2c1a9"))
    [change] = queued(world)
    assert change.desired == orders()
    assert change.provenance.commit == "4f2c1a9"
    assert change.correlationId == "request-1"


def test_a_request_may_bring_the_text_of_a_document(world: World) -> None:
    world.intake.handle(world.requested(text(orders())))
    assert [change.flowName for change in queued(world)] == ["orders"]


def test_a_request_may_point_to_a_document_in_the_bucket(world: World) -> None:
    world.bucket.put("flows/orders.json", text(orders()), repository="shop/flows")
    pointer = DocumentVersion(bucket="documents", key="flows/orders.json")
    world.intake.handle(world.requested(pointer, commit="4f2c1a9"))
    [change] = queued(world)
    assert change.document is not None
    assert change.document.versionId == "v1"
    assert (change.provenance.commit, change.provenance.repository) == ("4f2c1a9", "shop/flows")


def test_p10_a_request_cannot_point_out_of_the_documents_bucket(world: World) -> None:
    for bucket, key in (("elsewhere", "flows/a.json"), ("documents", "private/a.json")):
        world.intake.handle(world.requested(DocumentVersion(bucket=bucket, key=key)))
    assert world.bus.outcomes == ["Rejected", "Rejected"]
    assert world.calls.count("GetObject") == 0


def test_a_repeated_event_is_queued_once(world: World) -> None:
    request = world.dropped("flows/orders.json", text(orders()))
    world.intake.handle(request)
    world.intake.handle(request)
    assert len(world.queue.messages) == 1


def test_the_same_content_dropped_again_is_another_change(world: World) -> None:
    world.drop("flows/orders.json", text(orders()))
    world.drop("flows/orders.json", text(orders()))
    assert len(world.queue.messages) == 2


def test_an_object_that_is_not_a_document_is_ignored(world: World) -> None:
    result = world.drop("flows/README.md", "# Flows")
    assert (result.changes, result.report) == ((), None)
    assert world.bus.events == []


@pytest.mark.parametrize("key", ["flows/README.md", "variables/dev.yaml", "elsewhere/orders.json"])
def test_the_deletion_of_an_object_that_is_not_a_document_costs_no_call(world: World, key: str) -> None:
    world.bucket.put(key, "")
    request = world.deleted(key)
    world.calls.made.clear()
    assert world.intake.handle(request).changes == ()
    assert world.calls.made == []


def test_a_document_that_was_deleted_before_its_event_ends_superseded(world: World) -> None:
    request = world.dropped("flows/orders.json", text(orders()))
    world.bucket.objects.clear()
    world.intake.handle(request)
    assert world.bus.outcomes == ["Superseded"]


def test_a_key_that_does_not_fit_into_a_tag_is_rejected(world: World) -> None:
    world.drop(f"flows/{'x' * 300}.json", text(orders()))
    [event] = world.bus.events
    assert event.data.outcome == "Rejected"
    assert event.data.error is not None
    assert event.data.error.code == "KeyTooLong"


def test_a_flow_name_that_does_not_fit_into_a_message_group_is_queued(world: World) -> None:
    world.intake.handle(world.requested(orders(flowName="x" * 200)))
    [message] = world.queue.messages
    assert len(message.group) <= 128


def test_a_request_that_expands_beyond_a_message_is_rejected_with_a_finding(world: World) -> None:
    tasks = [
        {
            "taskType": "Map",
            "sourceFields": ["x" * 500],
            "destinationField": "y" * 200,
            "connectorOperator": {"S3": "NO_OP"},
        }
    ]
    world.intake.handle(world.requested(orders(tasks=[*orders()["tasks"], *tasks * 2000])))
    [event] = world.bus.events
    assert event.data.outcome == "Rejected"
    [finding] = [finding for finding in event.data.findings if finding.rule == "AFG001"]
    assert f"at most {CHANGE_BYTES:,}" in finding.message
    assert world.queue.messages == []


@pytest.mark.parametrize(("spare", "outcomes"), [(0, []), (-1, ["Rejected"])])
def test_a_change_is_measured_as_it_is_sent(
    world: World, monkeypatch: pytest.MonkeyPatch, spare: int, outcomes: list[str]
) -> None:
    world.intake.handle(world.requested(orders()))
    [message] = world.queue.messages
    monkeypatch.setattr("appflow_gitops.sync.intake.intake.CHANGE_BYTES", len(message.body.encode()) + spare)
    other = World()
    other.intake.handle(other.requested(orders()))
    assert other.bus.outcomes == outcomes


def test_p3_a_request_whose_retries_are_exhausted_ends_failed_with_the_cause(world: World) -> None:
    request = world.dropped("flows/orders.json", text(orders()), commit="4f2c1a9")
    world.intake.report_exhausted(request, "SlowDown: Reduce your request rate")
    [event] = world.bus.events
    assert event.data.error is not None
    assert (event.data.outcome, event.data.error.code) == ("Failed", "RetriesExhausted")
    assert "SlowDown: Reduce your request rate" in event.data.error.message
    assert event.metadata.correlationId == request.event_id
    assert event.data.document is not None


def test_an_object_that_is_not_a_document_gets_no_final_report(world: World) -> None:
    request = world.dropped("flows/README.md", "# Flows")
    assert world.intake.report_exhausted(request, "SlowDown") is None
    assert world.bus.events == []


@pytest.mark.parametrize(
    ("actor", "accepted"), [("x" * 2035, True), ("x" * 2036, False), ("ü" * 1017, True), ("ü" * 1018, False)]
)
def test_p10_provenance_is_as_large_as_metadata_in_the_bucket_may_be(actor: str, *, accepted: bool) -> None:
    detail = {"document": "flowName: orders", "provenance": {"actor": actor}}
    if accepted:
        assert parse_request(detail).provenance.actor == actor
    else:
        with pytest.raises(PermanentError, match="expected at most 2,048"):
            parse_request(detail)


FLOW = {"flowName": "orders"}


@pytest.mark.parametrize(
    "detail",
    [
        {"document": FLOW},
        {"document": FLOW, "metadata": {"domain": "shop"}},
        {"metadata": {"domain": "shop"}, "data": {"document": FLOW}},
        {"data": {"document": FLOW, "metadata": 1}},
    ],
)
def test_a_request_may_have_metadata_and_be_wrapped_as_our_own_events(detail: dict[str, Any]) -> None:
    expected = FlowChangeRequest(document=FLOW, provenance=Provenance(), force=False, mode=Mode.APPLY)
    assert parse_request(detail) == expected


def test_a_request_is_read_in_every_member() -> None:
    detail = {"document": "text", "provenance": {"commit": "4f2c1a9"}, "force": True, "mode": "plan"}
    expected = FlowChangeRequest(
        document="text", provenance=Provenance(commit="4f2c1a9"), force=True, mode=Mode.PLAN
    )
    assert parse_request(detail) == expected


@pytest.mark.parametrize("version", [{}, {"versionId": "v1"}, {"versionId": None}])
def test_a_request_may_point_to_a_document_and_its_version(version: dict[str, Any]) -> None:
    detail = {"document": {"bucket": "b", "key": "flows/a.json", **version}}
    expected = DocumentVersion(bucket="b", key="flows/a.json", versionId=version.get("versionId"))
    assert parse_request(detail).document == expected


@pytest.mark.parametrize("document", [{"bucket": "b"}, {"key": "k"}, {}, [], [FLOW]])
def test_any_other_object_or_list_is_the_document_itself(document: Any) -> None:
    assert parse_request({"document": document}).document == document


@pytest.mark.parametrize(
    ("detail", "message"),
    [
        ({}, "missing key 'document'"),
        ({"data": []}, "missing key 'document'"),
        ({"data": {"metadata": {}}, "document": FLOW}, "missing key 'document'"),
        ({"document": FLOW, "owner": "jo", "mode": "test"}, "unknown key or invalid value: 'mode', 'owner'"),
        ({"document": FLOW, "force": "true"}, "unknown key or invalid value: 'force'"),
        ({"document": 1}, "unknown key or invalid value: 'document'"),
        ({"document": {"bucket": "b", "key": 1}}, "unknown key or invalid value: 'key'"),
        ({"document": FLOW, "provenance": []}, "unknown key or invalid value: 'provenance'"),
    ],
)
def test_a_request_that_cannot_be_read_names_what_was_found_and_expected(
    detail: dict[str, Any], message: str
) -> None:
    with pytest.raises(PermanentError) as caught:
        parse_request(detail)
    assert (caught.value.code, caught.value.message) == ("InvalidRequest", f"{message}; {EXPECTED}")
