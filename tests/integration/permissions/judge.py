"""What a call needs and whether a role allows it, as IAM would judge.

Source of the table: the service authorization reference of each service. moto judges the same calls too, as far as it
can; here stand also the things that it does not know: the bus, the prefix of a listing, and what S3 answers for an
object that is not there.
"""

import fnmatch
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ACCOUNT = "123456789012"
REGION = "us-east-1"
Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One action on one resource; ``prefix`` is that of a listing."""

    action: str
    resource: str
    prefix: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """One action of one statement of a role."""

    sid: str
    action: str
    resources: tuple[str, ...]
    prefixes: tuple[str, ...] = ()

    def allows(self, call: Call) -> bool:
        """Whether the call needs no more than this."""
        return (
            self.action == call.action
            and any(fnmatch.fnmatchcase(call.resource, resource) for resource in self.resources)
            and (not self.prefixes or _matches(call.prefix, self.prefixes))
        )


def _matches(text: str | None, patterns: tuple[str, ...]) -> bool:
    return text is not None and any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns)


def grants(policy: Mapping[str, Any]) -> Iterator[Grant]:
    """What the statements of a policy document allow, one by one."""
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        condition = statement.get("Condition", {})
        prefixes = as_tuple(condition.get("StringLike", {}).get("s3:prefix", ()))
        for action in as_tuple(statement["Action"]):
            yield Grant(statement["Sid"], action, as_tuple(statement["Resource"]), prefixes)


def as_tuple(value: Any) -> tuple[str, ...]:
    """IAM allows one thing where a list may stand."""
    return (value,) if isinstance(value, str) else tuple(value)


def _object(given: Parameters) -> str:
    return f"arn:aws:s3:::{given['Bucket']}/{given['Key']}"


def _queue(given: Parameters) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{given['QueueUrl'].rsplit('/', 1)[-1]}"


def _flow(name: str) -> str:
    return f"arn:aws:appflow:{REGION}:{ACCOUNT}:flow/{name}"


def _get_object(given: Parameters) -> Iterator[Call]:
    yield Call("s3:GetObjectVersion" if "VersionId" in given else "s3:GetObject", _object(given))


def _list_versions(given: Parameters) -> Iterator[Call]:
    yield Call("s3:ListBucketVersions", f"arn:aws:s3:::{given['Bucket']}", given.get("Prefix", ""))


def _list_objects(given: Parameters) -> Iterator[Call]:
    yield Call("s3:ListBucket", f"arn:aws:s3:::{given['Bucket']}", given.get("Prefix", ""))


def _put_events(given: Parameters) -> Iterator[Call]:
    for entry in given["Entries"]:
        yield Call("events:PutEvents", f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{entry['EventBusName']}")


def _create_flow(given: Parameters) -> Iterator[Call]:
    yield Call("appflow:CreateFlow", "*")
    if given.get("tags"):
        yield Call("appflow:TagResource", _flow(given["flowName"]))


def _on_flow(action: str) -> Callable[[Parameters], Iterator[Call]]:
    return lambda given: iter([Call(f"appflow:{action}", _flow(given["flowName"]))])


NEEDS: Mapping[tuple[str, str], Callable[[Parameters], Iterator[Call]]] = {
    ("s3", "GetObject"): _get_object,
    ("s3", "ListObjectVersions"): _list_versions,
    ("s3", "ListObjectsV2"): _list_objects,
    ("s3", "PutObject"): lambda given: iter([Call("s3:PutObject", _object(given))]),
    ("sqs", "SendMessageBatch"): lambda given: iter([Call("sqs:SendMessage", _queue(given))]),
    ("sqs", "ChangeMessageVisibility"): lambda given: iter(
        [Call("sqs:ChangeMessageVisibility", _queue(given))]
    ),
    ("sqs", "GetQueueAttributes"): lambda given: iter([Call("sqs:GetQueueAttributes", _queue(given))]),
    ("events", "PutEvents"): _put_events,
    ("appflow", "ListFlows"): lambda _: iter([Call("appflow:ListFlows", "*")]),
    ("appflow", "CreateFlow"): _create_flow,
    ("appflow", "TagResource"): lambda given: iter([Call("appflow:TagResource", given["resourceArn"])]),
    **{
        ("appflow", action): _on_flow(action)
        for action in ("DescribeFlow", "UpdateFlow", "StartFlow", "StopFlow")
    },
}
"""Service and operation -> the permissions that a call needs. A call that is not here fails the test that makes it."""


def needed(service: str, operation: str, given: Parameters) -> list[Call]:
    """The permissions that a call needs."""
    return list(NEEDS[service, operation](given))


def needed_for_a_missing_object(service: str, operation: str, given: Parameters) -> list[Call]:
    """S3 answers 404 for a missing object only to principals that may list the bucket; others get 403."""
    if (service, operation) == ("s3", "GetObject"):
        return [Call("s3:ListBucket", f"arn:aws:s3:::{given['Bucket']}")]
    return []
