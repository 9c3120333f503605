"""What the laboratory creates in an account, and that it removes all of it."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from appflow_gitops_local.appflow.faults import Fault
from integration.verify_on_aws.local_account import ACCOUNT, Waits
from tools.verify_on_aws.laboratory import PREFIX, TAGS, Clients, Laboratory, laboratory

if TYPE_CHECKING:
    from appflow_gitops_local.appflow.models import AppFlowBackend


@pytest.fixture
def reported() -> list[str]:
    return []


@pytest.fixture
def use(
    clients: Clients, backend: "AppFlowBackend", waits: Waits, reported: list[str]
) -> Callable[[Callable[[Laboratory], object]], Laboratory]:
    """Does something in a laboratory and gives it back closed."""

    def used(work: Callable[[Laboratory], object]) -> Laboratory:
        now = int(backend.behaviour.now().timestamp())
        with laboratory(clients, ACCOUNT, wait=waits, now=now, report=reported.append) as made:
            work(made)
        return made

    return used


def left(clients: Clients) -> list[str]:
    buckets = [bucket["Name"] for bucket in clients.s3.list_buckets()["Buckets"]]
    return [*buckets, *(flow["flowName"] for flow in clients.appflow.list_flows()["flows"])]


def nothing(_: Laboratory) -> None:
    pass


def test_everything_that_is_made_bears_the_prefix_and_the_tag(opened: Laboratory, clients: Clients) -> None:
    assert sorted(left(clients)) == sorted([opened.name, *opened.buckets])
    assert all(name.startswith(PREFIX) for name in left(clients))
    assert opened.describe()["tags"] == TAGS
    for bucket in opened.buckets:
        (tag,) = clients.s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
        assert {tag["Key"]: tag["Value"]} == TAGS


def test_the_buckets_let_in_appflow_on_behalf_of_this_account_only(
    opened: Laboratory, clients: Clients
) -> None:
    for bucket in opened.buckets:
        policy = json.loads(clients.s3.get_bucket_policy(Bucket=bucket)["Policy"])
        (statement,) = policy["Statement"]
        assert statement["Principal"] == {"Service": "appflow.amazonaws.com"}
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
        assert statement["Resource"] == [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]


@pytest.mark.parametrize("after_update", ["keep", "Active", "Draft"])
def test_the_base_is_the_same_request_and_not_active_whatever_a_question_did(
    opened: Laboratory, behave: Callable[..., None], after_update: str
) -> None:
    def configuration() -> dict[str, Any]:
        changing = {"lastUpdatedAt", "flowStatus", "ResponseMetadata"}
        return {member: value for member, value in opened.describe().items() if member not in changing}

    behave(update_of_inactive=after_update)
    base = configuration()
    opened.update(description="other", triggerConfig=opened.schedule(scheduleExpression="rate(6hours)"))
    opened.activate()

    opened.back_to_base()

    assert configuration() == base
    assert opened.describe()["flowStatus"] != "Active"


def test_the_base_is_restored_even_if_an_active_flow_takes_no_update(
    opened: Laboratory, backend: "AppFlowBackend"
) -> None:
    def refuse_active_flows(**_: object) -> None:
        if backend.flows[opened.name].status == "Active":
            backend.faults.add(Fault("UpdateFlow", error="ConflictException"))

    opened.appflow.meta.events.register("provide-client-params.appflow.UpdateFlow", refuse_active_flows)
    opened.activate()

    opened.back_to_base()

    assert backend.calls.counts()["CreateFlow"] == 1


def test_two_laboratories_do_not_get_in_each_others_way(use: Callable[..., Laboratory]) -> None:
    assert use(nothing).name != use(nothing).name


def test_nothing_is_left_after_success(
    use: Callable[..., Laboratory], clients: Clients, reported: list[str]
) -> None:
    used = use(lambda made: made.activate())

    assert (left(clients), used.left, reported) == ([], [], [])


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_after_an_exception_in_the_middle(
    use: Callable[..., Laboratory], clients: Clients, error: type[BaseException]
) -> None:
    def stumble(made: Laboratory) -> None:
        made.activate()
        raise error

    with pytest.raises(error):
        use(stumble)

    assert left(clients) == []


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_nothing_is_left_when_the_flow_cannot_be_made(
    use: Callable[..., Laboratory], clients: Clients, backend: "AppFlowBackend", code: str
) -> None:
    backend.faults.add(Fault("CreateFlow", error=code, times=None))

    with pytest.raises(ClientError, match=code):
        use(nothing)

    assert left(clients) == []


def test_a_flow_whose_creation_got_no_answer_is_removed_too(
    use: Callable[..., Laboratory], clients: Clients, backend: "AppFlowBackend"
) -> None:
    backend.faults.add(Fault("CreateFlow", when="after"))

    with pytest.raises(ConnectionClosedError):
        use(nothing)

    assert left(clients) == []


def test_a_bucket_policy_gets_the_time_that_it_needs_to_be_seen(
    use: Callable[..., Laboratory], backend: "AppFlowBackend", waits: Waits
) -> None:
    backend.faults.add(Fault("CreateFlow", error="ConnectorServerException", times=2))

    use(nothing)

    assert waits == [5.0, 5.0]


def test_every_version_of_every_object_goes_too(use: Callable[..., Laboratory], clients: Clients) -> None:
    def fill(made: Laboratory) -> None:
        for bucket in made.buckets:
            versioned: Any = {"Status": "Enabled"}
            clients.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=versioned)
            clients.s3.put_object(Bucket=bucket, Key="out", Body=b"1")
            clients.s3.put_object(Bucket=bucket, Key="out", Body=b"2")
            clients.s3.delete_object(Bucket=bucket, Key="out")

    use(fill)

    assert left(clients) == []


def test_a_removal_that_fails_at_first_is_retried(
    use: Callable[..., Laboratory], clients: Clients, backend: "AppFlowBackend", reported: list[str]
) -> None:
    backend.faults.add(Fault("DeleteFlow", error="ConflictException", times=2))

    use(nothing)

    assert (left(clients), reported) == ([], [])


def test_what_cannot_be_removed_is_reported_with_the_reason_and_the_command_and_the_rest_is_removed(
    use: Callable[..., Laboratory], clients: Clients, backend: "AppFlowBackend", reported: list[str]
) -> None:
    backend.faults.add(Fault("DeleteFlow", error="AccessDeniedException", times=None))

    used = use(nothing)

    assert left(clients) == [used.name] == [thing.what.removeprefix("the flow ") for thing in used.left]
    (line,) = reported
    assert line.startswith(f"Not removed: the flow {used.name} (")
    assert "AccessDeniedException" in line
    assert line.endswith(f"aws appflow delete-flow --force-delete --flow-name {used.name}")


def test_another_ctrl_c_while_cleaning_up_reports_what_is_left(
    use: Callable[..., Laboratory], clients: Clients, reported: list[str]
) -> None:
    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    def impatient(made: Laboratory) -> None:
        clients.s3.meta.events.register("before-call.s3.DeleteBucket", interrupt)
        assert made.left

    with pytest.raises(KeyboardInterrupt):
        use(impatient)

    assert [line.split("(")[0].split()[2:4] for line in reported] == [["the", "bucket"], ["the", "bucket"]]
    assert all("aws s3 rb --force s3://appflow-gitops-verify-" in line for line in reported)
