"""The order in which a push writes: what documents are judged by first, and nothing before what it depends on."""

import pytest

from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops_cli.main import CannotRun
from appflow_gitops_cli.push.decision import Step
from appflow_gitops_cli.push.follow import Following
from appflow_gitops_cli.push.send import Uploader
from appflow_gitops_cli.push.work import PushPlan, Task
from fakes.bucket import BUCKET
from fakes.flow_documents import orders, text
from fakes.push import FakeStack, local, one_by_one
from fakes.world import World

COMMIT = Provenance(commit="4f2c1a9", repository="acme/flows", actor="ci")


def sender(stack: FakeStack) -> Uploader:
    return Uploader(stack, stack, BUCKET, COMMIT, one_by_one)


def everything() -> PushPlan:
    new, other = local("flows/new.json", text(orders())), local("flows/other.json", text(orders()))
    return PushPlan(
        tasks=(
            Task(new, Step.UPLOAD),
            Task(local("flows/giving.json", text(orders())), Step.UPLOAD, goes_first=True),
            Task(other, Step.REAPPLY),
            Task(other, Step.UNCHANGED),
            Task(other, Step.INVALID),
        ),
        gone=("flows/gone.json",),
        environment=(("policy.yaml", b""),),
    )


def test_the_stage_goes_first_and_who_gives_a_flow_up_before_who_may_take_it() -> None:
    stack = FakeStack(World())
    for key in ("flows/gone.json", "flows/other.json"):
        stack.world.bucket.put(key, text(orders()))
    awaited = sender(stack).send(everything(), prune=True)
    assert stack.done == [
        "put policy.yaml",
        "remove flows/gone.json",
        "put flows/giving.json",
        "put flows/new.json",
        "request flows/other.json",
    ]
    assert [sent.document.key for sent in awaited] == [
        "flows/giving.json",
        "flows/new.json",
        "flows/other.json",
    ]


def test_nothing_is_deleted_unless_that_is_asked_for() -> None:
    stack = FakeStack(World())
    stack.world.bucket.put("flows/gone.json", text(orders()))
    sender(stack).send(PushPlan((), gone=("flows/gone.json",)), prune=False)
    assert stack.done == []


def test_what_is_uploaded_says_where_it_comes_from() -> None:
    stack = FakeStack(World())
    sender(stack).send(PushPlan((Task(local("flows/new.json", text(orders())), Step.UPLOAD),)), prune=False)
    stored = stack.world.bucket.read(DocumentVersion(bucket=BUCKET, key="flows/new.json"))
    assert stored is not None
    assert stored.provenance == COMMIT


def test_a_flow_moves_with_its_document_to_another_file() -> None:
    world = World(may_create=True)
    stack = FakeStack(world)
    world.apply("flows/before.json", text(orders()))
    moved = local("flows/after.json", text(orders(description="moved")))
    work = PushPlan((Task(moved, Step.UPLOAD),), gone=("flows/before.json",))
    following = Following(sender(stack).send(work, prune=True))
    stack.settle()
    assert [event.data.outcome for event in following.hear(world.bus.events)] == ["Applied"]


def test_a_bucket_without_versions_is_refused_because_nothing_could_be_followed_there() -> None:
    stack = FakeStack(World(versioned=False))
    with pytest.raises(CannotRun, match="keeps no versions"):
        sender(stack).send(PushPlan((Task(local("flows/new.json", "a"), Step.UPLOAD),)), prune=False)
