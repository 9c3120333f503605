"""Schema drift is reported once per change, with the flows and tasks that it concerns."""

from typing import Any

import pytest

from appflow_gitops.origin import DocumentVersion
from appflow_gitops.status.schema_drift import (
    SchemaDriftData,
    SchemaDriftEvent,
    SchemaDriftEventReporter,
    render_schema_drift,
)
from appflow_gitops.sync.declaration import Declaration
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.field_check import FieldChecker
from appflow_gitops.sync.schema_drift.detector import SchemaDriftDetector, SchemaScan
from appflow_gitops.sync.schema_drift.report import SchemaDriftReport
from appflow_gitops.sync.schema_drift.state import read_schema_state
from appflow_gitops.validation.environment import NO_ENVIRONMENT, Environment
from appflow_gitops.validation.fields.entity import EntityKey
from appflow_gitops.validation.policy.read import read_policy
from appflow_gitops.validation.validate import validate_value
from fakes.bus import FakeBus
from fakes.calls import Calls
from fakes.clock import FakeClock
from fakes.connectors import FakeConnectors, connector_field
from fakes.flow_documents import accounts
from fakes.scan_state import FakeScanState

ACCOUNT = EntityKey("Salesforce", "team-crm", "Account")
MAP_ALL = [{"taskType": "Map_all", "sourceFields": [], "connectorOperator": {"Salesforce": "NO_OP"}}]
CITY, TOWN = connector_field("City"), connector_field("Town")


def declaration(*flows: dict[str, Any], version: str = "v1") -> Declaration:
    declared = validate_value(list(flows)).flows
    documents = {flow.document.flowName: flow.document for flow in declared if flow.document}
    assert len(documents) == len(flows)
    return Declaration(
        DocumentVersion(bucket="documents", key="flows/accounts.json", versionId=version), documents
    )


class Scans:
    """Scans, an hour apart, of one document."""

    def __init__(self, *fields: dict[str, Any]) -> None:
        self.clock = FakeClock()
        self.bus = FakeBus(Calls())
        self.state = FakeScanState(Calls())
        self.connectors = FakeConnectors({ACCOUNT: list(fields)})
        self.declared = declaration(accounts())
        self.complete = True
        self.environment = NO_ENVIRONMENT

    def scan(self) -> SchemaScan:
        self.clock.advance(3600)
        self.connectors.expire()
        checker = FieldChecker(self.connectors, self.clock)
        detector = SchemaDriftDetector(checker, SchemaDriftEventReporter(self.bus), self.state, self.clock)
        return detector.scan([self.declared], self.environment, "scan", complete=self.complete)

    def changes(self) -> list[tuple[str, str]]:
        """The changes that a scan reports."""
        return [
            (each.change.kind.value, each.change.field)
            for report in self.scan().reported
            for each in report.changes
        ]

    @property
    def writes(self) -> int:
        return [operation for operation, _ in self.state.calls.made].count("PutObject")

    @property
    def broken(self) -> dict[str, str]:
        return {name: flow.reason for name, flow in read_schema_state(self.state.content).flows.items()}


@pytest.fixture
def scans() -> Scans:
    """A first scan is done."""
    scans = Scans(CITY, TOWN)
    assert scans.changes() == []
    return scans


def report_of(scans: Scans) -> SchemaDriftReport:
    (report,) = scans.scan().reported
    return report


def test_a_removed_field_is_reported_once_with_the_flow_and_its_tasks(scans: Scans) -> None:
    scans.connectors.objects[ACCOUNT] = [TOWN]
    (event,) = [render_schema_drift(report_of(scans))]
    (change,) = event.data.changes
    (flow,) = change.flows
    assert (event.data.connectorEntityName, change.kind, change.field) == ("Account", "removed", "City")
    assert (flow.flowName, flow.key, flow.versionId) == ("orders", "flows/accounts.json", "v1")
    assert flow.pointers == ("/tasks/1/sourceFields/0", "/tasks/0/sourceFields/0")
    assert scans.bus.schema_drifts == [event]
    assert scans.changes() == []


def test_a_flow_that_uses_a_removed_field_is_broken_until_the_field_is_back(scans: Scans) -> None:
    scans.connectors.objects[ACCOUNT] = [TOWN]
    scans.scan()
    assert scans.broken == {"orders": "fields that the flow uses were removed: 'City'"}
    assert b"null" not in (scans.state.content or b"")
    written = scans.writes
    scans.scan()
    assert scans.writes == written
    scans.connectors.objects[ACCOUNT] = [CITY, TOWN]
    assert scans.changes() == []
    assert scans.broken == {}


def test_removed_fields_are_listed_by_name_with_and_without_an_earlier_scan() -> None:
    tasks = [
        {"taskType": "Map", "sourceFields": [name], "destinationField": name} for name in ("Town", "City")
    ]
    other = connector_field("Other")
    first, later = Scans(other), Scans(other, CITY, TOWN)
    for scans in (first, later):
        scans.declared = declaration(accounts(tasks=tasks))
    assert later.changes() == []
    later.connectors.objects[ACCOUNT] = [other]
    for scans in (first, later):
        assert scans.changes() == [("removed", "City"), ("removed", "Town")]
        assert scans.broken == {"orders": "fields that the flow uses were removed: 'City', 'Town'"}


def test_a_flow_that_uses_a_retyped_field_is_broken_until_its_document_changes(scans: Scans) -> None:
    scans.connectors.objects[ACCOUNT] = [connector_field("City", "double"), TOWN]
    assert scans.changes() == [("retyped", "City")]
    scans.scan()
    assert scans.broken == {"orders": "the type of fields that the flow uses changed: City: string -> double"}
    scans.declared = declaration(accounts(), version="v2")
    scans.scan()
    assert scans.broken == {}


def test_a_change_of_a_field_that_no_flow_uses_is_not_reported(scans: Scans) -> None:
    scans.connectors.objects[ACCOUNT] = [CITY, connector_field("Zip")]
    assert scans.changes() == []
    assert scans.broken == {}


def test_new_and_removed_fields_are_reported_where_all_are_read(scans: Scans) -> None:
    scans.declared = declaration(accounts(tasks=MAP_ALL))
    scans.connectors.objects[ACCOUNT] = [CITY, connector_field("Zip")]
    assert scans.changes() == [("removed", "Town"), ("added", "Zip")]


def test_a_field_that_map_all_excludes_concerns_no_flow(scans: Scans) -> None:
    excluded = {**MAP_ALL[0], "taskProperties": {"EXCLUDE_SOURCE_FIELDS_LIST": '["Town", "Zip"]'}}
    scans.declared = declaration(accounts(tasks=[excluded]))
    scans.connectors.objects[ACCOUNT] = [CITY, connector_field("Zip")]
    assert scans.changes() == []


def test_the_first_scan_reports_only_missing_fields() -> None:
    assert Scans(CITY, TOWN).changes() == []
    assert Scans(TOWN).changes() == [("removed", "City")]


def test_a_report_is_repeated_with_the_same_id_until_the_state_is_written(scans: Scans) -> None:
    before = scans.state.content
    scans.connectors.objects[ACCOUNT] = [TOWN]
    first = report_of(scans)
    scans.state.content = before
    assert report_of(scans).id == first.id


def test_the_same_change_has_another_id_when_it_happens_again(scans: Scans) -> None:
    scans.connectors.objects[ACCOUNT] = [TOWN]
    first = report_of(scans)
    scans.connectors.objects[ACCOUNT] = [CITY, TOWN]
    scans.scan()
    scans.connectors.objects[ACCOUNT] = [TOWN]
    assert report_of(scans).id != first.id


def test_a_lost_state_repeats_only_missing_fields(scans: Scans) -> None:
    scans.connectors.objects[ACCOUNT] = [CITY, connector_field("Zip")]
    for content in (None, b"{"):
        scans.state.content = content
        assert scans.changes() == []


def test_an_object_that_cannot_be_described_keeps_its_state(scans: Scans) -> None:
    scans.connectors.objects[ACCOUNT] = [TOWN]
    scans.scan()
    broken = scans.broken
    scans.connectors.error = PermanentError("AccessDeniedException", "no")
    assert scans.scan().failed == {"Salesforce team-crm Account": "AccessDeniedException: no"}
    assert scans.broken == broken
    scans.connectors.error = None
    assert scans.changes() == []


def test_a_removed_object_is_the_removal_of_its_fields(scans: Scans) -> None:
    del scans.connectors.objects[ACCOUNT]
    assert scans.changes() == [("removed", "City")]


def test_only_a_complete_scan_drops_the_state_of_other_objects(scans: Scans) -> None:
    scans.declared = declaration(accounts(tasks=MAP_ALL, sourceFlowConfig=LEAD))
    scans.connectors.objects[EntityKey("Salesforce", "team-crm", "Lead")] = [CITY]
    for complete, kept in ((False, 2), (True, 1)):
        scans.complete = complete
        scans.scan()
        assert len(read_schema_state(scans.state.content).objects) == kept


LEAD = {
    "connectorType": "Salesforce",
    "connectorProfileName": "team-crm",
    "sourceConnectorProperties": {"Salesforce": {"object": "Lead"}},
}


def test_an_object_costs_one_call_per_scan_and_a_change_two_more(scans: Scans) -> None:
    scans.declared = declaration(*(accounts(flowName=f"flow-{number}") for number in range(30)))
    scans.connectors.calls.clear()
    scans.scan()
    assert [name for name, _ in scans.connectors.calls] == ["describe"]
    scans.connectors.calls.clear()
    scans.connectors.objects[ACCOUNT] = [TOWN]
    assert len(report_of(scans).changes[0].usages) == 30
    assert [name for name, _ in scans.connectors.calls] == ["describe", "reset", "describe"]


def test_an_event_of_thousands_of_flows_is_cut_to_fit(scans: Scans) -> None:
    flows = [accounts(flowName=f"flow-{number:0100}") for number in range(90)]
    scans.declared = declaration(*flows)
    scans.connectors.objects[ACCOUNT] = [TOWN]
    event = render_schema_drift(report_of(scans))
    data: SchemaDriftData | None = event.data
    sizes = []
    while data is not None:
        sizes.append((len(data.changes), sum(len(change.flows) for change in data.changes)))
        data = data.shorter()
    assert sizes == [(1, 90), (1, 45), (1, 22), (1, 11), (1, 5), (1, 2), (1, 1), (0, 0)]
    many = tuple(event.data.changes[0].model_copy(update={"field": "x" * 100_000}) for _ in range(4))
    large = SchemaDriftEvent(metadata=event.metadata, data=event.data.model_copy(update={"changes": many}))
    assert len(large.detail().encode()) <= 200 * 1024


@pytest.mark.parametrize(("asks", "reported"), [("true", [("added", "New__c")]), ("false", []), ("null", [])])
def test_new_fields_are_reported_for_the_flows_for_which_the_policy_asks(
    scans: Scans, asks: str, reported: list[tuple[str, str]]
) -> None:
    member = "" if asks == "null" else f", newFields: {asks}"
    text = f"documents: []\nhealth: [{{flows: [orders]{member}}}]\n"
    policy, findings = read_policy(text.encode(), "policy.yaml")
    assert not findings
    scans.environment = Environment(policy)
    scans.connectors.objects[ACCOUNT] = [CITY, TOWN, connector_field("New__c")]
    assert scans.changes() == reported
    assert scans.changes() == []
