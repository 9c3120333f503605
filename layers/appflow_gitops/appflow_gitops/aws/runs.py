"""Runs of flows: the port ``RunCatalog`` implemented with boto3, and what the commands need besides it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from appflow_gitops.aws.errors import translated
from appflow_gitops.flows.runs import Run, newest_first, parse_run
from appflow_gitops.service import service

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient

PAGE_SIZE = 100
"""The largest page that AppFlow allows."""


@service
class AppFlowRuns:
    """The runs of the flows of one account and region."""

    client: "AppflowClient"

    def latest(self, name: str) -> tuple[Run, ...]:
        """DescribeFlowExecutionRecords, one page of it, newest first."""
        with translated():
            page = self.client.describe_flow_execution_records(flowName=name, maxResults=PAGE_SIZE)
        return newest_first(parse_run(cast("dict[str, Any]", entry)) for entry in page["flowExecutions"])

    def start(self, name: str) -> str | None:
        """StartFlow; the id of the run, ``None`` for a flow that was activated instead."""
        with translated():
            return self.client.start_flow(flowName=name).get("executionId")

    def cancel(self, name: str, ids: Sequence[str] = ()) -> list[str]:
        """CancelFlowExecutions, of all runs in progress without ``ids``; the ids that cannot be canceled."""
        members: dict[str, Any] = {"executionIds": list(ids)} if ids else {}
        with translated():
            return list(self.client.cancel_flow_executions(flowName=name, **members)["invalidExecutions"])
