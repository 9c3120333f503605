"""What documents declare, how many of their versions that takes, and who owns a flow while it is unknown."""

import pytest

from appflow_gitops.sync.declaration import OLDER_VERSIONS, Declaration, read_declaration
from appflow_gitops.sync.errors import PermanentError, TransientError
from fakes.bucket import BUCKET
from fakes.flow_documents import orders, text
from fakes.world import World

KEY = "flows/orders.json"
MOVED = "flows/moved.json"
REFUSALS = [
    PermanentError("InvalidObjectState", "The object is archived."),
    PermanentError("InvalidRequest", "The object was stored with SSE-C."),
    PermanentError("KMS.DisabledException", "The key is disabled."),
    PermanentError("AccessDenied", "Access Denied"),
]


def read(world: World, key: str = KEY) -> Declaration | None:
    environment = world.stored_environment.read()
    world.calls.made.clear()
    return read_declaration(BUCKET, key, documents=world.bucket, environment=environment)


def versions(world: World, invalid: int) -> None:
    """A valid version and so many invalid ones after it."""
    world.bucket.put(KEY, text(orders()))
    for number in range(invalid):
        world.bucket.put(KEY, "{" * (number + 1))


def test_the_valid_version_behind_invalid_ones_counts(world: World) -> None:
    versions(world, OLDER_VERSIONS)
    found = read(world)
    assert found
    assert (found.version.versionId, list(found.flows), found.is_latest) == ("v1", ["orders"], False)


@pytest.mark.parametrize("invalid", [OLDER_VERSIONS + 1, 1000])
def test_p10_no_version_is_read_beyond_those_that_the_lifecycle_rule_keeps(
    world: World, invalid: int
) -> None:
    versions(world, invalid)
    found = read(world)
    assert found
    assert found.is_undetermined
    assert world.calls.count("GetObject") == OLDER_VERSIONS + 1


@pytest.mark.parametrize("broken", ["policy.yaml", "variables/test.yaml"])
def test_p10_a_broken_environment_ends_the_walk_at_the_first_invalid_version(broken: str) -> None:
    world = World(environment="test")
    versions(world, 1)
    world.bucket.put(broken, "[")
    found = read(world)
    assert found
    assert found.is_undetermined
    assert world.calls.count("GetObject") == 1


def test_a_flow_that_any_of_its_invalid_versions_was_denied_is_not_declared(world: World) -> None:
    world.bucket.put("policy.yaml", "documents: [{prefix: flows/, flows: [sales-*]}]")
    world.bucket.put(KEY, text(orders(flowName="hr-payroll")))
    world.bucket.put(KEY, text(orders(flowName="hr-holidays")))
    world.bucket.put(KEY, "{")
    found = read(world)
    assert found
    assert [found.may_declare(name) for name in ("hr-payroll", "hr-holidays", "sales")] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_p7_an_unreadable_object_is_an_undetermined_document(world: World, refusal: PermanentError) -> None:
    versions(world, 0)
    world.bucket.unreadable[KEY] = refusal
    found = read(world)
    assert found
    assert found.is_undetermined
    assert found.error == f"cannot read the object: {refusal}"


def test_an_object_that_cannot_be_read_now_is_retried(world: World) -> None:
    versions(world, 0)
    world.bucket.unreadable[KEY] = TransientError("SlowDown", "Reduce your request rate")
    with pytest.raises(TransientError):
        read(world)


def test_a_version_is_validated_once_per_environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    versions(world, 0)
    first = read(world)
    monkeypatch.setattr("appflow_gitops.sync.ports.validate", None)
    assert read(world) == first
    world.bucket.put("policy.yaml", "documents: []")
    with pytest.raises(TypeError):
        read(world)


@pytest.fixture
def owned(world: World) -> World:
    """A world in which ``KEY`` owns the flow, and then is in a state in which nothing is known about it."""
    world.flows.edit(orders(description="before"))
    world.apply(KEY, text(orders(description="${env.WORD}" if world.environment else "of the owner")))
    return world


def outcome_of_another_document(world: World) -> str:
    [event] = world.apply(MOVED, text(orders(description="of another")))
    return event.data.outcome.value


def test_an_owner_whose_newest_versions_are_all_invalid_keeps_its_flow(owned: World) -> None:
    for _ in range(OLDER_VERSIONS + 1):
        owned.bucket.put(KEY, "{")
    assert outcome_of_another_document(owned) == "Rejected"


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_an_owner_that_cannot_be_read_keeps_its_flow(owned: World, refusal: PermanentError) -> None:
    owned.bucket.unreadable[KEY] = refusal
    assert outcome_of_another_document(owned) == "Rejected"


def test_an_owner_in_an_environment_with_broken_variables_keeps_its_flow() -> None:
    world = World(environment="test")
    world.bucket.put("variables/test.yaml", "WORD: of the owner")
    world.flows.edit(orders(description="before"))
    world.apply(KEY, text(orders(description="${env.WORD}")))
    world.bucket.put("variables/test.yaml", "[")
    assert outcome_of_another_document(world) == "Rejected"
    world.bucket.put("variables/test.yaml", "WORD: of the owner")
    assert world.flows.configuration("orders")["description"] == "of the owner"


def test_an_owner_that_lets_go_in_a_newer_valid_version_loses_its_flow(owned: World) -> None:
    owned.bucket.put(KEY, text(orders(flowName="another")))
    owned.bucket.put(KEY, "{")
    assert outcome_of_another_document(owned) == "Applied"


def test_a_late_event_behind_too_many_invalid_versions_is_superseded(world: World) -> None:
    world.flows.edit(orders(description="before"))
    late = world.dropped(KEY, text(orders()))
    for _ in range(OLDER_VERSIONS + 1):
        world.bucket.put(KEY, "{")
    world.intake.handle(late)
    [event] = world.deliver()
    assert event.data.outcome == "Superseded"
    assert (
        event.data.reason == "the newest 11 versions of the document are invalid; older ones are not applied"
    )
