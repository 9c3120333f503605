"""CheckFields: apply reports findings about fields in the status event, or rejects the change because of them."""

from typing import Any

import pytest

from appflow_gitops.status.events import StatusEvent
from appflow_gitops.sync.apply.field_gate import FieldGate
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.field_check import FieldChecker
from appflow_gitops.validation.fields.entity import EntityKey
from fakes.clock import FakeClock
from fakes.connectors import FakeConnectors, connector_field
from fakes.flow_documents import accounts, text
from fakes.world import World

KEY = "flows/accounts.json"
ACCOUNT = EntityKey("Salesforce", "team-crm", "Account")


@pytest.fixture
def connectors() -> FakeConnectors:
    return FakeConnectors({ACCOUNT: [connector_field("Town")]})


def world_with(connectors: FakeConnectors, *, refuses: bool) -> World:
    return World(may_create=True, fields=FieldGate(FieldChecker(connectors, FakeClock()), refuses))


def outcome(event: StatusEvent) -> tuple[str, list[tuple[str, str]]]:
    return event.data.outcome, [(each.rule, each.severity) for each in event.data.findings]


def test_errors_about_fields_are_warnings_in_the_status_event(connectors: FakeConnectors) -> None:
    world = world_with(connectors, refuses=False)
    (event,) = world.apply(KEY, text(accounts()))
    assert outcome(event) == ("Applied", [("AFG402", "warning")])
    assert event.data.findings[0].pointer == "/tasks/1/sourceFields/0"
    assert event.data.findings[0].line


def test_errors_about_fields_reject_the_change_before_any_call(connectors: FakeConnectors) -> None:
    world = world_with(connectors, refuses=True)
    (event,) = world.apply(KEY, text(accounts()))
    assert outcome(event) == ("Rejected", [("AFG402", "error")])
    assert world.flows.describe("orders") is None


def test_a_rejected_document_is_applied_once_the_field_exists(connectors: FakeConnectors) -> None:
    world = world_with(connectors, refuses=True)
    world.apply(KEY, text(accounts()))
    connectors.objects[ACCOUNT] = [connector_field("City")]
    world = world_with(connectors, refuses=True)
    (event,) = world.apply(KEY, text(accounts()))
    assert outcome(event) == ("Applied", [])


@pytest.mark.parametrize("refuses", [False, True])
def test_metadata_that_are_not_available_block_nothing(connectors: FakeConnectors, refuses: bool) -> None:
    connectors.error = PermanentError("AccessDeniedException", "no")
    (event,) = world_with(connectors, refuses=refuses).apply(KEY, text(accounts()))
    assert outcome(event) == ("Applied", [("AFG490", "info")])


def test_warnings_about_fields_reject_nothing(connectors: FakeConnectors) -> None:
    connectors.objects[ACCOUNT] = [connector_field("City", isDeprecated=True)]
    (event,) = world_with(connectors, refuses=True).apply(KEY, text(accounts()))
    assert outcome(event) == ("Applied", [("AFG414", "warning")])


def test_a_requested_flow_is_checked_too(connectors: FakeConnectors) -> None:
    world = world_with(connectors, refuses=True)
    desired: Any = accounts()
    world.intake.handle(world.requested(desired))
    (event,) = world.deliver()
    assert outcome(event)[0] == "Rejected"


def test_without_the_check_no_connector_is_called(connectors: FakeConnectors) -> None:
    (event,) = World(may_create=True).apply(KEY, text(accounts()))
    assert outcome(event) == ("Applied", [])
    assert connectors.calls == []
