"""Reports of ``status`` for tests: one of everything, and as many flows as they like."""

from collections.abc import Mapping

from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.flows.last_run import LastRun
from appflow_gitops.flows.ownership import COMMIT, DOCUMENT, VERSION
from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.sync.inventory import (
    InvalidDocument,
    Inventory,
    MissingFlow,
    State,
    SyncStatus,
)
from appflow_gitops_cli.status.report import StatusReport

NOW = 1_780_000_000.0
HOUR = 3600.0
SHA = "4f2c1a98c0de51e2b7d7a5b0f0a1b2c3d4e5f607"


def summary(
    name: str,
    *,
    status: str = "Active",
    hours_ago: float = 1,
    run: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> FlowSummary:
    """A flow as ListFlows has it; its last run was half an hour after its last change."""
    arn = f"arn:aws:appflow:eu-west-1:123456789012:flow/{name}"
    updated_at = NOW - hours_ago * HOUR
    last_run = LastRun(run, updated_at + HOUR / 2, "the run's message") if run else None
    return FlowSummary(name, arn, status, "Scheduled", tags or {}, updated_at, last_run)


def sync_status(
    name: str,
    state: State = State.IN_SYNC,
    *,
    document: str | None = None,
    changes: tuple[DiffItem, ...] = (),
    note: str | None = None,
) -> SyncStatus:
    """A flow with a document."""
    key = document or f"flows/{name}.yaml"
    owner = key if key.startswith("s3://") else f"s3://acme-documents/{key}"
    tags = {DOCUMENT: owner, VERSION: "v1.2345678901234567890", COMMIT: SHA}
    return SyncStatus(summary(name, run="Successful", tags=tags), state, key, changes, note)


def report(
    *flows: SyncStatus,
    unmanaged: tuple[SyncStatus, ...] = (),
    missing: tuple[MissingFlow, ...] = (),
    invalid: tuple[InvalidDocument, ...] = (),
) -> StatusReport:
    """A report on these flows."""
    return StatusReport(Inventory(flows, unmanaged, missing, invalid), "acme-documents", NOW)


def one_of_everything() -> StatusReport:
    """A flow in each state and one of each thing that is listed apart."""
    edited = DiffItem("change", ("tasks", 3, "destinationField"), "fullname", "full_name")
    return report(
        sync_status("accounts"),
        sync_status(
            "contacts", State.DRIFTED, changes=(edited, DiffItem("add", ("description",), None, "x"))
        ),
        sync_status("orders", State.PENDING, note="AppFlow cannot change this in place."),
        sync_status("returns", State.ORPHANED),
        sync_status("visits", State.ELSEWHERE, document="s3://other-bucket/flows/visits.yaml"),
        unmanaged=(SyncStatus(summary("made-by-hand", status="Draft"), State.UNMANAGED),),
        missing=(MissingFlow("invoices", "flows/invoices.yaml", SHA),),
        invalid=(InvalidDocument("flows/broken.yaml", "the file declares no flow"),),
    )


def hostile(text: str) -> StatusReport:
    """A report in which everything that comes from outside is this text."""
    live = FlowSummary(text, text, text, text, {VERSION: text, COMMIT: text}, NOW, LastRun(text, NOW, text))
    change = DiffItem("change", (text,), text, text)
    flow = SyncStatus(live, State.DRIFTED, text, (change,), text)
    inventory = Inventory(
        (flow,),
        (SyncStatus(live, State.UNMANAGED),),
        (MissingFlow(text, text, text),),
        (InvalidDocument(text, text),),
    )
    return StatusReport(inventory, text, NOW)
