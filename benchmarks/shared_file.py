"""Warm processor time of apply per flow: one file with 100 flows against 100 files with one flow each.

Every version is read and validated once, however many of its flows change. Each side has a process of its own.
"""

import json

from benchmarks.changes import Dropped, batch, document, flow_request
from benchmarks.figures import RATIO, Figure, alternately
from benchmarks.processes import Measured, worker
from benchmarks.processor_time import Documents, expect, prepared

LIMIT = 1.3
FLOWS = 100
FILE = "flows/all.json"


def figures(rounds: int) -> list[Figure]:
    """The ratio per flow."""
    with (
        prepared() as documents,
        worker("apply", documents.endpoint) as shared,
        worker("apply", documents.endpoint) as single,
    ):
        documents.create([_name(side, number) for side in ("shared", "single") for number in range(FLOWS)])

        def candidate() -> float:
            return _seconds(shared, _one_file(documents))

        def baseline() -> float:
            return _seconds(single, _many_files(documents))

        candidate(), baseline()
        ratio = alternately(candidate, baseline, rounds)
    return [Figure(f"warm CPU of apply per flow, {FLOWS} flows in one file", ratio, LIMIT, RATIO)]


def _name(side: str, number: int) -> str:
    return f"{side}-{number}"


def _one_file(documents: Documents) -> list[Dropped]:
    """The changes of the next version of the file."""
    documents.written += 1
    flows = [flow_request(_name("shared", number), documents.written) for number in range(FLOWS)]
    put = documents.put(FILE, json.dumps(flows, indent=2).encode())
    return [Dropped(flow["flowName"], *put, FILE) for flow in flows]


def _many_files(documents: Documents) -> list[Dropped]:
    """The changes of the next version of every file."""
    documents.written += 1
    dropped = []
    for number in range(FLOWS):
        name = _name("single", number)
        put = documents.put(Dropped(name, "").key, document(name, documents.written))
        dropped.append(Dropped(name, *put))
    return dropped


def _seconds(apply: Measured, changes: list[Dropped]) -> float:
    """The processor time of all changes, one invocation each."""
    seconds = 0.0
    for change in changes:
        spent = apply(batch([change]))
        expect(spent, "UpdateFlow", 1)
        seconds += spent["seconds"]
    return seconds
