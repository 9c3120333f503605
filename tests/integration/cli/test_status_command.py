"""``status``: what it reads from account and bucket, and its exit status."""

import json
import time
from pathlib import Path
from typing import Any

import boto3
import pytest

from appflow_gitops.aws.health_records import S3HealthRecords
from appflow_gitops.flows.canonical import content_digest
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.status.events import StatusError
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.health.record import HealthRecord
from appflow_gitops.sync.inventory import OBSERVED
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_local.appflow.controls import controls
from fakes.flow_documents import orders, text
from fakes.status_events import ended
from integration.cli.conftest import BUCKET, STATUS_LOG, Account, Run
from integration.cli.test_export_command import fail

KEY = "flows/orders.json"
WITH_BUCKET = ("status", "--bucket", BUCKET)


def owned(version: str) -> dict[str, str]:
    """The tags of a flow that this version of the document was applied to."""
    return {
        "appflow-gitops:document": f"s3://{BUCKET}/{KEY}",
        "appflow-gitops:version": version,
        "appflow-gitops:digest": content_digest(orders()),
    }


def status_of(run: Run, *arguments: str) -> tuple[int, Any]:
    ended = run(*WITH_BUCKET, "--format", "json", *arguments)
    return ended.exit_code, json.loads(ended.output)


def test_in_sync_exits_with_0(account: Account, run: Run) -> None:
    account.create(orders(), **owned(account.put(KEY, text(orders()))))
    status, report = status_of(run)
    assert status == 0
    assert [(flow["flowName"], flow["state"], flow["document"]) for flow in report["flows"]] == [
        ("orders", "in sync", KEY)
    ]


def test_the_health_that_watch_runs_found_is_shown(account: Account, run: Run) -> None:
    account.create(orders(), **owned(account.put(KEY, text(orders()))))
    account.put("health/orders.json", HealthRecord(health=Health.DEGRADED).model_dump_json())
    status, report = status_of(run)
    assert (status, report["flows"][0]["health"]) == (0, "Degraded")


def test_an_edit_in_the_console_exits_with_1_and_is_reported_with_its_difference(
    account: Account, run: Run
) -> None:
    account.create(orders(), **owned(account.put(KEY, text(orders()))))
    account.appflow.update_flow(**orders(description="by hand"))
    status, report = status_of(run)
    assert status == 1
    (flow,) = report["flows"]
    assert (flow["state"], [change["pointer"] for change in flow["changes"]]) == ("drifted", ["/description"])


def test_flows_without_document_and_documents_without_flow_are_separate(account: Account, run: Run) -> None:
    account.create(orders(flowName="by-hand"))
    account.put(KEY, text(orders()))
    account.put("flows/README.md", "not a document")
    account.put("elsewhere/orders.json", text(orders(flowName="not-under-flows")))
    status, report = status_of(run)
    assert status == 1
    assert [flow["flowName"] for flow in report["unmanaged"]] == ["by-hand"]
    assert [flow["flowName"] for flow in report["documentsWithoutFlow"]] == ["orders"]
    assert controls.calls.counts().keys() == {"CreateFlow", "ListFlows"}


def test_the_bucket_is_found_through_the_stack(account: Account, run: Run) -> None:
    account.s3.create_bucket(Bucket="other-documents")
    account.deploy("appflow-gitops")
    account.deploy("other", bucket="other-documents")
    account.create(orders(), **owned(account.put(KEY, text(orders()))))
    ended = run("status")
    assert ended.exit_code == 0
    assert "1 in sync" in ended.output
    ended = run("status", "--stack", "other")
    assert ended.exit_code == 0
    assert "1 elsewhere" in ended.output


def test_the_stage_selects_the_variables(account: Account, run: Run) -> None:
    account.create(orders(description="of test"))
    account.put("variables/test.yaml", "WHICH: of test")
    account.put(KEY, text(orders(description="${env.WHICH}")))
    assert status_of(run)[1]["invalidDocuments"]
    assert status_of(run, "--stage", "test")[0] == 0


def test_text_is_a_table_and_a_summary(account: Account, run: Run) -> None:
    account.create(orders(), **owned(account.put(KEY, text(orders()))))
    lines = run(*WITH_BUCKET).output.splitlines()
    assert lines[0].strip() == "Flows"
    assert lines[1].split()[:4] == ["Flow", "State", "Status", "Document"]
    assert lines[2].split()[:5] == ["orders", "in", "sync", "Active", KEY]
    assert lines[-1] == "1 in sync"


def test_the_page_is_written_to_a_file(account: Account, run: Run) -> None:
    account.create(orders())
    ended = run(*WITH_BUCKET, "--format", "html", "--output", "status.html")
    assert (ended.exit_code, ended.output) == (0, "")
    assert Path("status.html").read_text().startswith("<!doctype html>")


@pytest.mark.usefixtures("account")
def test_a_file_that_cannot_be_written_is_one_line(run: Run) -> None:
    ended = run(*WITH_BUCKET, "--output", "no/such/folder.txt")
    assert (ended.exit_code, ended.output) == (
        2,
        "Error: cannot write no/such/folder.txt: No such file or directory\n",
    )


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--stack", "nosuch"),
            "Error: stack 'nosuch' does not exist in us-east-1, account 123456789012 (select another stack ",
        ),
        (
            ("--bucket", "nosuch"),
            "Error: The specified bucket does not exist in us-east-1, account 123456789012 ",
        ),
    ],
)
def test_a_missing_stack_or_bucket_is_one_line(run: Run, arguments: tuple[str, ...], message: str) -> None:
    ended = run("status", *arguments)
    assert ended.exit_code == 2
    assert ended.output.startswith(message)
    assert len(ended.output.splitlines()) == 1


def test_a_denied_call_is_one_line(account: Account, run: Run) -> None:
    account.create(orders())
    account.put(KEY, text(orders(description="newer")))
    fail("DescribeFlow", "AccessDeniedException", 403, times=99)
    ended = run(*WITH_BUCKET)
    assert ended.exit_code == 2
    assert ended.output.startswith("Error: AccessDeniedException")
    assert len(ended.output.splitlines()) == 1


@pytest.mark.parametrize(("former", "state"), [("", "elsewhere"), ("older,old", "unmanaged")])
def test_flows_of_former_buckets_have_no_owner(account: Account, run: Run, former: str, state: str) -> None:
    account.create(orders(), **{"appflow-gitops:document": "s3://old/flows/a.json"})
    account.deploy("appflow-gitops", FormerBuckets=former)
    report = json.loads(run("status", "--format", "json").output)
    (flow,) = report["flows" if state == "elsewhere" else "unmanaged"]
    assert flow.get("state", "unmanaged") == state


def test_a_refused_change_is_failed_with_code_and_reason_and_not_pending(account: Account, run: Run) -> None:
    salesforce = {"connectorType": "Salesforce", "connectorProfileName": "crm"}
    salesforce["sourceConnectorProperties"] = {"Salesforce": {"object": "Order"}}  # type: ignore[assignment]
    tasks = [{"taskType": "Map_all", "sourceFields": [], "connectorOperator": {"Salesforce": "NO_OP"}}]
    account.create(orders(), **owned(account.put(KEY, text(orders()))))
    account.put(KEY, text({**orders(), "sourceFlowConfig": salesforce, "tasks": tasks}))
    status, report = status_of(run)
    assert (status, report["flows"][0]["outcome"]) == (1, "Failed")
    lines = run(*WITH_BUCKET).output.splitlines()
    assert lines[2].split()[:2] == ["orders", "failed"]
    assert lines[4] == "orders (failed)" or lines[4].startswith("orders (failed, changed ")
    assert lines[5].strip().startswith("ReplacementRequired: AppFlow cannot change this in place")
    assert lines[-1] == "1 failed"


def test_a_change_that_failed_says_so_by_the_log_of_the_stack(account: Account, run: Run) -> None:
    account.deploy("appflow-gitops")
    account.create(orders(), **owned("v0"))
    version = account.put(KEY, text(orders(description="after")))
    document = DocumentVersion(bucket=BUCKET, key=KEY, versionId=version)
    error = StatusError(code="ConnectorServerException", message="no answer")
    event = ended(Outcome.FAILED, "orders", document=document, error=error)
    logs = boto3.client("logs")
    assert run("status").output.endswith("1 pending\n")
    logs.create_log_group(logGroupName=STATUS_LOG)
    logs.create_log_stream(logGroupName=STATUS_LOG, logStreamName="a")
    logs.put_log_events(
        logGroupName=STATUS_LOG,
        logStreamName="a",
        logEvents=[
            {
                "timestamp": int(time.time() * 1000),
                "message": json.dumps({"detail": json.loads(event.detail())}),
            }
        ],
    )
    output = run("status").output
    assert "    ConnectorServerException: no answer\n" in output
    assert output.endswith("1 failed\n")


def test_an_observed_flow_is_shown_as_such(account: Account, run: Run) -> None:
    account.put("policy.yaml", "documents: [{prefix: flows/, flows: ['*'], mode: observe}]\n")
    account.create(orders(description="live"))
    account.create(orders(flowName="returns"))
    account.put(KEY, text(orders(description="document")))
    account.put("flows/returns.json", text(orders(flowName="returns")))
    _, report = status_of(run)
    found = [(flow["state"], flow["observed"], flow["note"]) for flow in report["flows"]]
    assert found == [("pending", True, OBSERVED), ("in sync", True, None)]
    output = run(*WITH_BUCKET).output
    assert "pending, observed" in output
    assert "in sync, observed" in output


@pytest.mark.parametrize(("output_format", "start"), [("html", "<!doctype html>"), ("json", "{")])
def test_other_formats_are_printed_too(account: Account, run: Run, output_format: str, start: str) -> None:
    account.create(orders())
    assert run(*WITH_BUCKET, "--format", output_format).output.startswith(start)


def test_the_health_of_a_deleted_flow_or_that_may_not_be_read_is_not_shown(
    account: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.create(orders(), **owned(account.put(KEY, text(orders()))))
    record = HealthRecord(health=Health.DEGRADED, createdAt=1.0)
    account.put("health/orders.json", record.model_dump_json())
    assert status_of(run)[1]["flows"][0]["health"] is None

    def denied(*_: object) -> None:
        raise PermanentError("AccessDenied", "no")

    monkeypatch.setattr(S3HealthRecords, "read", denied)
    status, report = status_of(run)
    assert (status, report["flows"][0]["health"]) == (0, None)
