"""``make bench``: measures, prints the table, writes bench.json. Exit status 1 where a figure is over its
limit, 2 where something could not be measured.

python -m benchmarks [--only init] [--rounds 7]
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from appflow_gitops_local.artifacts import BuildError
from appflow_gitops_local.rie import EmulatorMissingError
from appflow_gitops_local.runtime import FunctionError
from benchmarks import growth, layer_size, plan_speed, processor_time, shared_file, start, wall_time
from benchmarks.figures import LEAST_ROUNDS, Figure, MeasurementError, rows

MEASUREMENTS: Mapping[str, Callable[[int], list[Figure]]] = {
    "init": start.figures,
    "cpu": processor_time.figures,
    "file": shared_file.figures,
    "wall": wall_time.figures,
    "plan": plan_speed.figures,
    "growth": growth.figures,
    "layer": layer_size.figures,
}
RESULT = Path("bench.json")


def main() -> int:
    """Measure what was asked for."""
    arguments = _arguments()
    console = Console(highlight=False)
    figures: list[Figure] = []
    try:
        for name in arguments.only or MEASUREMENTS:
            with console.status(f"Measuring {name}"):
                figures += MEASUREMENTS[name](arguments.rounds)
    except (BuildError, EmulatorMissingError, FunctionError, MeasurementError) as error:
        console.print(f"Nothing was measured: {error}", markup=False)
        return 2
    RESULT.write_text(json.dumps(rows(figures), indent=2) + "\n", encoding="utf-8")
    console.print(_table(figures))
    return 0 if all(figure.holds for figure in figures) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=MEASUREMENTS, help="measure this only; may be repeated"
    )
    parser.add_argument("--rounds", type=_rounds, default=LEAST_ROUNDS, help="how many ratios to take")
    return parser.parse_args()


def _rounds(text: str) -> int:
    rounds = int(text)
    if rounds < LEAST_ROUNDS:
        raise argparse.ArgumentTypeError(f"a median wants {LEAST_ROUNDS} rounds at least")
    return rounds


def _table(figures: Sequence[Figure]) -> Table:
    table = Table("figure", "value", "at most", "", "unit")
    for column in table.columns[1:3]:
        column.justify = "right"
    for figure in figures:
        verdict = "[green]ok[/]" if figure.holds else "[red]over[/]"
        table.add_row(figure.name, f"{figure.value:.3f}", f"{figure.limit:g}", verdict, figure.unit)
    return table


if __name__ == "__main__":
    sys.exit(main())
