"""Simulate many histories in two processes, each with a seed of its own, and print how many passed: ``make soak``."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

PROCESSES = 2
TEST = Path(__file__).with_name("test_nothing_lost.py")


def main() -> int:
    """Run the processes; the exit status is 0 if every history passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, required=True, help="number of histories")
    parser.add_argument(
        "--seed", type=int, required=True, help="seed of the first process; the next has the next"
    )
    chosen = parser.parse_args()
    shares = [(chosen.runs + number) // PROCESSES for number in range(PROCESSES)]
    started = [_start(share, chosen.seed + number) for number, share in enumerate(shares)]
    passed = [process.wait() == 0 for process in started]
    histories = sum(share for share, was_clean in zip(shares, passed, strict=True) if was_clean)
    sys.stdout.write(
        f"{histories} of {chosen.runs} histories passed, seeds {chosen.seed} to {chosen.seed + PROCESSES - 1}\n"
    )
    return 0 if all(passed) else 1


def _start(runs: int, seed: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "pytest", "-q", str(TEST), f"--hypothesis-seed={seed}"]
    return subprocess.Popen(command, env={**os.environ, "SIMULATION_RUNS": str(runs)})


if __name__ == "__main__":
    sys.exit(main())
