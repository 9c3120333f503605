"""The current policy and variables count, at intake and again when a change is applied."""

import json
from typing import Any, cast

import pytest

from appflow_gitops.flows.canonical import content_digest
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.status.events import StatusEvent
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.errors import PermanentError, TransientError
from appflow_gitops.sync.ports import StoredDocument
from appflow_gitops.sync.stored_environment import StoredEnvironment
from appflow_gitops.validation.validate import validate
from fakes.bucket import BUCKET
from fakes.flow_documents import orders, text
from fakes.world import World

KEY = "flows/sales/orders.json"
POLICY = "policy.yaml"
SALES_ONLY = "documents: [{prefix: flows/sales/, flows: [sales-*]}]\n"
EVERYTHING = "documents: [{prefix: flows/, flows: ['*']}]\nrequests: {flows: ['*']}\n"


def sales(**changes: Any) -> dict[str, Any]:
    return orders(**{"flowName": "sales-orders", **changes})


@pytest.fixture
def guarded(world: World) -> World:
    """A deployment with a policy, and two flows that were created by hand."""
    world.bucket.put(POLICY, SALES_ONLY)
    world.flows.edit(sales(description="before"))
    world.flows.edit(orders(flowName="hr-payroll", description="before"))
    return world


def rules(event: StatusEvent) -> list[tuple[str, str]]:
    return [(finding.rule, finding.pointer) for finding in event.data.findings]


def test_a_document_changes_the_flows_that_its_folder_is_allowed(guarded: World) -> None:
    [event] = guarded.apply(KEY, text(sales()))
    assert event.data.outcome == "Applied"


def test_a_document_that_names_another_flow_is_rejected(guarded: World) -> None:
    [event] = guarded.apply(KEY, text(orders(flowName="hr-payroll")))
    assert (event.data.outcome, event.data.flowName) == ("Rejected", "hr-payroll")
    [finding] = event.data.findings
    assert (finding.rule, finding.pointer, finding.line, finding.column) == ("AFG301", "/flowName", 2, 15)
    assert guarded.calls.count("UpdateFlow") == 0


def test_one_flow_that_is_not_allowed_rejects_the_whole_document(guarded: World) -> None:
    both = f"[{text(sales())}, {text(orders(flowName='hr-payroll'))}]"
    [event] = guarded.apply(KEY, both)
    assert rules(event) == [("AFG301", "/1/flowName")]


def test_a_request_is_allowed_what_the_policy_grants_to_requests(guarded: World) -> None:
    guarded.intake.handle(guarded.requested(sales()))
    guarded.bucket.put(POLICY, SALES_ONLY + "requests: {flows: [sales-*]}\n")
    guarded.intake.handle(guarded.requested(sales()))
    guarded.intake.handle(guarded.requested(text(orders(flowName="hr-payroll"))))
    guarded.settle()
    assert [event.data.outcome for event in guarded.bus.events] == ["Rejected", "Rejected", "Applied"]


def test_a_request_that_points_to_a_document_is_bound_by_that_documents_folder(guarded: World) -> None:
    guarded.bucket.put(KEY, text(sales()))
    guarded.intake.handle(guarded.requested(DocumentVersion(bucket=BUCKET, key=KEY)))
    guarded.settle()
    assert guarded.bus.outcomes == ["Applied"]


@pytest.mark.parametrize("broken", ["", "documents: [", "document: []", "\ufffe"])
def test_a_broken_policy_allows_nothing(guarded: World, broken: str) -> None:
    guarded.bucket.put(POLICY, broken)
    guarded.intake.handle(guarded.requested(sales()))
    guarded.apply(KEY, text(sales()))
    assert [rules(event) for event in guarded.bus.events] == [[("AFG310", "/flowName")]] * 2
    assert guarded.queue.messages == []


@pytest.mark.parametrize("policy", [SALES_ONLY.replace("sales-*", "sales-returns"), "documents: ["])
def test_p10_a_waiting_change_is_bound_by_the_current_policy(guarded: World, policy: str) -> None:
    guarded.drop(KEY, text(sales()))
    guarded.bucket.put(POLICY, policy)
    guarded.settle()
    [event] = guarded.bus.events
    assert (event.data.outcome, event.data.flowName) == ("Rejected", "sales-orders")
    assert rules(event)[0][1] == "/flowName"
    assert guarded.calls.count("UpdateFlow") == 0


def test_p10_a_forged_message_cannot_bypass_the_policy(guarded: World) -> None:
    stored = guarded.bucket.put("flows/sales/hr.json", text(orders(flowName="hr-payroll")))
    forged = Change(
        identity="1",
        flowName="hr-payroll",
        correlationId="x",
        requestedAt="2026-03-02T08:20:00Z",
        document=stored,
    )
    brought = {"identity": "2", "document": None, "desired": orders(flowName="hr-payroll")}
    guarded.queue.send([forged, forged.model_copy(update=brought)])
    guarded.settle()
    assert [rules(event)[0] for event in guarded.bus.events] == [("AFG301", "/flowName")] * 2
    assert guarded.calls.count("UpdateFlow") == 0


def test_p10_a_broken_policy_rejects_a_change_without_reading_the_history(guarded: World) -> None:
    guarded.drop(KEY, text(sales()))
    for number in range(5):
        guarded.bucket.put(KEY, text(sales(description=f"version {number}")))
    guarded.bucket.put(POLICY, "documents: [")
    guarded.calls.made.clear()
    [event] = guarded.deliver()
    assert (event.data.outcome, rules(event)[0][0]) == ("Rejected", "AFG310")
    assert guarded.calls.count("GetObject") == 2  # the policy and the latest version


def test_a_flow_is_created_only_where_the_policy_allows_it(guarded: World) -> None:
    guarded.may_create = True
    guarded.bucket.put(POLICY, SALES_ONLY.replace("}]", ", create: false}]"))
    two = json.dumps([sales(), sales(flowName="sales-new")], indent=2)
    applied, rejected = guarded.apply(KEY, two)
    assert (applied.data.outcome, rejected.data.outcome) == ("Applied", "Rejected")
    [finding] = rejected.data.findings
    assert (finding.rule, finding.pointer) == ("AFG305", "/1/flowName")
    assert two.splitlines()[(finding.line or 0) - 1] == '    "flowName": "sales-new",'
    assert guarded.calls.count("CreateFlow") == 0
    guarded.bucket.put(POLICY, SALES_ONLY)
    assert [event.data.action for event in guarded.apply(KEY, two)] == ["unchanged", "create"]


def test_p2_a_stricter_policy_re_applies_no_earlier_version(guarded: World) -> None:
    guarded.bucket.put(POLICY, EVERYTHING)
    late = guarded.dropped(KEY, text(sales(description="first")))
    guarded.apply(KEY, json.dumps([sales(description="second"), orders(flowName="hr-payroll")]))
    guarded.bucket.put(POLICY, SALES_ONLY)
    guarded.intake.handle(late)
    guarded.settle()
    assert guarded.flows.configuration("sales-orders")["description"] == "second"
    assert guarded.bus.outcomes == ["Applied", "Applied", "Superseded"]


def test_a_document_that_may_no_longer_change_a_flow_loses_it(guarded: World) -> None:
    guarded.bucket.put(POLICY, EVERYTHING)
    guarded.apply("flows/old.json", text(sales()))
    [refused] = guarded.apply(KEY, text(sales(description="moved")))
    assert refused.data.outcome == "Rejected"
    guarded.bucket.put(POLICY, SALES_ONLY)
    [event] = guarded.apply(KEY, text(sales(description="moved at last")))
    assert event.data.outcome == "Applied"


def test_each_change_reads_the_policy_once(guarded: World) -> None:
    guarded.bucket.put("flows/sales/old.json", text(sales()))
    guarded.apply("flows/sales/old.json", text(sales()))
    before = guarded.calls.made.count(("GetObject", POLICY))
    guarded.apply(KEY, text(sales(description="from another document")))
    assert guarded.bus.outcomes[-1] == "Rejected"
    in_intake_and_apply = 2
    assert guarded.calls.made.count(("GetObject", POLICY)) - before == in_intake_and_apply


def test_an_unreadable_policy_allows_nothing(guarded: World) -> None:
    request = guarded.dropped(KEY, text(sales()))
    denied = PermanentError("AccessDenied", "Access Denied")
    guarded.calls.fail("GetObject", denied)
    guarded.intake.handle(request)
    [event] = guarded.bus.events
    assert event.data.error
    assert (event.data.outcome, event.data.error.code) == ("Failed", "AccessDenied")
    assert guarded.queue.messages == []


def test_a_policy_that_cannot_be_read_now_is_retried(guarded: World) -> None:
    guarded.drop(KEY, text(sales()))
    guarded.calls.fail("GetObject", TransientError("SlowDown", "Reduce your request rate"))
    assert guarded.deliver() == []
    guarded.settle()
    assert guarded.bus.outcomes == ["Applied"]


@pytest.mark.parametrize(
    ("key", "content", "rule", "line"),
    [
        (POLICY, "documents:\n- {prefix: flows/sales/}\n", "AFG311", 2),
        ("variables/prod.yaml", "LAKE: prod\nTEAM: [sales]\n", "AFG034", 2),
    ],
)
def test_an_invalid_policy_or_variables_file_is_reported_when_it_is_dropped(
    world: World, key: str, content: str, rule: str, line: int
) -> None:
    [event] = world.apply(key, content)
    assert event.data.document
    assert (event.data.outcome, event.data.document.key) == ("Rejected", key)
    [finding] = event.data.findings
    assert (finding.rule, finding.line) == (rule, line)


@pytest.mark.parametrize(
    ("key", "content"),
    [
        (POLICY, SALES_ONLY),
        ("variables/prod.yaml", "LAKE: prod\n"),
        ("variables/prod.yaml", "NUMBER: 010\n"),  # a warning: other programs read 8
        ("variables/README.md", "# Stages\n"),
    ],
)
def test_a_valid_policy_or_variables_file_is_ignored(world: World, key: str, content: str) -> None:
    assert world.apply(key, content) == []
    assert world.calls.count("SendMessageBatch") == 0


# Variables


@pytest.fixture
def prod() -> World:
    world = World(environment="prod")
    world.bucket.put("variables/prod.yaml", "LAKE: prod-lake\nTEXT: Orders of ${env.LAKE}\n")
    world.bucket.put("variables/dev.yaml", "LAKE: dev-lake\n")
    world.flows.edit(orders(description="before"))
    return world


def into(field: str) -> dict[str, Any]:
    flow = orders()
    flow["tasks"][1]["destinationField"] = field
    return flow


def test_a_document_gets_the_values_of_its_environment(prod: World) -> None:
    [event] = prod.apply("flows/orders.json", text(into("${env.LAKE}")))
    assert event.data.outcome == "Applied"
    fields = {task.get("destinationField") for task in prod.flows.configuration("orders")["tasks"]}
    assert "prod-lake" in fields


def test_the_digest_covers_the_values_of_variables(prod: World) -> None:
    [event] = prod.apply("flows/orders.json", text(into("${env.LAKE}")))
    [flow] = validate(text(into("prod-lake")).encode(), "orders.json").flows
    assert flow.document
    assert event.data.contentDigest == content_digest(flow.document.request)


def test_an_undefined_variable_rejects_the_document(prod: World) -> None:
    [event] = prod.apply("flows/orders.json", text(into("${env.LAKES}")))
    assert event.data.outcome == "Rejected"
    [finding] = event.data.findings
    assert (finding.rule, finding.pointer) == ("AFG030", "/tasks/1/destinationField")
    assert '"${env.LAKES}"' in text(into("${env.LAKES}")).splitlines()[(finding.line or 0) - 1]


def test_new_values_apply_when_the_document_is_dropped_again(prod: World) -> None:
    prod.apply("flows/orders.json", text(into("${env.LAKE}")))
    prod.bucket.put("variables/prod.yaml", "LAKE: new-lake\n")
    [event] = prod.apply("flows/orders.json", text(into("${env.LAKE}")))
    assert event.data.outcome == "Applied"
    fields = {task.get("destinationField") for task in prod.flows.configuration("orders")["tasks"]}
    assert "new-lake" in fields
    assert "prod-lake" not in fields


@pytest.mark.parametrize("description", ["${env.TEXT}", "Orders of $${env.LAKE}"])
def test_variables_in_a_request_are_substituted_once(prod: World, description: str) -> None:
    prod.intake.handle(prod.requested(orders(tags={"note": "x"}, tasks=formatted(description))))
    [message] = prod.queue.messages
    assert "Orders of ${env.LAKE}" in message.body
    prod.settle()
    assert "Orders of ${env.LAKE}" in json.dumps(prod.flows.configuration("orders")["tasks"])


def formatted(text: str) -> list[dict[str, Any]]:
    """The tasks of ``orders``, with a text in a place where AppFlow takes any."""
    [projection, first, second] = orders()["tasks"]
    return [projection, {**first, "taskProperties": {"SOURCE_DATA_TYPE": text}}, second]


def test_an_environment_without_a_name_has_no_variables(world: World) -> None:
    world.bucket.put("variables/.yaml", "LAKE: prod-lake\n")
    [event] = world.apply("flows/orders.json", text(into("${env.LAKE}")))
    assert rules(event)[0][0] == "AFG030"
    assert world.calls.made.count(("GetObject", "variables/.yaml")) == 0


def test_a_listed_file_is_read_with_its_etag_and_a_missing_one_not_at_all(world: World) -> None:
    """With the ETag, a cache answers without a call."""
    world.bucket.put(POLICY, EVERYTHING)
    world.bucket.put("variables/dev.yaml", "WHAT: new")
    top, asked = world.bucket.top_level(BUCKET), []

    class Recorder:
        def read(self, version: DocumentVersion) -> StoredDocument | None:
            asked.append((version.key, version.eTag))
            return world.bucket.read(version)

    environment = StoredEnvironment(cast("Any", Recorder()), BUCKET, "dev", is_paused=False)
    listed = environment.read(top)
    assert asked == [(POLICY, top.objects[POLICY]), ("variables/dev.yaml", None)]
    asked.clear()
    assert environment.read() == listed
    assert asked == [(POLICY, None), ("variables/dev.yaml", None), ("paused.yaml", None)]


def test_an_ambiguous_policy_is_reported_and_rejects_changes_instead_of_blocking_them(world: World) -> None:
    world.flows.edit(orders(description="before"))
    policy = "documents: [{prefix: flows/, flows: ['*']}]\npaused: [{flows: [a], reason: 08}]\n"
    assert world.drop("policy.yaml", policy).report
    world.apply("flows/orders.json", text(orders()))
    assert world.bus.outcomes == ["Rejected", "Rejected"]
    [finding] = world.bus.events[-1].data.findings
    assert finding.message == (
        "the policy is invalid: policy.yaml, line 2: '08' is read as text; YAML 1.2 reads 8"
    )
