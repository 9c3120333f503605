"""The deployed stack: where it keeps its things. The command asks it."""

from typing import Any, Protocol

from botocore.exceptions import ClientError

from appflow_gitops.aws.errors import translated
from appflow_gitops.sync.errors import PermanentError

DOCUMENTS_BUCKET = "DocumentsBucketName"


class StackReader(Protocol):
    """A boto3 client of CloudFormation, as far as it is needed here."""

    def describe_stacks(self, **members: str) -> Any:
        """DescribeStacks."""
        ...


def stack_outputs(client: StackReader, stack: str) -> dict[str, str]:
    """The stack's outputs by name. Raises ``PermanentError("NoSuchStack")`` where there is no such stack."""
    with translated():
        try:
            (described,) = client.describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if "does not exist" in error.response.get("Error", {}).get("Message", ""):
                raise PermanentError("NoSuchStack", f"There is no stack named '{stack}' here.") from error
            raise
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
