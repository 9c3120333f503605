"""Feeds hostile bytes to the whole check and measures each: ``make fuzz RUNS=200000`` (issue 4, "Hostile input").

Only findings may come out. An input that raises, or that takes longer or more memory than promised, is kept in
``corpus`` beside this file, where the tests read it again; the exit status is then 1.
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
    """What one chunk of inputs came to."""

    runs: int
    escapes: int
    slowest: float
    memory: float


def main(arguments: Sequence[str]) -> int:
    """Run as many inputs as asked for; 0 when all kept their promises."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    chunks = range(0, options.runs, CHUNK)
    sizes = [min(CHUNK, options.runs - start) for start in chunks]
    numbers = [options.seed + number for number in range(len(sizes))]
    started = time.monotonic()
    with ProcessPoolExecutor(max_tasks_per_child=1) as pool:
        results = list(pool.map(_chunk, numbers, sizes))
    total = Result(
        runs=sum(result.runs for result in results),
        escapes=sum(result.escapes for result in results),
        slowest=max(result.slowest for result in results),
        memory=max(result.memory for result in results),
    )
    sys.stdout.write(
        f"{total.runs} inputs in {time.monotonic() - started:.0f} s: {total.escapes} escapes, "
        f"slowest {total.slowest:.2f} s (limit {SECONDS}), most memory {total.memory:.0f} MiB (limit {MEBIBYTES:.0f})\n"
    )
    kept = total.escapes == 0 and total.slowest < SECONDS and total.memory < MEBIBYTES
    return 0 if kept else 1


def seeds() -> list[bytes]:
    """Good documents, and whatever was found before."""
    paths = (path for folder in SEEDS for path in sorted((ROOT / folder).rglob("*")) if path.is_file())
    return [path.read_bytes() for path in paths]


def _chunk(number: int, size: int) -> Result:
    """A process of its own for each chunk, so that its peak memory is that of its worst input."""
    random, known = Random(number), seeds()  # noqa: S311 - tests, not secrets
    escapes, slowest = 0, 0.0
    for _ in range(size):
        data, name = mutated(random, known), random.choice(("a.json", "a.yaml", "-"))
        seconds = _seconds(data, name)
        if seconds is None or seconds >= SECONDS:
            escapes += seconds is None
            (CORPUS / f"{hashlib.sha256(data).hexdigest()[:12]}-{name}").write_bytes(data)
        slowest = max(slowest, seconds or 0.0)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Result(size, escapes, slowest, memory)


def _seconds(data: bytes, name: str) -> float | None:
    """Processor time of one check; ``None`` when anything but findings came out."""
    started = time.process_time()
    try:
        validate(data, name)
    except Exception as error:  # noqa: BLE001 - any exception is what we look for
        sys.stderr.write(f"{name}: {type(error).__name__}: {error}\n")
        return None
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
