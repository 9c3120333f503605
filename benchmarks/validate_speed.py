"""How fast `appflow-gitops validate` is: many documents in one call, side by side with cfn-lint and an earlier version.

    python benchmarks/validate_speed.py [--documents 10000] [--compared 1000] [--earlier FOLDER]

The documents are copies of events/documents. With --earlier, the source tree of an earlier version validates the same
folder by turns, then both validate a folder in which every tenth file belongs to another tool. Times are processor
time, which other work on the machine disturbs little, of the whole command with its start, the better of two runs.
Exits 1 when a promise does not hold: time grows in line with the documents (11 times at most for 10 times as many),
cfn-lint takes at least 20 times as long for the same flows written as AWS::AppFlow::Flow, and this version takes no
longer than the earlier one (1.05 times at most).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from rich.console import Console
from rich.table import Table

from appflow_gitops.documents.read import read_document

HERE = Path(__file__).parent.parent
SAMPLES = HERE / "events" / "documents"
TOOLS = Path(sys.executable).parent
RUNS = 2
MOST_RESOURCES = 500  # in one template, says CloudFormation
MOST_GROWTH = 11
LEAST_ADVANTAGE = 20
MOST_OF_EARLIER = 1.05
FOREIGN = 10  # every tenth file of the mixed folder belongs to another tool

Flow = Mapping[str, Any]


class Run(NamedTuple):
    """One command, measured."""

    what: str
    flows: int
    seconds: float

    @property
    def milliseconds_per_flow(self) -> float:
        """What one flow took, with its share of the command's start."""
        return 1000 * self.seconds / self.flows


def main() -> int:
    """Measure, print the table, judge."""
    arguments = _arguments()
    if arguments.earlier:
        return _compare(arguments.earlier, arguments.documents)
    with tempfile.TemporaryDirectory() as folder:
        small = _validated(Path(folder, "tenth"), arguments.documents // 10)
        large = _validated(Path(folder, "all"), arguments.documents)
        same = _validated(Path(folder, "same"), arguments.compared)
        separate = _linted(Path(folder, "separate"), arguments.compared, per_template=1)
        together = _linted(Path(folder, "together"), arguments.compared, per_template=MOST_RESOURCES)
    growth = large.seconds / small.seconds
    alike, at_best = (separate.seconds / same.seconds, together.seconds / same.seconds)
    _show([small, large, same, separate, together])
    say = Console().print
    say(f"10 times the documents: {growth:.1f} times the time ({MOST_GROWTH} at most)")
    say(f"cfn-lint, one flow a file too: {alike:.0f} times the time ({LEAST_ADVANTAGE} at least)")
    say(f"cfn-lint on as few files as CloudFormation allows: {at_best:.0f} times the time")
    return 0 if growth <= MOST_GROWTH and alike >= LEAST_ADVANTAGE else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=10_000, help="documents in the largest call")
    parser.add_argument(
        "--earlier", type=Path, help="source tree of a version to compare with, instead of cfn-lint"
    )
    parser.add_argument("--compared", type=int, default=1_000, help="flows to compare with cfn-lint on")
    return parser.parse_args()


def _compare(earlier: Path, count: int) -> int:
    """Measure this version and an earlier one by turns on the same folders; return the exit status."""
    ratios = []
    for has_others in (False, True):
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent, "documents")
            _write_documents(folder, count, has_others=has_others)
            turns = [(_validation(earlier, folder), _validation(HERE, folder)) for _ in range(RUNS)]
        before, now = (min(times) for times in zip(*turns, strict=True))
        what = f"flow documents{', 1 in 10 files of another tool' if has_others else ''}"
        _show([Run(f"earlier, {what}", count, before), Run(f"this version, {what}", count, now)])
        ratios.append(now / before)
    shown = " and ".join(f"{ratio:.2f}" for ratio in ratios)
    Console().print(f"this version: {shown} times the earlier time ({MOST_OF_EARLIER} at most)")
    return 0 if max(ratios) <= MOST_OF_EARLIER else 1


def _validation(tree: Path, folder: Path) -> float:
    """Return the processor time of validating the folder with the sources of a version."""
    path = os.pathsep.join(str(tree / part) for part in ("layers/appflow_gitops", "cli", "local"))
    start = "import sys; from appflow_gitops_cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", start, "validate", "--format", "json", str(folder)]
    return _processor_time(command, folder, {**os.environ, "PYTHONPATH": path})


def _write_documents(folder: Path, count: int, *, has_others: bool) -> None:
    folder.mkdir()
    for number, (ending, flow) in enumerate(_flows(count)):
        if has_others and number % FOREIGN == 0:
            other = _OTHERS[number // FOREIGN % len(_OTHERS)]
            _write(folder / f"{flow['flowName']}{ending}", other(_resource(flow)))
        else:
            _write(folder / f"{flow['flowName']}{ending}", flow)


_OTHERS: Sequence[Callable[[Flow], Flow]] = (
    lambda flow: {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Flow": flow}},
    lambda flow: {"version": 4, "terraform_version": "1.9.0", "lineage": "x", "resources": [flow]},
    lambda flow: {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "x"},
        "data": flow["Properties"],
    },
    lambda flow: flow["Properties"],
)


def _flows(count: int) -> list[tuple[str, Flow]]:
    """That many flows, each with a name of its own, and the ending of the file that it is from."""
    samples = [
        (path.suffix, flow.value)
        for path in sorted(SAMPLES.iterdir())
        for flow in read_document(path.read_bytes(), path.name).flows
    ]
    chosen = (samples[number % len(samples)] for number in range(count))
    return [(ending, {**flow, "flowName": f"flow-{number}"}) for number, (ending, flow) in enumerate(chosen)]


def _validated(folder: Path, count: int) -> Run:
    _write_documents(folder, count, has_others=False)
    command = [str(TOOLS / "appflow-gitops"), "validate", str(folder)]
    return Run(
        "appflow-gitops validate, one flow a file",
        count,
        _seconds(command, folder),
    )


def _linted(folder: Path, count: int, *, per_template: int) -> Run:
    folder.mkdir()
    flows = _flows(count)
    for start in range(0, count, per_template):
        group = flows[start : start + per_template]
        resources = {f"Flow{number}": _resource(flow) for number, (_, flow) in enumerate(group)}
        _write(
            folder / f"{start}{group[0][0]}",
            {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources},
        )
    what = "one flow a template" if per_template == 1 else f"{per_template} flows a template"
    # In its own folder cfn-lint finds no settings of this project.
    command = [
        str(TOOLS / "cfn-lint"),
        "--regions",
        "us-east-1",
        "--",
        *sorted(path.name for path in folder.iterdir()),
    ]
    return Run(f"cfn-lint, {what}", count, _seconds(command, folder))


def _resource(flow: Flow) -> Flow:
    properties = _in_pascal_case(flow)
    trigger = properties["TriggerConfig"]
    if "TriggerProperties" in trigger:
        trigger["TriggerProperties"] = trigger["TriggerProperties"]["Scheduled"]
    for task in properties["Tasks"]:
        if "TaskProperties" in task:
            task["TaskProperties"] = _pairs(task["TaskProperties"])
    if "Tags" in properties:
        properties["Tags"] = _pairs(properties["Tags"])
    return {"Type": "AWS::AppFlow::Flow", "Properties": properties}


def _in_pascal_case(value: Any) -> Any:
    match value:
        case dict():
            plain = ("tags", "taskProperties", "customProperties")
            return {
                _cloudformation_name(name): inner if name in plain else _in_pascal_case(inner)
                for name, inner in value.items()
            }
        case list():
            return [_in_pascal_case(item) for item in value]
        case other:
            return other


def _cloudformation_name(name: str) -> str:
    other = {"timezone": "TimeZone", "failOnFirstDestinationError": "FailOnFirstError"}
    return other.get(name, name[0].upper() + name[1:])


def _pairs(entries: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in entries.items()]


def _write(path: Path, content: Mapping[str, Any]) -> None:
    text = (
        json.dumps(content, indent=2) if path.suffix == ".json" else yaml.safe_dump(content, sort_keys=False)
    )
    path.write_text(text, encoding="utf-8")


def _seconds(command: Sequence[str], folder: Path) -> float:
    return min(_processor_time(command, folder) for _ in range(RUNS))


def _processor_time(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=False, cwd=folder, stdout=subprocess.DEVNULL, env=environment)  # noqa: S603 - our own tools
    if done.returncode not in (0, 1):  # 1: files of other tools are errors
        raise subprocess.CalledProcessError(done.returncode, command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _show(runs: Sequence[Run]) -> None:
    table = Table("command", "flows", "seconds", "ms per flow")
    for column in table.columns[1:]:
        column.justify = "right"
    for run in runs:
        table.add_row(run.what, f"{run.flows:,}", f"{run.seconds:.2f}", f"{run.milliseconds_per_flow:.2f}")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
