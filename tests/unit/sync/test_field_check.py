"""Objects are described once; no finding comes from a stale cache; what cannot be described blocks nothing."""

import pytest

from appflow_gitops.sync.errors import PermanentError, TransientError
from appflow_gitops.sync.field_check import FRESH_FOR, KEPT_FOR, FieldChecker, one_by_one
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.fields.entity import Entity, EntityKey
from appflow_gitops.validation.result import ValidatedFlow
from appflow_gitops.validation.validate import validate
from fakes.clock import FakeClock
from fakes.connectors import FakeConnectors, connector_field

FLOW = """\
flowName: flow-{number}
triggerConfig: {{triggerType: OnDemand}}
sourceFlowConfig:
  connectorType: Salesforce
  connectorProfileName: crm
  sourceConnectorProperties: {{Salesforce: {{object: {name}}}}}
destinationFlowConfigList:
- {{connectorType: S3, destinationConnectorProperties: {{S3: {{bucketName: lake}}}}}}
tasks:
- {{taskType: Filter, sourceFields: [City], connectorOperator: {{Salesforce: PROJECTION}}}}
- {{taskType: Map, sourceFields: [City], destinationField: City}}
"""


def flow(number: int = 0, name: str = "Account") -> ValidatedFlow:
    text = FLOW.format(number=number, name=name)
    return validate(text.encode(), "flow.yaml", Environment(checks_fields=True)).flows[0]


def key(name: str = "Account") -> EntityKey:
    return EntityKey("Salesforce", "crm", name)


def rules(checker: FieldChecker, *flows: ValidatedFlow) -> list[list[str]]:
    return [[each.rule for each in found.findings] for found in checker.check(flows, one_by_one)]


@pytest.fixture
def connectors() -> FakeConnectors:
    return FakeConnectors({key(): [connector_field("City")]})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def checker(connectors: FakeConnectors, clock: FakeClock) -> FieldChecker:
    return FieldChecker(connectors, clock)


def test_300_flows_on_10_objects_cost_10_calls(clock: FakeClock) -> None:
    names = [f"Object{number}" for number in range(10)]
    connectors = FakeConnectors({key(name): [connector_field("City")] for name in names})
    flows = [flow(number, names[number % 10]) for number in range(300)]
    assert rules(FieldChecker(connectors, clock), *flows) == [[]] * 300
    assert [call for call, _ in connectors.calls] == ["describe"] * 10


def test_the_next_check_uses_the_descriptions_for_five_minutes(
    checker: FieldChecker, connectors: FakeConnectors, clock: FakeClock
) -> None:
    for seconds, calls in ((0, 1), (KEPT_FOR - 1, 1), (1, 2)):
        clock.advance(seconds)
        rules(checker, flow())
        assert connectors.count("describe") == calls


def test_a_finding_from_a_stale_cache_is_not_reported(
    checker: FieldChecker, connectors: FakeConnectors
) -> None:
    connectors.objects[key()] = [connector_field("Town")]
    assert rules(checker, flow()) == [["AFG402"]]
    connectors.objects[key()] = [connector_field("City")]
    connectors.describe(key())
    assert rules(FieldChecker(connectors, FakeClock()), flow()) == [[]]


def test_a_finding_resets_the_cache_once_for_all_flows(
    checker: FieldChecker, connectors: FakeConnectors, clock: FakeClock
) -> None:
    connectors.objects[key()] = [connector_field("Town")]
    assert rules(checker, *map(flow, range(5))) == [["AFG402"]] * 5
    clock.advance(FRESH_FOR - 1)
    assert rules(checker, *map(flow, range(5))) == [["AFG402"]] * 5
    assert (connectors.count("reset"), connectors.count("describe")) == (1, 2)
    clock.advance(1)
    rules(checker, flow())
    assert connectors.count("reset") == 2


@pytest.mark.parametrize(
    "error",
    [PermanentError("AccessDeniedException", "no"), TransientError("ThrottlingException", "slow down")],
    ids=lambda error: error.code,
)
def test_metadata_that_are_not_available_are_an_info(
    checker: FieldChecker, connectors: FakeConnectors, error: Exception
) -> None:
    connectors.error = error  # type: ignore[assignment]
    assert rules(checker, flow()) == [["AFG490"]]
    assert connectors.count("reset") == 0


def test_a_finding_whose_cache_cannot_be_reset_is_an_info(
    checker: FieldChecker, connectors: FakeConnectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    connectors.objects[key()] = [connector_field("Town")]

    def refuse(_: EntityKey) -> None:
        raise PermanentError("AccessDeniedException", "no")

    monkeypatch.setattr(connectors, "reset", refuse)
    assert rules(checker, flow()) == [["AFG490"]]


def test_an_object_that_is_not_listed_is_unknown(checker: FieldChecker) -> None:
    assert rules(checker, flow(name="Acount")) == [["AFG401"]]


def test_an_object_that_may_be_nested_is_an_info(checker: FieldChecker, connectors: FakeConnectors) -> None:
    connectors.nested = True
    assert rules(checker, flow(name="Acount")) == [["AFG490"]]


def test_an_object_that_is_listed_and_not_found_is_an_info(
    checker: FieldChecker, connectors: FakeConnectors
) -> None:
    connectors.objects[key("Lead")] = None
    assert rules(checker, flow(name="Lead")) == [["AFG490"]]


def test_an_object_without_fields_is_an_info(checker: FieldChecker, connectors: FakeConnectors) -> None:
    connectors.objects[key()] = []
    assert rules(checker, flow()) == [["AFG490"]]


def test_a_description_on_request_is_past_the_cache(
    checker: FieldChecker, connectors: FakeConnectors
) -> None:
    connectors.describe(key())
    connectors.objects[key()] = [connector_field("Town")]
    described = checker.describe([key()], one_by_one)[key()]
    assert isinstance(described, Entity)
    assert list(described.fields) == ["Town"]


def test_objects_are_described_in_order_with_and_without_the_cache(clock: FakeClock) -> None:
    names = [f"Object{number}" for number in range(20)]
    connectors = FakeConnectors({key(name): [connector_field("City")] for name in names})
    expected = sorted(map(key, names))
    for describe in (FieldChecker(connectors, clock).known, FieldChecker(connectors, clock).describe):
        connectors.calls.clear()
        assert list(describe(map(key, names[::-1]), one_by_one)) == expected
        assert [each for call, each in connectors.calls if call == "describe"] == expected
