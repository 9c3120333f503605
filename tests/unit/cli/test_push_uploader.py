"""The order of uploads: policy and variables, deletions and released flows, then all other documents."""

import pytest

from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.push.planner import PushPlan, PushStep
from appflow_gitops_cli.push.steps import Step
from appflow_gitops_cli.push.tracking import StatusTracker
from appflow_gitops_cli.push.uploader import Uploader
from fakes.bucket import BUCKET
from fakes.flow_documents import orders, text
from fakes.push import FakeStack, local, one_by_one
from fakes.world import World

COMMIT = Provenance(commit="4f2c1a9", repository="acme/flows", actor="ci")


def uploader(stack: FakeStack) -> Uploader:
    return Uploader(stack, stack, BUCKET, COMMIT, one_by_one)


def everything() -> PushPlan:
    new, other = local("flows/new.json", text(orders())), local("flows/other.json", text(orders()))
    return PushPlan(
        steps=(
            PushStep(new, Step.UPLOAD),
            PushStep(local("flows/releasing.json", text(orders())), Step.UPLOAD, goes_first=True),
            PushStep(other, Step.REAPPLY),
            PushStep(other, Step.UNCHANGED),
            PushStep(other, Step.INVALID),
        ),
        extra_keys=("flows/extra.json",),
        environment=(("policy.yaml", b""),),
    )


def test_environment_is_first_and_releasing_documents_are_before_the_others() -> None:
    stack = FakeStack(World())
    for key in ("flows/extra.json", "flows/other.json"):
        stack.world.bucket.put(key, text(orders()))
    documents = uploader(stack).execute(everything(), prune=True)
    assert stack.done == [
        "put policy.yaml",
        "remove flows/extra.json",
        "put flows/releasing.json",
        "put flows/new.json",
        "request flows/other.json",
    ]
    assert [sent.document.key for sent in documents] == [
        "flows/releasing.json",
        "flows/new.json",
        "flows/other.json",
    ]


def test_nothing_is_deleted_without_prune() -> None:
    stack = FakeStack(World())
    stack.world.bucket.put("flows/extra.json", text(orders()))
    uploader(stack).execute(PushPlan((), extra_keys=("flows/extra.json",)), prune=False)
    assert stack.done == []


def test_uploads_have_provenance() -> None:
    stack = FakeStack(World())
    uploader(stack).execute(
        PushPlan((PushStep(local("flows/new.json", text(orders())), Step.UPLOAD),)), prune=False
    )
    stored = stack.world.bucket.read(DocumentVersion(bucket=BUCKET, key="flows/new.json"))
    assert stored is not None
    assert stored.provenance == COMMIT


def test_a_flow_follows_its_document_to_a_renamed_file() -> None:
    world = World(may_create=True)
    stack = FakeStack(world)
    world.apply("flows/before.json", text(orders()))
    moved = local("flows/after.json", text(orders(description="moved")))
    plan = PushPlan((PushStep(moved, Step.UPLOAD),), extra_keys=("flows/before.json",))
    tracker = StatusTracker(uploader(stack).execute(plan, prune=True))
    stack.settle()
    assert [event.data.outcome for event in tracker.record(world.bus.events)] == ["Applied"]


def test_a_bucket_without_versioning_is_an_error() -> None:
    stack = FakeStack(World(versioned=False))
    with pytest.raises(CommandError, match="versioning of bucket"):
        uploader(stack).execute(PushPlan((PushStep(local("flows/new.json", "a"), Step.UPLOAD),)), prune=False)


def test_an_upload_whose_first_answer_was_lost_counts() -> None:
    """The repeated call finds the version that the first one stored."""
    stack = FakeStack(World())
    document = local("flows/new.json", text(orders()))
    stack.world.bucket.put(document.key, document.content, **COMMIT.model_dump(exclude_none=True))
    [sent] = uploader(stack).execute(PushPlan((PushStep(document, Step.UPLOAD),)), prune=False)
    assert (stack.done, sent.document) == ([], document)


@pytest.mark.parametrize("code", ["AccessDenied", "PreconditionFailed"])
def test_only_a_conflict_is_explained(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermanentError(code, "no")

    stack = FakeStack(World())
    monkeypatch.setattr(FakeStack, "put", refuse)
    plan = PushPlan((PushStep(local("flows/new.json", text(orders())), Step.UPLOAD),))
    with pytest.raises((PermanentError, CommandError)) as raised:
        uploader(stack).execute(plan, prune=False)
    conflict = "'flows/new.json' changed in the bucket since it was compared; plan and push again"
    assert str(raised.value) == (conflict if code == "PreconditionFailed" else "AccessDenied: no")


@pytest.mark.parametrize("other", [{"commit": "9c1e"}, {"actor": "jo"}])
def test_the_same_content_of_another_origin_is_a_conflict(other: dict[str, str]) -> None:
    stack = FakeStack(World())
    document = local("flows/new.json", text(orders()))
    stack.world.bucket.put(
        document.key, document.content, **{**COMMIT.model_dump(exclude_none=True), **other}
    )
    with pytest.raises(CommandError, match="changed in the bucket"):
        uploader(stack).execute(PushPlan((PushStep(document, Step.UPLOAD),)), prune=False)
