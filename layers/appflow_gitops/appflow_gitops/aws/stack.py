"""The deployed stack: its parameters and outputs, for the command."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

from appflow_gitops.aws.errors import translated
from appflow_gitops.quoting import quoted
from appflow_gitops.sync.errors import PermanentError

DOCUMENTS_BUCKET = "DocumentsBucketName"
EVENT_BUS = "EventBusName"
STATUS_LOG = "StatusLogGroupName"
HISTORY_LOG = "HistoryLogGroupName"
APPLY_LOG = "ApplyLogGroupName"
STAGE = "Stage"
CREATES_FLOWS = "CreateMissingFlows"
CHECK_FIELDS = "CheckFields"
REQUIRES_POLICY = "RequirePolicy"
FORMER_BUCKETS = "FormerBuckets"
PAUSED = "Paused"


class StackReader(Protocol):
    """The part of boto3's CloudFormation client that is used here."""

    def describe_stacks(self, **members: str) -> Any:
        """DescribeStacks."""
        ...


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack's parameters and outputs, by name."""

    parameters: Mapping[str, str]
    outputs: Mapping[str, str]


def read_stack(client: StackReader, name: str) -> Stack:
    """The stack of this name. Raises ``PermanentError("NoSuchStack")`` where it does not exist."""
    with translated():
        try:
            (described,) = client.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in error.response.get("Error", {}).get("Message", ""):
                raise PermanentError("NoSuchStack", f"stack {quoted(name)} does not exist") from error
            raise
    return Stack(
        {entry["ParameterKey"]: entry["ParameterValue"] for entry in described.get("Parameters", [])},
        {entry["OutputKey"]: entry["OutputValue"] for entry in described.get("Outputs", [])},
    )
