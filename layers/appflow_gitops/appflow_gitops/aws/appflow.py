"""AppFlow: the ports ``FlowService`` and ``FlowCatalog`` implemented with boto3."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from appflow_gitops.aws.errors import translated
from appflow_gitops.flows.live import LiveFlow, parse_flow
from appflow_gitops.service import service
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.ports import Request

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient

    from appflow_gitops.flows.summary import FlowSummary

PAGE_SIZE = 100


@service
class AppFlowService:
    """The flows of one account and region."""

    client: "AppflowClient"

    def summaries(self) -> Iterator["FlowSummary"]:
        """ListFlows, in the largest pages that AppFlow allows. botocore has no paginator for it."""
        from appflow_gitops.flows.summary import parse_summary  # noqa: PLC0415 - apply lists no flows

        following: dict[str, Any] = {}
        while True:
            with translated():
                page = self.client.list_flows(maxResults=PAGE_SIZE, **following)
            yield from map(parse_summary, page["flows"])
            if not page.get("nextToken"):
                return
            following = {"nextToken": page["nextToken"]}

    def describe(self, name: str) -> LiveFlow | None:
        """DescribeFlow; ``None`` when the flow does not exist."""
        with translated():
            try:
                answer = self.client.describe_flow(flowName=name)
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
                    return None
                raise
        try:
            return parse_flow(cast("Mapping[str, object]", answer))
        except ValueError as error:
            raise TransientError("MalformedAnswer", str(error)) from error

    def update(self, request: Request, token: str) -> None:
        """UpdateFlow."""
        with translated():
            self.client.update_flow(**_members(request), clientToken=token)

    def create(self, request: Request, token: str, *, kms_arn: str | None, tags: Mapping[str, str]) -> None:
        """CreateFlow."""
        members = {**_members(request), **({"kmsArn": kms_arn} if kms_arn else {})}
        with translated():
            self.client.create_flow(**members, tags=dict(tags), clientToken=token)

    def start(self, name: str) -> None:
        """StartFlow."""
        with translated():
            self.client.start_flow(flowName=name)

    def start_run(self, name: str, token: str) -> str | None:
        """StartFlow of an on-demand flow; the id of the run."""
        with translated():
            return self.client.start_flow(flowName=name, clientToken=token).get("executionId")

    def stop(self, name: str) -> None:
        """StopFlow."""
        with translated():
            self.client.stop_flow(flowName=name)

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        """TagResource."""
        with translated():
            self.client.tag_resource(resourceArn=arn, tags=dict(tags))

    def untag(self, arn: str, keys: Sequence[str]) -> None:
        """UntagResource."""
        with translated():
            self.client.untag_resource(resourceArn=arn, tagKeys=list(keys))


def _members(request: Request) -> dict[str, Any]:
    """The request as keyword arguments. Its times are epoch seconds, which botocore accepts."""
    return dict(request)
