"""``make sam-local``: run every sample event through ``sam local``, in containers, against a local cloud.

The last line counts the invocations and the outcomes. Exit status 0 when everything ended as expected, or without a
Docker engine, which the last line says; 1 when something did not; 2 when it could not run.
"""

import json
import platform
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from appflow_gitops_local.artifacts import ARCHITECTURES
from appflow_gitops_local.clients import Cloud
from appflow_gitops_local.running import RunningCloud
from appflow_gitops_local.stack import DOCUMENTS, EVENTS, TEMPLATE
from tools.sam_local.docker import NoDockerError, require_engine, require_image
from tools.sam_local.sam import Sam, SamError

SAM = Path(".venv-sam/bin/sam")
BUILT = Path(".aws-sam/sam-local")
INTAKE, APPLY = "IntakeFunction", "ApplyFunction"
DETECT_DRIFT, WATCH_RUNS = "DetectDriftFunction", "WatchRunsFunction"
EXPECTED = {"Applied": 7, "Rejected": 2, "drift reported": 1, "health reported": 1}
"""Ending of a change, a scan or a run -> how many there are."""
REPORTS = {"Flow Drift Detected": "drift reported", "Flow Health Changed": "health reported"}
"""Status events that are not the outcome of a change."""

OPTIONS = (
    *("--host", "0.0.0.0", "--runtime", "none"),  # noqa: S104 - containers must reach it
    *("--allow-missing", "-P", "CreateMissingFlows=true"),
)
"""Of `local up`; docs/sam-local.md has the same."""

Event = Mapping[str, Any]


@dataclass(slots=True)
class Run:
    """One run: a local cloud that runs no functions, and the SAM CLI that does."""

    sam: Sam
    cloud: RunningCloud
    environment: Path
    invoked: Counter[str] = field(default_factory=Counter)

    def invoke(self, function: str, sample: str, event: Event) -> Any:
        """Invoke a function and print its answer."""
        answer = self.sam.invoke(function, event, self.environment)
        self._report(function, sample, answer)
        return answer

    def invoke_started(self, client: Any, function: str, sample: str, event: Event) -> None:
        """Invoke a function through ``sam local start-lambda`` and print its answer."""
        answer = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        self._report(function, f"{sample} (start-lambda)", json.loads(answer["Payload"].read()))

    def _report(self, function: str, sample: str, answer: Any) -> None:
        self.invoked[function] += 1
        show(f"{function}: {sample}\n    {json.dumps(answer)}")


def samples(cloud: RunningCloud) -> Mapping[str, Callable[[], Event]]:
    """Each sample event for intake, and what builds it for the running cloud."""
    mistakes = EVENTS / "demo" / "contacts.yaml"
    return {
        "s3-object-created.json": lambda: cloud.object_created(
            DOCUMENTS / "orders.yaml", "flows/orders.yaml"
        ),
        "s3-notification.json": lambda: cloud.notification(
            DOCUMENTS / "business-partners.json", "flows/sales & marketing/business-partners.json"
        ),
        "flow-change-requested.json": lambda: cloud.requested(DOCUMENTS / "price-list.json"),
        "flow-change-requested-text.json": lambda: cloud.requested_text(DOCUMENTS / "repositories.yaml"),
        "flow-change-requested-pointer.json": lambda: cloud.requested_pointer(
            DOCUMENTS / "support.yaml", "flows/support.yaml"
        ),
        "demo/contacts.yaml": lambda: cloud.object_created(mistakes, "flows/contacts.yaml"),
    }


def carry_out(run: Run, cloud: Cloud) -> None:
    """Invoke every function with every event that it handles."""
    for sample, build in samples(run.cloud).items():
        run.invoke(INTAKE, sample, build())
    run.invoke(APPLY, "sqs-flow-changes.json", run.cloud.queued())
    cloud.client("appflow").stop_flow(flowName="orders")
    run.invoke(DETECT_DRIFT, "drift-scan-due.json", run.cloud.scan_due())
    run.invoke(DETECT_DRIFT, "flow-repairs-confirmed.json", run.cloud.repairs_confirmed())
    run.invoke(WATCH_RUNS, "flow-run-ended.json", run.cloud.run_ended("price-list"))
    run.invoke(WATCH_RUNS, "drift-scan-due.json", run.cloud.scan_due())
    run.invoke(INTAKE, "flow-run-requested.json", run.cloud.run_requested("business-partners"))
    with run.sam.start_lambda(run.environment) as started:
        client = started.client("lambda")
        event = run.cloud.requested(DOCUMENTS / "account-changes.json")
        run.invoke_started(client, INTAKE, "flow-change-requested.json", event)
        run.invoke_started(client, APPLY, "sqs-flow-changes.json", run.cloud.queued())


@contextmanager
def local_cloud() -> Iterator[dict[str, Any]]:
    """Run a local cloud that containers reach and that runs no functions; yield its ready line."""
    code = "from appflow_gitops_cli.main import main; main()"
    command = [sys.executable, "-c", code, "local", "up", "--port", "0", *OPTIONS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        try:
            ready = process.stdout.readline() if process.stdout else ""
            if not ready:
                raise SamError("the local cloud did not start, see the error above")
            yield json.loads(ready)
        finally:
            process.send_signal(signal.SIGTERM)


def main() -> int:
    """Run everything and return the exit status."""
    architecture = ARCHITECTURES.get(platform.machine(), "x86_64")
    try:
        require_engine()
        require_image(architecture)
    except NoDockerError as reason:
        show(f"sam local: skipped, {reason}")
        return 0
    sam = Sam(SAM.absolute(), TEMPLATE, BUILT.absolute(), architecture, "us-east-1")
    try:
        sam.build()
        with local_cloud() as ready, tempfile.TemporaryDirectory() as folder:
            return carry_out_in(sam, ready, Path(folder, "env.json"))
    except SamError as error:
        show(f"sam local: failed, {error}")
        return 2


def carry_out_in(sam: Sam, ready: Mapping[str, Any], environment: Path) -> int:
    """Carry out the run in a ready local cloud, print the last line, and return the exit status."""
    endpoint, region = ready["endpoint"], ready["region"]
    cloud = RunningCloud(endpoint, region, ready["stack"])
    port = endpoint.rsplit(":", 1)[1]
    variables = cloud.sam_environment(f"http://host.docker.internal:{port}")
    environment.write_text(json.dumps(variables), encoding="utf-8")
    run = Run(sam, cloud, environment)
    carry_out(run, Cloud(endpoint, region))
    outcomes = Counter(ending(event) for event in cloud.status_events())
    counted = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    total, functions = run.invoked.total(), len(run.invoked)
    show(f"sam local: {total} invocations of {functions} functions: {counted}")
    return 0 if outcomes == EXPECTED else 1


def ending(event: Event) -> str:
    """Return the outcome of a status event, or what it reports."""
    outcome = event["detail"]["data"].get("outcome")
    return str(outcome or REPORTS.get(event["detail-type"], event["detail-type"]))


def show(line: str) -> None:
    """Print one line at once."""
    print(line, flush=True)  # noqa: T201 - the output of a command


if __name__ == "__main__":
    sys.exit(main())
