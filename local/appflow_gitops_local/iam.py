"""Which permissions a call needs, and whether a role grants them. Pure.

``server`` checks the functions' calls here, because moto's IAM denies every statement with a condition and has no
resources for EventBridge. The tests of docs/permissions.md use the same table. Source: the service authorization
reference of each service.

Supported are the statements of an identity-based policy with Action and Resource, wildcards in both, and the condition
key ``s3:prefix``; other conditions count as met. Resource policies and permissions boundaries are not evaluated.
"""

import fnmatch
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """Where resources are: the parts of every ARN."""

    region: str
    account: str
    partition: str = "aws"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def bucket(self, name: str, key: str | None = None) -> str:
        """Return the ARN of a bucket, or of an object in it."""
        return f"arn:{self.partition}:s3:::{name}" + ("" if key is None else f"/{key}")

    def flow(self, name: str) -> str:
        """Return the ARN of a flow."""
        return self.arn("appflow", f"flow/{name}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: the service as its credentials name it, the operation and its parameters as botocore names them."""

    service: str
    name: str
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Call:
    """One action on one resource; ``prefix`` is that of a listing. An unknown resource is None."""

    action: str
    resource: str | None
    prefix: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """One action of one statement of a role."""

    sid: str
    action: str
    resources: tuple[str, ...]
    prefixes: tuple[str, ...] = ()
    denies: bool = False

    def covers(self, call: Call) -> bool:
        """Whether the statement applies to the call."""
        return (
            fnmatch.fnmatchcase(call.action.lower(), self.action.lower())
            and (call.resource is None or _matches(call.resource, self.resources))
            and (not self.prefixes or _matches(call.prefix, self.prefixes))
        )

    def allows(self, call: Call) -> bool:
        """Whether the statement allows the call."""
        return not self.denies and self.covers(call)


def _matches(text: str | None, patterns: tuple[str, ...]) -> bool:
    return text is not None and any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns)


def grants(policy: Mapping[str, Any]) -> Iterator[Grant]:
    """Yield the actions of a policy document's statements. Raises ValueError for NotAction and NotResource."""
    # moto leaves None in a list in place of AWS::NoValue.
    for statement in filter(None, as_tuple(policy["Statement"])):
        if "Action" not in statement or "Resource" not in statement:
            raise ValueError(f"a statement without Action and Resource: {statement}")
        conditions: Iterable[Mapping[str, Any]] = statement.get("Condition", {}).values()
        prefixes = [prefix for tests in conditions for prefix in as_tuple(tests.get("s3:prefix", ()))]
        for action in as_tuple(statement["Action"]):
            yield Grant(
                statement.get("Sid", ""),
                action,
                as_tuple(statement["Resource"]),
                tuple(prefixes),
                denies=statement["Effect"] == "Deny",
            )


def as_tuple(value: Any) -> tuple[Any, ...]:
    """Return a list of policy elements; IAM accepts a single element instead of a list."""
    return (value,) if isinstance(value, str | dict) else tuple(value)


@dataclass(frozen=True, slots=True)
class Role:
    """An assumed role: its session's ARN, and what its policies grant."""

    arn: str
    grants: tuple[Grant, ...]

    def allows(self, call: Call) -> bool:
        """Whether a statement allows the call, and none denies it."""
        applying = [grant for grant in self.grants if grant.covers(call)]
        return bool(applying) and not any(grant.denies for grant in applying)

    def missing(self, operation: Operation, account: Account) -> Call | None:
        """Return the first permission that the call needs and the role lacks."""
        calls = (*needed(operation, account), *needed_by_appflow(operation, account))
        return next((call for call in calls if not self.allows(call)), None)


def _get_object(given: Parameters, account: Account) -> Iterator[Call]:
    action = "s3:GetObjectVersion" if given.get("VersionId") else "s3:GetObject"
    yield Call(action, account.bucket(given["Bucket"], given["Key"]))


def _on_object(action: str) -> Callable[[Parameters, Account], Iterator[Call]]:
    return lambda given, account: iter([Call(action, account.bucket(given["Bucket"], given["Key"]))])


def _listing(action: str) -> Callable[[Parameters, Account], Iterator[Call]]:
    return lambda given, account: iter(
        [Call(action, account.bucket(given["Bucket"]), given.get("Prefix") or "")]
    )


def _on_queue(action: str) -> Callable[[Parameters, Account], Iterator[Call]]:
    return lambda given, account: iter(
        [Call(action, account.arn("sqs", given["QueueUrl"].rpartition("/")[2]))]
    )


def _put_events(given: Parameters, account: Account) -> Iterator[Call]:
    for entry in given["Entries"]:
        bus = entry.get("EventBusName", "default").rpartition("/")[2]
        yield Call("events:PutEvents", account.arn("events", f"event-bus/{bus}"))


def _create_flow(given: Parameters, account: Account) -> Iterator[Call]:
    yield Call("appflow:CreateFlow", "*")
    if given.get("tags"):
        yield Call("appflow:TagResource", account.flow(given["flowName"]))


def _on_flow(action: str) -> Callable[[Parameters, Account], Iterator[Call]]:
    return lambda given, account: iter([Call(f"appflow:{action}", account.flow(given["flowName"]))])


def _on_profile(action: str) -> Callable[[Parameters, Account], Iterator[Call]]:
    return lambda given, account: iter(
        [
            Call(
                f"appflow:{action}",
                account.arn("appflow", f"connectorprofile/{given['connectorProfileName']}"),
            )
        ]
    )


_NEEDS: Mapping[tuple[str, str], Callable[[Parameters, Account], Iterator[Call]]] = {
    ("s3", "GetObject"): _get_object,
    ("s3", "ListObjectVersions"): _listing("s3:ListBucketVersions"),
    ("s3", "ListObjectsV2"): _listing("s3:ListBucket"),
    ("s3", "PutObject"): _on_object("s3:PutObject"),
    ("s3", "DeleteObject"): _on_object("s3:DeleteObject"),
    ("s3", "HeadObject"): _get_object,
    ("sqs", "SendMessage"): _on_queue("sqs:SendMessage"),
    ("sqs", "SendMessageBatch"): _on_queue("sqs:SendMessage"),
    ("sqs", "ChangeMessageVisibility"): _on_queue("sqs:ChangeMessageVisibility"),
    ("sqs", "GetQueueAttributes"): _on_queue("sqs:GetQueueAttributes"),
    ("sqs", "ReceiveMessage"): _on_queue("sqs:ReceiveMessage"),
    ("sqs", "DeleteMessage"): _on_queue("sqs:DeleteMessage"),
    ("events", "PutEvents"): _put_events,
    ("appflow", "ListFlows"): lambda _, __: iter([Call("appflow:ListFlows", "*")]),
    ("appflow", "CreateFlow"): _create_flow,
    ("appflow", "TagResource"): lambda given, _: iter([Call("appflow:TagResource", given["resourceArn"])]),
    ("appflow", "UntagResource"): lambda given, _: iter(
        [Call("appflow:UntagResource", given["resourceArn"])]
    ),
    **{
        ("appflow", action): _on_flow(action)
        for action in (
            "DescribeFlow",
            "DescribeFlowExecutionRecords",
            "UpdateFlow",
            "StartFlow",
            "StopFlow",
            "DeleteFlow",
            "CancelFlowExecutions",
        )
    },
    **{
        ("appflow", action): _on_profile(action)
        for action in ("DescribeConnectorEntity", "ListConnectorEntities", "ResetConnectorMetadataCache")
    },
}


def needed(operation: Operation, account: Account) -> list[Call]:
    """Return the permissions that a call needs; for an unknown operation its name as an action, on any resource."""
    if (operation.service, operation.name) == ("sts", "GetCallerIdentity"):
        return []
    if calls := _NEEDS.get((operation.service, operation.name)):
        return list(calls(operation.parameters, account))
    return [Call(f"{operation.service}:{operation.name}", None)]


def needed_by_appflow(operation: Operation, account: Account) -> Iterator[Call]:
    """Yield what AppFlow needs, on behalf of the caller, to create or update a flow: its profiles and buckets.

    Source: "Identity-based policy examples" in the Amazon AppFlow user guide. Keys and roles are not included.
    """
    if (operation.service, operation.name) not in {("appflow", "CreateFlow"), ("appflow", "UpdateFlow")}:
        return
    for member, name in sorted(set(_named(operation.parameters))):
        if member == "connectorProfileName":
            yield Call("appflow:UseConnectorProfile", account.arn("appflow", f"connectorprofile/{name}"))
        else:
            for action in ("s3:ListBucket", "s3:GetBucketLocation", "s3:GetBucketPolicy"):
                yield Call(action, account.bucket(name))


def _named(value: Any) -> Iterator[tuple[str, str]]:
    """The members of a flow that name profiles and buckets, at any depth."""
    if isinstance(value, Mapping):
        for member, inner in value.items():
            if member in {"connectorProfileName", "bucketName", "intermediateBucketName"}:
                yield member, str(inner)
            else:
                yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)


def needed_for_a_missing_object(operation: Operation, account: Account) -> list[Call]:
    """Return what S3 requires to answer 404 for a missing object: principals that may not list the bucket get 403."""
    if (operation.service, operation.name) == ("s3", "GetObject"):
        return [Call("s3:ListBucket", account.bucket(operation.parameters["Bucket"]))]
    return []
