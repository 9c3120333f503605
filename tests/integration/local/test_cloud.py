"""A local cloud and its settings: what is deployed, enforced, reported and left behind."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import jsonpath_ng.ext
import pytest
from botocore.exceptions import ClientError
from moto.sqs.models import SQSBackend

from appflow_gitops_local.cloud import LocalCloud, Settings
from appflow_gitops_local.delivery import AsyncTrigger, QueueTrigger
from appflow_gitops_local.iam import Grant
from appflow_gitops_local.server import EVERY_ADDRESS, LOOPBACK
from integration.local.hive import HERE

TRACE: list[str] = []
SETTINGS = Settings(
    template=HERE / "whole.yaml",
    host=EVERY_ADDRESS,
    stack="whole",
    region="eu-west-1",
    parameters={"Colour": "red"},
    visibility_timeout=7,
    runtime=None,
    trace=TRACE.append,
)


@pytest.fixture(scope="module")
def idle() -> Iterator[LocalCloud]:
    """A cloud that does not run its functions."""
    with LocalCloud(SETTINGS) as cloud:
        yield cloud


def test_a_cloud_that_listens_on_every_address_is_called_on_the_loopback_address(idle: LocalCloud) -> None:
    assert idle.endpoint.startswith(f"http://{LOOPBACK}:")
    assert idle.ready() == {
        "endpoint": idle.endpoint,
        "region": "eu-west-1",
        "stack": "whole",
        "outputs": dict(idle.outputs),
    }


def test_no_thread_keeps_the_process_of_a_cloud_running(idle: LocalCloud) -> None:
    idle.client("s3").list_buckets()
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    assert {thread.daemon for thread in others} == {True}


def test_parameters_are_described_as_text(idle: LocalCloud) -> None:
    [stack] = idle.client("cloudformation").describe_stacks(StackName="whole")["Stacks"]
    described = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    assert described == {"Colour": "red", "Words": "one,two"}


def test_a_resource_that_moto_does_not_know_is_reported(idle: LocalCloud) -> None:
    assert idle.deployment.skipped
    expected = {
        f"not part of the local cloud: {name} ({kind})" for name, kind in idle.deployment.skipped.items()
    }
    assert expected <= set(TRACE)


def test_requests_are_traced(idle: LocalCloud) -> None:
    idle.client("s3").list_buckets()
    assert any(line.startswith("GET / 200") for line in TRACE)


def test_the_messages_of_functions_are_retried_after_the_visibility_timeout_of_the_cloud(
    idle: LocalCloud,
) -> None:
    def timeout(queue: str) -> str:
        service = idle.client("sqs")
        url = service.get_queue_url(QueueName=queue)["QueueUrl"]
        described = service.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
        return str(described["Attributes"]["VisibilityTimeout"])

    assert (timeout("work"), timeout("dead")) == ("7", "30")


def test_without_a_runtime_messages_stay_in_their_queue(idle: LocalCloud) -> None:
    queues, url = idle.client("sqs"), idle.outputs["Queue"]
    queues.send_message(QueueUrl=url, MessageBody="{}")
    [message] = queues.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "{}"


def as_function(cloud: LocalCloud, service: str) -> Any:
    """A client with the credentials of a function."""
    credentials = cloud.deployment.functions["quick"].credentials
    session = boto3.Session(credentials.key, credentials.secret, credentials.token, region_name="eu-west-1")
    make: Any = session.client
    return make(service, endpoint_url=cloud.endpoint)


def test_a_function_has_only_the_permissions_of_its_role_unless_all_are_asked_for(idle: LocalCloud) -> None:
    assert as_function(idle, "sts").get_caller_identity()["Account"] == "123456789012"
    with pytest.raises(ClientError, match="AccessDenied"):
        as_function(idle, "s3").list_objects_v2(Bucket="documents")


def test_the_profiles_of_the_reference_exist(idle: LocalCloud) -> None:
    found = idle.client("appflow").describe_connector_profiles()["connectorProfileDetails"]
    assert {entry["connectorProfileName"]: entry["connectorType"] for entry in found} == {
        "Connector_Profile_Name": "Salesforce",
        "connector-profile-name": "Zendesk",
        "Connector-profile-new": "Marketo",
    }


def test_the_deletion_of_an_object_is_an_event(idle: LocalCloud) -> None:
    events, queues, storage = (idle.client(service) for service in ("events", "sqs", "s3"))
    url = queues.create_queue(QueueName="deletions")["QueueUrl"]
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Deleted"]}
    events.put_rule(Name="deletions", EventPattern=json.dumps(pattern))
    arn = "arn:aws:sqs:eu-west-1:123456789012:deletions"
    events.put_targets(Rule="deletions", Targets=[{"Id": "queue", "Arn": arn}])
    storage.put_object(Bucket="documents", Key="a.yaml", Body=b"x")
    deleted = storage.delete_object(Bucket="documents", Key="a.yaml")
    [message] = queues.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    detail = json.loads(message["Body"])["detail"]
    assert detail["bucket"]["name"] == "documents"
    assert (detail["object"]["key"], detail["object"]["version-id"]) == ("a.yaml", deleted["VersionId"])


def test_moto_neither_counts_messages_nor_parses_a_path_for_each_event(
    idle: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert jsonpath_ng.ext.parse("$.detail") is jsonpath_ng.ext.parse("$.detail")
    queues, url = idle.client("sqs"), idle.outputs["Queue"]
    queues.send_message(QueueUrl=url, MessageBody="one")
    monkeypatch.delattr(SQSBackend, "get_queue_attributes")
    assert [message["Body"] for message in queues.receive_message(QueueUrl=url)["Messages"]] == ["one"]


def test_a_function_is_what_the_template_says_with_addresses_of_the_cloud(idle: LocalCloud) -> None:
    quick, slow = idle.deployment.functions["quick"], idle.deployment.functions["slow"]
    assert set(idle.deployment.functions) == {"quick", "slow"}
    assert (quick.name, quick.handler, quick.timeout, quick.memory) == ("quick", "worker_bee.handler", 7, 256)
    assert quick.arn == "arn:aws:lambda:eu-west-1:123456789012:function:quick"
    assert quick.path == (HERE / "functions",)
    assert quick.environment == {"QUEUE_URL": idle.outputs["Queue"], "COLOUR": "red"}
    assert slow.environment == {}


def test_outputs_have_addresses_of_the_cloud(idle: LocalCloud) -> None:
    assert idle.outputs == {"Queue": f"{idle.endpoint}/123456789012/work", "Colour": "red"}


def test_a_function_has_credentials_of_its_own_and_the_permissions_of_its_role(idle: LocalCloud) -> None:
    credentials = {name: function.credentials for name, function in idle.deployment.functions.items()}
    assert all(each.key and each.secret and each.token for each in credentials.values())
    roles = {name: idle.deployment.roles[each.key] for name, each in credentials.items()}
    assert {name: role.arn for name, role in roles.items()} == {
        name: f"arn:aws:sts::123456789012:assumed-role/role/{name}" for name in ("quick", "slow")
    }
    assert roles["quick"].grants == roles["slow"].grants
    assert set(roles["quick"].grants) == {
        Grant("", "s3:GetObject", ("arn:aws:s3:::documents/*",)),
        Grant("", "sqs:ReceiveMessage", ("*",), denies=True),
    }


def test_triggers_are_what_the_template_says(idle: LocalCloud) -> None:
    arn = "arn:aws:sqs:eu-west-1:123456789012:work"
    assert idle.deployment.mappings == (QueueTrigger("work", arn, "quick", 3, partial=False, concurrency=2),)
    quick, slow = sorted(idle.deployment.invocations, key=lambda trigger: trigger.function)
    assert quick == AsyncTrigger(quick.queue, "quick", 2, dead_letters="dead", on_failure=None)
    assert slow == AsyncTrigger(slow.queue, "slow", 0, dead_letters=None, on_failure="failed")
    assert len({quick.queue, slow.queue, "work", "dead", "failed"}) == 5
    assert "/" not in quick.queue + slow.queue


def test_log_groups_other_than_lambdas_own_are_known(idle: LocalCloud) -> None:
    assert idle.deployment.log_groups == {"quick": "shared"}


@pytest.mark.parametrize(("bucket", "versions"), [("plain", False), ("documents", True)])
def test_a_bucket_has_versions_if_the_template_says_so(
    idle: LocalCloud, bucket: str, *, versions: bool
) -> None:
    assert ("Status" in idle.client("s3").get_bucket_versioning(Bucket=bucket)) is versions


def test_the_code_is_stored_in_the_region_of_the_stack(idle: LocalCloud) -> None:
    location = idle.client("s3").get_bucket_location(Bucket="whole-local-code")
    assert location["LocationConstraint"] == "eu-west-1"


def test_only_the_template_has_to_be_set() -> None:
    settings = Settings(Path("template.yaml"))
    assert (settings.host, settings.port) == (LOOPBACK, 0)
    assert (settings.strict_tasks, settings.require_resources, settings.enforce_iam) == (False, True, True)
    assert settings.concurrency == 2
