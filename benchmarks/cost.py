"""What 1,000 changes cost: the calls that a change makes, counted on the fakes, and what AWS asks for them.

    PYTHONPATH=tests python -m benchmarks.cost

prints the two tables of docs/performance.md, which a test holds to it. Prices are in US dollars, from AWS's price lists
of us-east-1 as of ``AS_OF``, free tiers left aside.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.changes import document, flow_request, key_of
from fakes.world import World

AS_OF = "November 2026"
CHANGES = 1_000
_MILLION = 1_000_000

LAMBDA_REQUEST = 0.20 / _MILLION
LAMBDA_GIGABYTE_SECOND = 0.0000133334  # arm64
SQS_REQUEST = 0.50 / _MILLION  # FIFO
S3_PUT, S3_GET = 5.00 / _MILLION, 0.40 / _MILLION
EVENT = 1.00 / _MILLION
LOG_GIGABYTE = 0.50
TRACE = 5.00 / _MILLION

GIGABYTES = 0.5
"""The memory of both functions."""
INTAKE_SECONDS = 0.2
CALL_SECONDS = 0.4
"""Assumed: what one call to AppFlow makes apply wait, and what all else does."""
LOG_BYTES = 1_500
"""Assumed: what one invocation logs, metrics and Lambda's own lines included."""

STATUS_EVENT_BYTES = 2_000
"""Assumed: a status event as the status log and the history log keep it."""

_FLOW = "orders"
_KEY = key_of(_FLOW)
_APPFLOW = ("DescribeFlow", "UpdateFlow", "TagResource")
_ORDER = ("GetObject", "ListObjects", "SendMessageBatch", *_APPFLOW, "PutEvents")


class Kind(NamedTuple):
    """A kind of change: how it ends, and every call that both functions make for it, alone in its batch."""

    outcome: str
    calls: Counter[str]

    @property
    def reaches_apply(self) -> bool:
        """Whether intake queues it."""
        return "SendMessageBatch" in self.calls


def kinds() -> list[Kind]:
    """Return the kinds of the page. The flow is live and owned by the document, whose next version is dropped."""
    versions = {
        "Applied": document(_FLOW, 2),
        "Unchanged": document(_FLOW, 1) + b"\n",
        "Rejected": json.dumps({**flow_request(_FLOW, 2), "tasks": "none"}).encode(),
    }
    return [Kind(outcome, _counted(outcome, content)) for outcome, content in versions.items()]


def _counted(outcome: str, content: bytes) -> Counter[str]:
    world = World()
    world.flows.edit(flow_request(_FLOW, 0))
    world.apply(_KEY, document(_FLOW, 1))
    before = len(world.calls.made)
    [event] = world.apply(_KEY, content)
    if event.data.outcome != outcome:
        raise ValueError(f"{outcome} was to be counted, it came to {event.data.outcome}")
    return Counter(world.calls.operations()[before:])


def costs(kind: Kind) -> dict[str, float]:
    """Dollars for 1,000 changes of a kind, one by one, by what is paid for."""
    invocations = 2 if kind.reaches_apply else 1
    waits = sum(kind.calls[operation] for operation in _APPFLOW) + 1
    seconds = INTAKE_SECONDS + (CALL_SECONDS * waits if kind.reaches_apply else 0)
    messages = 3 if kind.reaches_apply else 0  # sent, received, deleted
    each = {
        "Lambda": invocations * LAMBDA_REQUEST + seconds * GIGABYTES * LAMBDA_GIGABYTE_SECOND,
        "S3: the drop, and reading": S3_PUT * (1 + kind.calls["ListObjects"])
        + kind.calls["GetObject"] * S3_GET,
        "EventBridge: the drop's event, the status event": 2 * EVENT,
        "SQS": messages * SQS_REQUEST,
        "CloudWatch Logs": (invocations * LOG_BYTES + 2 * STATUS_EVENT_BYTES) / 1e9 * LOG_GIGABYTE,
        "X-Ray, every change traced": TRACE,
    }
    return {what: CHANGES * dollars for what, dollars in each.items()}


def tables() -> str:
    """Both tables in Markdown."""
    found = kinds()
    priced = [costs(kind) for kind in found]
    calls = [[operation, *(str(kind.calls[operation]) for kind in found)] for operation in _ORDER]
    dollars = [[what, *(f"{cost[what]:.4f}" for cost in priced)] for what in priced[0]]
    total = ["**US dollars per 1,000**", *(f"**{sum(cost.values()):.3f}**" for cost in priced)]
    outcomes = [kind.outcome for kind in found]
    return "\n\n".join(_table(["", *outcomes], rows) for rows in (calls, [*dollars, total]))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    print(tables())  # noqa: T201 - the answer of a command
