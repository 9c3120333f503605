"""What the functions do, one scenario after the other: together they make every call that the functions ever make."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from appflow_gitops.aws.health_records import S3HealthRecords
from appflow_gitops.aws.held_changes import S3HeldChanges
from appflow_gitops.aws.takeovers import S3Takeovers
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.health.record import HealthRecord
from appflow_gitops.sync.held import HeldChange, ReleaseCheck
from appflow_gitops.sync.takeover import Takeover
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.entities import entity_from_json
from appflow_gitops_local.appflow.faults import fault_from_json
from appflow_gitops_local.appflow.runs import outcome_from_json
from fakes.flow_documents import accounts, orders, scheduled, text
from integration.permissions.account import Account

KEY = "flows/orders.json"
NAME = "team-orders"
PAUSES = "paused: [{flows: ['*'], reason: incident}]"
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens, to which function, the event once all is set up, and what came of it: words of ``ends``."""

    title: str
    function: str
    event: Callable[[Account], Event]
    ends: str = ""


def flow(**changes: Any) -> dict[str, Any]:
    return orders(flowName=NAME, **changes)


def dropped(key: str, content: str) -> Callable[[Account], Event]:
    """The event of a dropped object."""

    def event(account: Account) -> Event:
        version = account.drop(key, content)
        described = {"key": key, "version-id": version, "sequencer": "1"}
        detail = {"bucket": {"name": account.bucket}, "object": described}
        return {"id": "1", "detail-type": "Object Created", "time": "2026-03-02T08:15:30Z", "detail": detail}

    return event


def asked_for(key: str, *before: tuple[str, str]) -> Callable[[Account], Event]:
    """The event of a request that names a document, after some objects were dropped."""

    def event(account: Account) -> Event:
        for name, content in before:
            account.drop(name, content)
        detail = {"document": {"bucket": account.bucket, "key": key}}
        return {
            "id": "2",
            "detail-type": "Flow Change Requested",
            "time": "2026-03-02T08:15:30Z",
            "detail": detail,
        }

    return event


def message(account: Account, change: dict[str, Any]) -> Event:
    """A batch of one change, which really is in the queue."""
    body = {
        "identity": "3",
        "flowName": change.get("desired", flow())["flowName"],
        "correlationId": "3",
        "requestedAt": "2026-03-02T08:15:30Z",
        **change,
    }
    queue = account.client("sqs")
    queue.send_message(
        QueueUrl=account.queue,
        MessageBody=json.dumps(body),
        MessageGroupId=uuid.uuid4().hex,
        MessageDeduplicationId=uuid.uuid4().hex,
    )
    (received,) = queue.receive_message(QueueUrl=account.queue)["Messages"]
    record = {
        "messageId": received["MessageId"],
        "receiptHandle": received["ReceiptHandle"],
        "body": received["Body"],
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    }
    return {"Records": [record]}


def changed(
    desired: dict[str, Any], live: dict[str, Any] | None, fault: Event | None = None, attempt: int = 1
) -> Callable[[Account], Event]:
    """The batch of a requested change of a flow that is live, or not there."""

    def event(account: Account) -> Event:
        make_live(account, live)
        if fault:
            controls.faults.add(fault_from_json(fault))
        batch = message(account, {"desired": desired})
        batch["Records"][0]["attributes"]["ApproximateReceiveCount"] = str(attempt)
        return batch

    return event


def described(fields: list[dict[str, str]] | None) -> Callable[[Account], Event]:
    """The batch of a change of a flow from Salesforce, whose object has these fields, or does not exist."""

    def event(account: Account) -> Event:
        entity = {"connectorType": "Salesforce", "entity": "Account", "fields": fields}
        controls.entities.describe(entity_from_json(entity))
        return message(account, {"desired": accounts(flowName=NAME)})

    return event


def compared(fields: list[dict[str, str]] | None) -> Callable[[Account], Event]:
    """The event of a scan of a document whose flow is live and uses an object with these fields, or a missing one."""

    def event(account: Account) -> Event:
        entity = {"connectorType": "Salesforce", "entity": "Account", "fields": fields}
        controls.entities.describe(entity_from_json(entity))
        desired = accounts(flowName=NAME)
        return due(desired, text(desired))(account)

    return event


def edited(tags: dict[str, str]) -> Callable[[Account], Event]:
    """The batch of a dropped document, whose flow has these tags."""

    def event(account: Account) -> Event:
        version = account.drop(KEY, text(flow()))
        account.client("appflow").create_flow(**flow(description="old"), tags=tags)
        return message(account, {"document": {"bucket": account.bucket, "key": KEY, "versionId": version}})

    return event


def declared(*later: str, gone: bool = False) -> Callable[[Account], Event]:
    """The batch of a dropped document, after later versions of it were dropped, or after it was deleted."""

    def event(account: Account) -> Event:
        make_live(account, flow(description="old"))
        version = account.drop(KEY, text(flow()))
        for content in later:
            account.drop(KEY, content)
        if gone:
            account.client("s3").delete_object(Bucket=account.bucket, Key=KEY)
        return message(account, {"document": {"bucket": account.bucket, "key": KEY, "versionId": version}})

    return event


def make_live(account: Account, live: dict[str, Any] | None) -> None:
    service = account.client("appflow")
    if live:
        service.create_flow(**live)
        if live["triggerConfig"]["triggerType"] == "Scheduled":
            service.start_flow(flowName=live["flowName"])


def due(live: dict[str, Any] | None, *versions: str) -> Callable[[Account], Event]:
    """The event of a scan for drift, after versions of a document were dropped."""

    def event(account: Account) -> Event:
        make_live(account, live)
        for content in versions:
            account.drop(KEY, content)
        return {"id": "4", "detail-type": "Scheduled Event", "time": "2026-03-02T09:00:00Z", "detail": {}}

    return event


def ran(account: Account) -> Event:
    """The event of a failed run of a flow that a dropped document owns."""
    version = account.drop(KEY, text(flow()))
    tags = {"appflow-gitops:document": f"s3://{account.bucket}/{KEY}", "appflow-gitops:version": version}
    service = account.client("appflow")
    service.create_flow(**flow(), tags=tags)
    controls.outcomes.add(outcome_from_json({"flowName": NAME, "status": "Error"}))
    service.start_flow(flowName=NAME)
    return {"id": "8", "detail-type": "AppFlow End Flow Run Report", "detail": {"flow-name": NAME}}


def scan_after_a_run(account: Account) -> Event:
    """The event of a scan after a failed run whose event was lost."""
    ran(account)
    return {"id": "4", "detail-type": "Scheduled Event", "time": "2026-03-02T09:00:00Z", "detail": {}}


def scan_after_a_deletion(account: Account) -> Event:
    """The event of a scan after a flow was deleted of which a health record exists."""
    S3HealthRecords(account.client("s3"), account.bucket).write(
        "team-gone", HealthRecord(health=Health.HEALTHY)
    )
    return {"id": "4", "detail-type": "Scheduled Event", "time": "2026-03-02T09:00:00Z", "detail": {}}


def store_held_change(account: Account) -> ReleaseCheck:
    """Store a held change; the check that releases it."""
    change = Change(
        identity="9", flowName=NAME, correlationId="9", requestedAt="2026-03-02T08:15:30Z", desired=flow()
    )
    waits = HeldChange(change=change, sequence="1", heldAt="2026-03-02T08:15:31Z", reason="incident")
    S3HeldChanges(account.client("s3"), account.bucket).keep(waits)
    return ReleaseCheck.timer_of(waits)


def held(pauses: str | None) -> Callable[[Account], Event]:
    """The message of the timer of a held change."""

    def event(account: Account) -> Event:
        if pauses:
            account.drop("paused.yaml", pauses)
        body = store_held_change(account).model_dump_json()
        return {"Records": [{"eventSource": "aws:sqs", "messageId": "9", "body": body}]}

    return event


def paused(account: Account) -> Event:
    """The batch of a change of a paused flow."""
    account.drop("paused.yaml", PAUSES)
    return changed(flow(), flow(description="old"))(account)


def scan_with_a_held_change(account: Account) -> Event:
    """The event of a scan for drift while a change is held."""
    store_held_change(account)
    return due(None)(account)


def owned_by_another(account: Account) -> Event:
    """The batch of a dropped document, whose flow belongs to another one."""
    old = account.drop("flows/old.json", text(flow(description="old")))
    tags = {"appflow-gitops:document": f"s3://{account.bucket}/flows/old.json", "appflow-gitops:version": old}
    account.client("appflow").create_flow(**flow(description="old"), tags=tags)
    version = account.drop(KEY, text(flow()))
    return message(account, {"document": {"bucket": account.bucket, "key": KEY, "versionId": version}})


def released(account: Account) -> Event:
    """The event of a deleted document for whose flow another waits, after which two versions were dropped."""
    old = "flows/old.json"
    account.drop(old, text(orders(flowName="team-another")))
    account.drop(old, "{}")
    version = DocumentVersion(bucket=account.bucket, key=KEY, versionId=account.drop(KEY, text(flow())))
    waiting = Takeover(
        flowName=NAME, owner=f"s3://{account.bucket}/{old}", document=version, provenance=Provenance()
    )
    S3Takeovers(account.client("s3"), account.bucket).record(waiting)
    detail = {"bucket": {"name": account.bucket}, "object": {"key": old, "sequencer": "2"}}
    return {"id": "5", "detail-type": "Object Deleted", "time": "2026-03-02T08:15:30Z", "detail": detail}


def failed_on(account: Account) -> Event:
    """The message about an event that intake failed on for the last time."""
    failed = dropped(KEY, text(flow()))(account)
    body = {
        "requestPayload": failed,
        "responsePayload": {"errorMessage": "SlowDown: Reduce your request rate"},
    }
    return {"Records": [{"eventSource": "aws:sqs", "messageId": "6", "body": json.dumps(body)}]}


def exhausted(account: Account) -> Event:
    """The event of a scan after the retries of a change were exhausted."""
    body = {
        "identity": "7",
        "flowName": NAME,
        "correlationId": "7",
        "requestedAt": "2026-03-02T08:15:30Z",
        "desired": flow(),
        "failedAt": "2026-03-02T08:20:00Z",
    }
    letter = str(uuid.uuid4())  # no letter of an earlier run may block or replace it
    client = account.client("sqs")
    url = client.get_queue_url(QueueName="appflow-gitops-changes-dead.fifo")["QueueUrl"]
    client.send_message(
        QueueUrl=url,
        MessageBody=json.dumps(body),
        MessageGroupId=letter,
        MessageDeduplicationId=letter,
    )
    return {"id": "4", "detail-type": "Scheduled Event", "time": "2026-03-02T09:00:00Z", "detail": {}}


EVERY_HOUR = scheduled(flowName=NAME)
POLICY = "rules: []\n"
VARIABLES = "lake: team-lake\n"

SCENARIOS = (
    Scenario("a document is dropped", "intake", dropped(KEY, text(flow())), "Queued"),
    Scenario("a request names a document", "intake", asked_for(KEY, (KEY, text(flow()))), "Queued"),
    Scenario("an invalid document is dropped", "intake", dropped(KEY, "{}"), "Rejected"),
    Scenario("a request names a document that is not there", "intake", asked_for(KEY), "Superseded"),
    Scenario("a broken policy is dropped", "intake", dropped("policy.yaml", "["), "Rejected"),
    Scenario("an event failed for the last time", "intake", failed_on, "Failed"),
    Scenario("invalid pauses are dropped", "intake", dropped("paused.yaml", "["), "Rejected"),
    Scenario("a held change is released", "intake", held(pauses=None), "Queued"),
    Scenario("a held change is still paused", "intake", held(pauses=PAUSES)),
    Scenario("a flow is paused", "apply", paused, "Held"),
    Scenario("a scan checks held changes", "detect_drift", scan_with_a_held_change),
    Scenario("a document lets go of a flow that another declares", "intake", released, "Queued"),
    Scenario("a flow belongs to another document", "apply", owned_by_another, "Rejected"),
    Scenario("a dropped document is carried out", "apply", declared(), "Applied"),
    Scenario("an invalid version was dropped after it", "apply", declared("{}"), "Applied"),
    Scenario(
        "the document no longer sets a tag",
        "apply",
        edited({"appflow-gitops:tags": "team", "team": "shop"}),
        "Applied",
    ),
    Scenario("the document was deleted meanwhile", "apply", declared(gone=True), "Superseded"),
    Scenario(
        "the flow's name is outside of FlowNamePrefix",
        "apply",
        changed(orders(), orders(description="old")),
        "Failed",
    ),
    Scenario("a flow is created", "apply", changed(flow(), live=None), "Applied"),
    Scenario(
        "a flow becomes scheduled",
        "apply",
        changed({**EVERY_HOUR, "flowStatus": "Active"}, flow()),
        "Applied",
    ),
    Scenario(
        "a flow is suspended",
        "apply",
        changed({**EVERY_HOUR, "flowStatus": "Suspended"}, EVERY_HOUR),
        "Applied",
    ),
    Scenario(
        "AppFlow is busy with the flow",
        "apply",
        changed(
            flow(),
            flow(description="old"),
            {"operation": "UpdateFlow", "error": "ConflictException", "status": 409, "times": 9},
        ),
    ),
    Scenario(
        "AppFlow is busy in the last attempt",
        "apply",
        changed(
            flow(),
            flow(description="old"),
            {"operation": "UpdateFlow", "error": "ConflictException", "status": 409, "times": 9},
            attempt=5,
        ),
        "Failed",
    ),
    Scenario(
        "a flow uses a field that does not exist", "apply", described([{"identifier": "Id"}]), "Rejected"
    ),
    Scenario("a flow uses an object that does not exist", "apply", described(None), "Rejected"),
    Scenario(
        "a field that a flow uses was removed",
        "detect_drift",
        compared([{"identifier": "Id"}]),
        "Account",
    ),
    Scenario("an object that a flow uses was removed", "detect_drift", compared(None), "Account"),
    Scenario("the retries of a change were exhausted", "detect_drift", exhausted, "Queued"),
    Scenario("a flow is gone", "detect_drift", due(None, text(flow())), "missing"),
    Scenario(
        "a flow drifts and is reverted",
        "detect_drift",
        due(flow(description="by hand"), text(flow())),
        "pending Queued",
    ),
    Scenario("the latest version is invalid", "detect_drift", due(flow(), text(flow()), "{}")),
    Scenario("a run fails", "watch_runs", ran, "Degraded"),
    Scenario("the event of a failed run was lost", "watch_runs", scan_after_a_run, "Degraded"),
    Scenario("a watched flow was deleted", "watch_runs", scan_after_a_deletion),
)
