"""``docs/permissions.md``: what each role may do, and which call needs it. ``make docs`` writes it.

``python -m integration.permissions.report > docs/permissions.md``; a test holds the file to it.
"""

import contextlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from moto import mock_aws

from appflow_gitops_local.appflow.register import register
from appflow_gitops_local.iam import Grant
from appflow_gitops_local.template import read_template, transformed, with_code_at
from integration.permissions.account import REGION, Account, Judge
from integration.permissions.scenarios import SCENARIOS, Scenario
from template.stack import TEMPLATE, Stack

POLLER = "Lambda, to feed the function from the queue"
OBJECTS = "S3 on the function's behalf, where `KmsKey` is given"
ENCRYPTED = "S3 and SQS on the function's behalf, where `KmsKey` is given"
CREATED = "AppFlow, while it carries out CreateFlow for a flow with `kmsArn`"
BUCKETS = "AppFlow, which looks at a flow's buckets with the permissions of who updates it"
NOT_OURS: Mapping[tuple[str, str], str] = {
    ("KeepFailedEvents", "sqs:SendMessage"): "Lambda, to keep events that the function failed on",
    ("WriteLogs", "logs:CreateLogStream"): "Lambda, to write the function's log",
    ("WriteLogs", "logs:PutLogEvents"): "Lambda, to write the function's log",
    ("SendTraces", "xray:PutTraceSegments"): "Lambda, to trace the function",
    ("SendTraces", "xray:PutTelemetryRecords"): "Lambda, to trace the function",
    ("ReceiveFailedEvents", "sqs:ReceiveMessage"): POLLER,
    ("ReceiveFailedEvents", "sqs:DeleteMessage"): POLLER,
    ("ReceiveFailedEvents", "sqs:GetQueueAttributes"): POLLER,
    ("ReceiveReleaseTimers", "sqs:ReceiveMessage"): POLLER,
    ("ReceiveReleaseTimers", "sqs:DeleteMessage"): POLLER,
    ("ReceiveReleaseTimers", "sqs:GetQueueAttributes"): POLLER,
    ("ReceiveChanges", "sqs:ReceiveMessage"): POLLER,
    ("ReceiveChanges", "sqs:DeleteMessage"): POLLER,
    ("ReceiveChanges", "sqs:GetQueueAttributes"): POLLER,
    ("ReadDocumentsAndWriteMessages", "kms:Decrypt"): ENCRYPTED,
    ("ReadDocumentsAndWriteMessages", "kms:GenerateDataKey"): ENCRYPTED,
    ("ReadAndWriteObjects", "kms:Decrypt"): OBJECTS,
    ("ReadAndWriteObjects", "kms:GenerateDataKey"): OBJECTS,
    ("UseConnectorProfiles", "appflow:UseConnectorProfile"): "AppFlow, for a flow with a connector profile",
    ("LetAppFlowFindBuckets", "s3:ListAllMyBuckets"): BUCKETS,
    ("LetAppFlowCheckBuckets", "s3:ListBucket"): BUCKETS,
    ("LetAppFlowCheckBuckets", "s3:GetBucketLocation"): BUCKETS,
    ("LetAppFlowCheckBuckets", "s3:GetBucketPolicy"): BUCKETS,
    ("LetAppFlowFindKeys", "kms:ListKeys"): CREATED,
    ("LetAppFlowFindKeys", "kms:ListAliases"): CREATED,
    ("LetAppFlowUseKeys", "kms:DescribeKey"): CREATED,
    ("LetAppFlowGrantItselfKeys", "kms:CreateGrant"): CREATED,
    ("LetAppFlowUseKeys", "kms:ListGrants"): CREATED,
    ("PassGlueCatalogRoles", "iam:PassRole"): "AppFlow, for a flow that fills the Glue Data Catalog",
}
"""Statement and action -> who uses it in the role's name. Neither our code nor moto makes these calls."""

SHOWN = 3
"""So many scenarios are named for a permission; the others are counted."""

INTRODUCTION = """\
# Permissions

What the role of each function allows, and which call needs it. Made by `make docs`: do not edit.

The tests run every scenario of each function with the credentials of its role. Every call must be allowed; without any
one of the permissions below that a function itself uses, a call is denied; and every permission is used. Action,
resource and prefix are checked. moto checks actions and most resources. A policy judge of the tests checks the event
bus, the prefix of a listing, and that S3 answers 404 for a missing object only to principals that may list the bucket.

AWS services use some permissions on behalf of the role. The local cloud cannot check these; each names its user. The
AppFlow user guide, "Identity-based policy examples", lists what AppFlow needs besides its own actions.
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What a scenario came to."""

    judge: Judge
    ends: set[str]


@contextlib.contextmanager
def accounts() -> Iterator[Account]:
    """An account in memory with the stack in it."""
    register()
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(variable, "testing")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        yield Account()


def carried_out(account: Account, scenario: Scenario, without: Grant | None = None) -> Run:
    """Carry out a scenario in an empty account."""
    account.empty()
    judge = account.run(scenario.function, scenario.event(account), without)
    return Run(judge, account.ends())


def users(account: Account, runs: Mapping[str, Run]) -> dict[tuple[str, Grant], list[str]]:
    """Each function's grants, and the titles of the scenarios that need them."""
    return {
        (function, grant): [
            scenario.title
            for scenario in SCENARIOS
            if scenario.function == function and any(map(grant.allows, runs[scenario.title].judge.called))
        ]
        for function, granted in account.grants.items()
        for grant in granted
    }


def markdown(used: Mapping[tuple[str, Grant], list[str]]) -> str:
    """The text of ``docs/permissions.md``."""
    stack = Stack(transformed(with_code_at(read_template(TEMPLATE), "code", "code.zip"), {}, REGION))
    parts = [INTRODUCTION]
    for name in ("intake", "apply", "detect_drift", "watch_runs"):
        resources = {
            statement["Sid"]: place(statement)
            for holder, statement in stack.statements()
            if holder.startswith(name.title().replace("_", ""))
        }
        rows = [
            row(grant, resources, titles) for (function, grant), titles in used.items() if function == name
        ]
        parts.append(
            "\n".join(
                (f"## {name}", "", "| action | resource | used when, or by |", "| --- | --- | --- |", *rows)
            )
        )
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def row(grant: Grant, resources: Mapping[str, str], titles: list[str]) -> str:
    """One action of a statement: on what, and who needs it."""
    use = "; ".join(titles[:SHOWN]) or NOT_OURS[grant.sid, grant.action]
    more = f"; {len(titles) - SHOWN} more" if len(titles) > SHOWN else ""
    return f"| `{grant.action}` | {resources[grant.sid]} | {use}{more} |"


def place(statement: dict[str, Any]) -> str:
    """The resources and conditions of a statement, in the template's words."""
    resources = ", ".join(f"`{words(each)}`" for each in listed(statement["Resource"]))
    conditions = [
        f"`{key}` is {' or '.join(f'`{words(each)}`' for each in listed(value))}"
        for tests in statement.get("Condition", {}).values()
        for key, value in tests.items()
    ]
    return ", where ".join([resources, *conditions])


def listed(value: Any) -> list[Any]:
    """Resources one by one; of a choice, the one that the parameter narrows."""
    if isinstance(value, dict) and "Fn::If" in value:
        return listed(value["Fn::If"][2])
    return value if isinstance(value, list) else [value]


def words(value: Any) -> str:
    """A resource as the template spells it, without the part that every ARN begins with."""
    match value:
        case {"Ref": name}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [*names]}:
            return f"${{{'.'.join(names)}}}"
        case {"Fn::Sub": str(text)} | str(text):
            return text.replace(":${AWS::Region}:${AWS::AccountId}:", ":…:").replace(
                "${AWS::Partition}", "aws"
            )
    raise ValueError(value)


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr), accounts() as account:  # the functions print their log
        runs = {scenario.title: carried_out(account, scenario) for scenario in SCENARIOS}
        report = markdown(users(account, runs))
    sys.stdout.write(report)
