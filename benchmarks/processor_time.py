"""Warm processor time of apply and of intake per change, against bare boto3 making the same calls.

Ours handles a batch and records its calls; then the baseline, in a process of its own, makes exactly these, one
after the other. The services answer from a third process.
"""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3

from benchmarks.changes import (
    BATCH,
    BUCKET,
    BUS,
    QUEUE,
    REGION,
    Dropped,
    batch,
    document,
    flow_request,
    object_created,
)
from benchmarks.figures import RATIO, Figure, MeasurementError
from benchmarks.processes import Measured, server, worker

APPLY_LIMIT = 1.5
INTAKE_LIMIT = 2.0
FLOWS = 50
WARM_UP = 3
INVOCATIONS_PER_ROUND = {"apply": 50, "intake": 50}


def figures(rounds: int) -> list[Figure]:
    """The ratio of each function."""
    with prepared() as documents:
        apply = _ratio(documents, "apply", rounds)
        intake = _ratio(documents, "intake", rounds)
    return [
        Figure("warm CPU per applied change in apply", apply, APPLY_LIMIT, RATIO),
        Figure("warm CPU per change in intake", intake, INTAKE_LIMIT, RATIO),
    ]


@dataclass(slots=True)
class Documents:
    """The services with their bucket, queue and bus, and one document per flow."""

    endpoint: str
    queue_url: str = ""
    written: int = 0
    storage: Any = field(init=False)

    def __post_init__(self) -> None:
        self.storage = self.client("s3")

    def client(self, service: str) -> Any:
        """A boto3 client of these services."""
        session: Any = boto3.Session("local", "local", region_name=REGION)
        return session.client(service, endpoint_url=self.endpoint)

    def prepare(self) -> None:
        """Make everything that the functions meet."""
        self.storage.create_bucket(Bucket=BUCKET)
        versioning = {"Status": "Enabled"}
        self.storage.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=versioning)
        self.client("events").create_event_bus(Name=BUS)
        queues = self.client("sqs")
        self.queue_url = queues.create_queue(QueueName=QUEUE, Attributes={"FifoQueue": "true"})["QueueUrl"]
        self.create([f"flow-{number}" for number in range(FLOWS)])

    def create(self, names: Sequence[str]) -> None:
        """Create flows with these names."""
        flows = self.client("appflow")
        for name in names:
            flows.create_flow(**flow_request(name, 0))

    def put(self, key: str, text: bytes) -> tuple[str, str]:
        """Write the next version of a document; its version id and ETag."""
        stored = self.storage.put_object(Bucket=BUCKET, Key=key, Body=text)
        return stored["VersionId"], stored["ETag"].strip('"')

    def drop(self) -> tuple[Dropped, str]:
        """Write the next version of the next flow's document; its version and its text."""
        self.written += 1
        flow = f"flow-{self.written % FLOWS}"
        text = document(flow, self.written)
        return Dropped(flow, *self.put(Dropped(flow, "").key, text)), text.decode()


@contextmanager
def prepared() -> Iterator[Documents]:
    """The services while they run."""
    with server("services") as endpoint:
        documents = Documents(endpoint)
        documents.prepare()
        yield documents


def _ratio(documents: Documents, function: str, rounds: int) -> float:
    invoked = {"apply": _applied, "intake": _taken_in}[function]
    with (
        worker(function, documents.endpoint, documents.queue_url) as ours,
        worker("bare", documents.endpoint) as bare,
    ):
        for _ in range(WARM_UP):
            invoked(documents, ours, bare)
        return statistics.median(
            _round([invoked(documents, ours, bare) for _ in range(INVOCATIONS_PER_ROUND[function])])
            for _ in range(rounds)
        )


def _round(seconds: Sequence[tuple[float, float]]) -> float:
    """Ours to bare, all invocations of a round together."""
    return sum(ours for ours, _ in seconds) / sum(bare for _, bare in seconds)


def _applied(documents: Documents, ours: Measured, bare: Measured) -> tuple[float, float]:
    """Seconds of one batch in ours and in bare."""
    spent = ours(batch([documents.drop()[0] for _ in range(BATCH)]))
    expect(spent, "UpdateFlow", BATCH)
    return spent["seconds"], bare({"calls": spent["calls"]})["seconds"]


def _taken_in(documents: Documents, ours: Measured, bare: Measured) -> tuple[float, float]:
    """Seconds of one document in ours and in bare."""
    dropped, text = documents.drop()
    spent = ours(object_created(dropped))
    expect(spent, "SendMessageBatch", 1)
    return spent["seconds"], bare({"calls": spent["calls"], "document": text})["seconds"]


def expect(spent: Mapping[str, Any], operation: str, times: int) -> None:
    """Raise MeasurementError unless the operation was called that often."""
    made = [called for _, called, _ in spent["calls"]]
    if made.count(operation) != times:
        raise MeasurementError(f"{times} calls of {operation} were due, these were made: {made}")
