"""Guardrails: which documents may change which flows, and what those flows may use (``policy.yaml``, AFG3xx).

``stage`` reads the policy, ``judging`` holds each flow to it; all of it is pure. Whatever the policy does not give is
refused, and a policy that cannot be read gives nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated, NamedTuple

from pydantic import Field, ValidationError

from appflow_gitops.documents.limits import MAX_FINDINGS
from appflow_gitops.documents.parsing import format_first, read_object
from appflow_gitops.findings import Finding, Json, Path, RuleInfo, located
from appflow_gitops.flows.model.scalars import ConnectorType
from appflow_gitops.flows.model.structure import Items, Omittable, Structure, whole
from appflow_gitops.validation.policy.hints import told
from appflow_gitops.validation.policy.policy_rules import (
    BUCKET_NOT_GIVEN,
    CONNECTOR_NOT_GIVEN,
    CREATION_NOT_GIVEN,
    FLOW_NOT_GIVEN,
    POLICY_BROKEN,
    POLICY_FILE,
    PROFILE_NOT_GIVEN,
)
from appflow_gitops.validation.rules.rule import listed
from appflow_gitops.validation.shape.hints import quoted

Pattern = Annotated[
    str, Field(min_length=1, description="a name; * stands for any text, ? for one character")
]
KeyPrefix = Annotated[
    str,
    Field(
        pattern=whole("flows/([^/]+/)*"), description="a folder of the documents bucket such as flows/sales/"
    ),
]


class Grant(Structure):
    """What is given: flows, and what these may use. A member that is left out allows any, an empty list none."""

    flows: Items[Pattern] = Field(description="Names of the flows that may be changed.")
    connectors: Omittable[Items[ConnectorType]] = Field(
        default=None, description="Connectors that the flows may read from and write to."
    )
    connectorProfiles: Omittable[Items[Pattern]] = Field(
        default=None, description="Connector profiles that the flows may use."
    )
    buckets: Omittable[Items[Pattern]] = Field(
        default=None, description="Buckets that the flows may name, for whatever purpose."
    )
    create: Omittable[bool] = Field(
        default=None, description="Whether flows may be created, where the stack allows it at all."
    )

    @property
    def receiver(self) -> str:
        """Who is given it, as a sentence begins."""
        return "requests"


class FolderGrant(Grant):
    """What the documents of one folder, and of the folders in it, are given."""

    prefix: KeyPrefix = Field(
        description="How the keys of the documents begin; the longest that fits counts."
    )

    @property
    def receiver(self) -> str:
        """Who is given it, as a sentence begins."""
        return f"documents under {quoted(self.prefix)}"


class Policy(Structure):
    """Who may change what. What is not given here is refused."""

    documents: Items[FolderGrant] = Field(description="What documents are given, folder by folder.")
    requests: Omittable[Grant] = Field(
        default=None,
        description="What requests that bring their flow with them are given; without it nothing.",
    )

    def grant(self, key: str | None) -> Grant | None:
        """What the document with this key is given, or a request (``None``), which has no key."""
        if key is None:
            return self.requests
        fitting = (folder for folder in self.documents if key.startswith(folder.prefix))
        return max(fitting, key=lambda folder: len(folder.prefix), default=None)


@dataclass(frozen=True, slots=True)
class BrokenPolicy:
    """A policy that cannot be read, and why. It gives nothing."""

    reason: str


def read_policy(source: bytes, name: str) -> tuple[Policy | BrokenPolicy, tuple[Finding, ...]]:
    """The policy in the bytes of a file, and what is wrong with it; any finding breaks it."""
    read = read_object(source, name, POLICY_FILE)
    policy, wrong = _policy(read.value) if read.value is not None else (None, [])
    findings = (*read.findings, *located(wrong, read.locator))
    if policy is None or findings:
        return BrokenPolicy(format_first(findings, name)), findings
    return policy, ()


def _policy(value: dict[str, Json]) -> tuple[Policy | None, list[Finding]]:
    try:
        policy = Policy.model_validate(value)
    except ValidationError as errors:
        return None, [told(error, Policy) for error in errors.errors(include_url=False)[:MAX_FINDINGS]]
    return policy, list(_doubled(policy))


def _doubled(policy: Policy) -> Iterator[Finding]:
    """Of two grants for one folder nobody could tell which counts."""
    seen: set[str] = set()
    for index, folder in enumerate(policy.documents):
        if folder.prefix in seen:
            message = f"the folder {quoted(folder.prefix)} stands above already"
            path: Path = ("documents", index, "prefix")
            yield Finding(POLICY_FILE.id, POLICY_FILE.severity, path, message, "keep one of them")
        seen.add(folder.prefix)


@dataclass(frozen=True, slots=True)
class PolicyCheck:
    """Holds the flows of one document to the policy. ``key`` is the document's; a request has none.

    Without a policy everything is given.
    """

    policy: Policy | BrokenPolicy | None
    key: str | None

    def violations(self, flow: dict[str, Json], path: Path = ()) -> Iterator[Finding]:
        """What the flow at ``path`` is not given; positions are not filled in.

        ``flow`` may have any shape: what is no string cannot be judged here, and is refused for its type elsewhere.
        """
        at_name = (*path, "flowName")
        match self.policy:
            case BrokenPolicy(reason):
                yield _finding(POLICY_BROKEN, at_name, f"nothing may be changed: {reason}", "mend the policy")
            case Policy() as policy:
                grant = policy.grant(self.key)
                yield from _beyond(grant, flow, path) if grant else _nothing_given(policy, self.key, at_name)

    def objections_to_creation(self, path: Path = ()) -> Iterator[Finding]:
        """What to tell if the flow at ``path`` does not exist yet, which only plan and apply know."""
        grant = self.policy.grant(self.key) if isinstance(self.policy, Policy) else None
        if grant and grant.create is False:
            message = f"there is no such flow, and {grant.receiver} may not create any"
            yield _finding(CREATION_NOT_GIVEN, (*path, "flowName"), message, "create it in AppFlow first")


def _beyond(grant: Grant, flow: dict[str, Json], path: Path) -> Iterator[Finding]:
    name = flow.get("flowName")
    if isinstance(name, str) and not _fits(name, grant.flows):
        message = f"{grant.receiver} may not change the flow {quoted(name)}"
        yield _finding(FLOW_NOT_GIVEN, (*path, "flowName"), message, _allowed(grant.flows))
    for at_use, used in _uses(flow, path):
        what, given, rule = _GUARDED[str(at_use[-1])]
        patterns = given(grant)
        if patterns is not None and not _fits(used, patterns):
            message = f"{grant.receiver} may not use the {what} {quoted(used)}"
            yield _finding(rule, at_use, message, _allowed(patterns))


class _Guarded(NamedTuple):
    what: str
    given: Callable[[Grant], tuple[str, ...] | None]
    rule: RuleInfo


_BUCKET = _Guarded("bucket", lambda grant: grant.buckets, BUCKET_NOT_GIVEN)
_GUARDED = {
    "connectorType": _Guarded("connector", lambda grant: grant.connectors, CONNECTOR_NOT_GIVEN),
    "connectorProfileName": _Guarded(
        "connector profile", lambda grant: grant.connectorProfiles, PROFILE_NOT_GIVEN
    ),
    "bucketName": _BUCKET,
    "intermediateBucketName": _BUCKET,
}
"""The members of a flow that say what it uses, wherever they stand."""

_FREE_NAMES = ("customProperties", "taskProperties", "tags")
"""Members whose own members have names that mean nothing to AppFlow."""


def _uses(value: Json, path: Path) -> Iterator[tuple[Path, str]]:
    """Where the value names something guarded, and what."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _uses(item, (*path, index))
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name in _GUARDED and isinstance(inner, str):
                yield (*path, name), inner
            elif name not in _FREE_NAMES:
                yield from _uses(inner, (*path, name))


def _nothing_given(policy: Policy, key: str | None, at_name: Path) -> Iterator[Finding]:
    if key is None:
        message = "the policy gives nothing to requests"
        yield _finding(FLOW_NOT_GIVEN, at_name, message, "drop a document into the bucket instead")
    else:
        message = f"the policy gives nothing to the document {quoted(key)}"
        folders = listed(folder.prefix for folder in policy.documents)
        yield _finding(
            FLOW_NOT_GIVEN, at_name, message, f"folders that are given something: {folders or 'none'}"
        )


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _allowed(patterns: Iterable[str]) -> str:
    return f"allowed: {listed(patterns) or 'none'}"


def _finding(rule: RuleInfo, path: Path, message: str, hint: str) -> Finding:
    return Finding(rule.id, rule.severity, path, message, hint)
