"""What the measured functions get: documents of one flow in many versions, and the events and messages about them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from appflow_gitops_local.envelopes import Message, sqs_event
from appflow_gitops_local.runtime import Function

ROOT = Path(__file__).parents[1]
REGION = "us-east-1"
ACCOUNT = "123456789012"
BUCKET, BUS, QUEUE = "documents", "status", "flow-changes.fifo"
BATCH = 1
"""How many changes apply gets at a time; template.yaml says so."""
MEMORY, TIMEOUT = 512, 300
SAMPLE = ROOT / "events" / "documents" / "price-list.json"
_CREATED = ROOT / "events" / "s3-object-created.json"


class Dropped(NamedTuple):
    """One version of a document in the bucket."""

    flow: str
    version: str
    etag: str = ""
    file: str = ""
    """Its key, if it declares more than this flow."""

    @property
    def key(self) -> str:
        """The key of the document."""
        return self.file or key_of(self.flow)


def key_of(flow: str) -> str:
    """The key of a flow's document."""
    return f"flows/{flow}.json"


def flow_request(flow: str, number: int) -> dict[str, Any]:
    """The sample flow under another name; ``number`` makes it differ from every other version."""
    sample = json.loads(SAMPLE.read_bytes())
    return {**sample, "flowName": flow, "description": f"version {number}"}


def document(flow: str, number: int) -> bytes:
    """The document of such a flow."""
    return json.dumps(flow_request(flow, number), indent=2).encode()


def object_created(dropped: Dropped) -> dict[str, Any]:
    """The S3 event of a dropped document."""
    event: dict[str, Any] = json.loads(_CREATED.read_bytes())
    event["detail"]["bucket"]["name"] = BUCKET
    event["detail"]["object"] |= {
        "key": dropped.key,
        "version-id": dropped.version,
        "etag": dropped.etag,
    }
    return event


def batch(versions: Sequence[Dropped]) -> dict[str, Any]:
    """The event that brings changes to apply."""
    messages = [_message(number, dropped) for number, dropped in enumerate(versions)]
    return sqs_event(messages, f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}", REGION)


def _message(number: int, dropped: Dropped) -> Message:
    version = {"bucket": BUCKET, "key": dropped.key, "versionId": dropped.version, "eTag": dropped.etag}
    identity = f"s3://{BUCKET}/{dropped.key}@{dropped.version}"
    change = {
        "identity": identity,
        "flowName": dropped.flow,
        "correlationId": identity,
        "requestedAt": "2026-03-02T08:20:00Z",
        "document": version,
    }
    attributes = {"ApproximateReceiveCount": "1", "SequenceNumber": f"{number:020}"}
    return Message(str(number), "receipt", json.dumps(change), attributes, {})


def environment(queue_url: str = "") -> dict[str, str]:
    """What template.yaml gives both functions."""
    return {
        "DOCUMENTS_BUCKET": BUCKET,
        "DOCUMENTS_PREFIX": "flows/",
        "STAGE": "",
        "EVENT_BUS_NAME": BUS,
        "FLOW_CHANGES_QUEUE_URL": queue_url,
        "DEAD_LETTER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/dead.fifo",
        "RELEASE_TIMERS_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/timers",
        "MAX_ATTEMPTS": "5",
        "CREATE_MISSING_FLOWS": "false",
        "POWERTOOLS_METRICS_NAMESPACE": "AppFlowGitops/benchmarks",
    }


def function(handler: str, path: Sequence[Path], variables: Mapping[str, str]) -> Function:
    """A function as template.yaml deploys ours, but for what it runs."""
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:measured"
    return Function("measured", arn, handler, TIMEOUT, MEMORY, tuple(path), variables)
