"""A function starts without the modules that only a document needs; `make bench` measures the start."""

import json
import subprocess
import sys
from importlib import import_module, reload
from pathlib import Path
from types import SimpleNamespace

import pytest

from appflow_gitops import cold_start

ROOT = Path(__file__).parents[2]

ONLY_FOR_DOCUMENTS = (
    "yaml",
    "appflow_gitops.documents.variables",
    "appflow_gitops.validation.pipeline",
    "appflow_gitops.flows.model.request",
)
STATUS_EVENTS = "appflow_gitops.status.events"
# Powertools imports its models of events when pydantic is there before it, a sixth of the start; its batch processor
# and its data classes, asyncio among what they bring along, are a tenth.
NEVER = ("aws_lambda_powertools.utilities.parser", "aws_xray_sdk", "asyncio")


# A scan for drift reads documents whatever comes of it, so it may have at the start what only documents need.
@pytest.mark.parametrize(
    ("function", "needless"),
    [
        ("intake", {*ONLY_FOR_DOCUMENTS, *NEVER, STATUS_EVENTS}),
        ("apply", {*ONLY_FOR_DOCUMENTS, *NEVER, STATUS_EVENTS, "appflow_gitops.sync.drift.report"}),
        ("detect_drift", {*NEVER}),
        ("watch_runs", {*ONLY_FOR_DOCUMENTS, *NEVER}),
    ],
)
def test_a_function_starts_without_what_it_does_not_need_yet(function: str, needless: set[str]) -> None:
    program = f"import json, sys, {function}.handler; print(json.dumps(sorted(sys.modules)))"
    started = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT / "functions"), "POWERTOOLS_METRICS_NAMESPACE": "tests"},
        capture_output=True,
        check=True,
    )
    assert not set(json.loads(started.stdout)) & needless


USE_CASES = {
    "apply": ("attempts",),
    "detect_drift": ("detector", "schema_detector"),
    "watch_runs": ("watcher",),
}
SETTINGS = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "CREATE_MISSING_FLOWS": "true",
    "DEAD_LETTER_QUEUE_URL": "https://queue/1/dead",
    "DOCUMENTS_BUCKET": "documents",
    "DOCUMENTS_PREFIX": "flows/",
    "EVENT_BUS_NAME": "flows",
    "FLOW_CHANGES_QUEUE_URL": "https://queue/1/changes",
    "MAX_ATTEMPTS": "5",
    "RELEASE_TIMERS_QUEUE_URL": "https://queue/1/timers",
    "SELF_HEAL": "true",
}


@pytest.mark.parametrize("function", USE_CASES)
@pytest.mark.parametrize(("check_fields", "checks"), [("off", False), ("warn", True)])
def test_only_a_stack_that_checks_fields_imports_what_checks_them(
    function: str, check_fields: str, checks: bool
) -> None:
    calls = "; ".join(f"wiring.{name}()" for name in USE_CASES[function])
    program = (
        f"import json, sys, {function}.handler; from {function} import wiring; {calls}; "
        "print(json.dumps(list(sys.modules)))"
    )
    settings = {**SETTINGS, "CHECK_FIELDS": check_fields}
    started = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT / "functions"), "POWERTOOLS_METRICS_NAMESPACE": "tests", **settings},
        capture_output=True,
        check=True,
    )
    imported = {name for name in json.loads(started.stdout) if name.startswith("appflow_gitops.")}
    needed = {name for name in imported if "field" in name or "schema_drift" in name}
    assert bool(needed) == (checks and function != "watch_runs")


@pytest.mark.parametrize(
    ("function", "use_case"),
    [("apply", "attempts"), ("detect_drift", "detector"), ("intake", "intake"), ("watch_runs", "watcher")],
)
def test_a_function_imports_its_handler_with_its_package(
    monkeypatch: pytest.MonkeyPatch, function: str, use_case: str
) -> None:
    package, imported = import_module(function), []
    monkeypatch.setattr(
        cold_start, "import_handler", lambda *module, **named: imported.append((module, named))
    )
    reload(package)
    assert imported == [((f"{function}.handler",), {"use_case": use_case})]
    assert callable(getattr(import_module(f"{function}.handler"), use_case))


@pytest.mark.parametrize(
    ("variables", "built"), [({}, []), ({cold_start.ON_LAMBDA: "127.0.0.1:9001"}, ["built"])]
)
def test_clients_are_made_during_the_start_on_lambda_only(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], built: list[str]
) -> None:
    made: list[str] = []
    monkeypatch.setitem(sys.modules, "fake_handler", SimpleNamespace(build=lambda: made.append("built")))
    monkeypatch.setattr(cold_start, "os", SimpleNamespace(environ=variables))
    cold_start.import_handler("fake_handler", "build")
    assert made == built
    assert variables["PYDANTIC_DISABLE_PLUGINS"] == "__all__"


def test_objects_of_the_start_are_collected_neither_during_it_nor_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    collector = SimpleNamespace(
        **{name: lambda name=name: done.append(name) for name in ("disable", "freeze", "enable")}
    )
    monkeypatch.setattr(cold_start, "gc", collector)
    monkeypatch.setattr(cold_start, "import_module", done.append)
    cold_start.import_handler("fake_handler", "build")
    assert done == ["disable", "fake_handler", "freeze", "enable"]
    monkeypatch.setattr(cold_start, "import_module", import_module)
    with pytest.raises(ModuleNotFoundError):
        cold_start.import_handler("fake_handler", "build")
    assert done[-2:] == ["freeze", "enable"]
