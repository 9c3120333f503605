"""Fuzz the validation of documents: ``make fuzz RUNS=200000``.

An input fails if it raises, or if it exceeds the limits for time or memory. Inputs that raise or are slow are stored in
``tests/fuzz/corpus``, where the tests read them; the exit status is then 1.
"""

import hashlib
import resource
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

from appflow_gitops.validation.validate import validate
from tools.fuzz.mutate import mutated

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "fuzz" / "corpus"
SEEDS = ("events/documents", "events/demo", "events/reference", "tests/fuzz/corpus")
SECONDS = 1.0
MEBIBYTES = 200.0
CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one chunk of inputs: seconds of the slowest, peak memory in MiB."""

    runs: int
    exceptions: int
    slowest: float
    memory: float


def main(arguments: Sequence[str]) -> int:
    """Run the inputs and return the exit status: 0 if all are within the limits."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200_000, help="number of inputs")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first chunk")
    options = parser.parse_args(arguments)
    chunks = range(0, options.runs, CHUNK)
    sizes = [min(CHUNK, options.runs - start) for start in chunks]
    numbers = [options.seed + number for number in range(len(sizes))]
    started = time.monotonic()
    with ProcessPoolExecutor(max_tasks_per_child=1) as pool:
        results = list(pool.map(_chunk, numbers, sizes))
    total = Result(
        runs=sum(result.runs for result in results),
        exceptions=sum(result.exceptions for result in results),
        slowest=max(result.slowest for result in results),
        memory=max(result.memory for result in results),
    )
    sys.stdout.write(
        f"{total.runs} inputs in {time.monotonic() - started:.0f} s: {total.exceptions} exceptions, "
        f"slowest {total.slowest:.2f} s (limit {SECONDS}), peak memory {total.memory:.0f} MiB (limit {MEBIBYTES:.0f})\n"
    )
    passed = total.exceptions == 0 and total.slowest < SECONDS and total.memory < MEBIBYTES
    return 0 if passed else 1


def seeds() -> list[bytes]:
    """Return valid documents and all earlier failures."""
    paths = (path for folder in SEEDS for path in sorted((ROOT / folder).rglob("*")) if path.is_file())
    return [path.read_bytes() for path in paths]


def _chunk(number: int, size: int) -> Result:
    """Run one chunk. Each has its own process, so that the peak memory is that of its worst input."""
    random, known = Random(number), seeds()  # noqa: S311 - tests, not secrets
    exceptions, slowest = 0, 0.0
    for _ in range(size):
        data, name = mutated(random, known), random.choice(("a.json", "a.yaml", "-"))
        seconds = _seconds(data, name)
        if seconds is None or seconds >= SECONDS:
            exceptions += seconds is None
            (CORPUS / f"{hashlib.sha256(data).hexdigest()[:12]}-{name}").write_bytes(data)
        slowest = max(slowest, seconds or 0.0)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Result(size, exceptions, slowest, memory)


def _seconds(data: bytes, name: str) -> float | None:
    """Return the processor time of one validation; ``None`` if it raises."""
    started = time.process_time()
    try:
        validate(data, name)
    except Exception as error:  # noqa: BLE001 - any exception is a failure
        sys.stderr.write(f"{name}: {type(error).__name__}: {error}\n")
        return None
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
