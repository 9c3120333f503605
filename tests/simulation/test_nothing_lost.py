"""Everything at once: documents that move, requests, console edits, lost and repeated events, crashes, faults, hours.

Hypothesis makes up histories, on a virtual clock. ``Ledger`` holds each step to promises P1 to P14 and ``Convergence``
its end, when no fault is left and enough scans have run.

The default is the same 1,000 histories every time. Others: ``make soak RUNS=50000 SEED=1``, or with pytest
``SIMULATION_RUNS=500 pytest tests/simulation/test_nothing_lost.py --hypothesis-seed=7``. The same seed, number of runs
and code make up the same histories. A failure prints the shortest history that breaks the same promise, as calls of
``History``: paste them into a test to debug it. ``SIMULATION_SHRINK=no`` prints the history as it was found, and
much sooner.
"""

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.stateful import run_state_machine_as_test

from simulation.authors import Authors
from simulation.console import Console
from simulation.deployment import Deployment
from simulation.sequences import Sequences
from simulation.surroundings import Surroundings

RUNS = int(os.environ.get("SIMULATION_RUNS", "1000"))
SHRINK = os.environ.get("SIMULATION_SHRINK") != "no"
STEPS = 12


class Unmutated(HypothesisProvider):
    """Hypothesis's own choices. Under another name, it makes up a new history each time and repeats no parts of one."""


AVAILABLE_PROVIDERS["unmutated"] = Unmutated


class History(Authors, Console, Surroundings, Sequences):
    """A history of everything that the rules can do."""


def test_the_promises_hold_in_every_history() -> None:
    Deployment.runs = Deployment.failed_first = 0
    how = settings(
        max_examples=RUNS,
        backend="unmutated",
        stateful_step_count=STEPS,
        derandomize="SIMULATION_RUNS" not in os.environ,
        database=None,
        deadline=None,
        phases=[Phase.generate, *[Phase.shrink] * SHRINK],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(History, settings=how)
    except Exception as error:
        error.add_note(f"found in history {Deployment.failed_first or Deployment.runs}")
        raise
    assert Deployment.runs >= RUNS
