"""Check flows against the policy (AFG301 to AFG310). ``pipeline`` does so for each flow of a document."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

from appflow_gitops.findings import Issue, Json, Path, RuleInfo
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.validation.policy.model import BrokenPolicy, Grant, Policy
from appflow_gitops.validation.policy.rules import (
    BUCKET_NOT_ALLOWED,
    CONNECTOR_NOT_ALLOWED,
    CREATION_NOT_ALLOWED,
    FLOW_NOT_ALLOWED,
    POLICY_BROKEN,
    PROFILE_NOT_ALLOWED,
)


@dataclass(frozen=True, slots=True)
class PolicyCheck:
    """The policy, applied to the flows of one document. ``key`` is the document's key; a request has none.

    Without a policy everything is allowed.
    """

    policy: Policy | BrokenPolicy | None
    key: str | None

    def violations(self, flow: dict[str, Json], path: Path = ()) -> Iterator[Issue]:
        """Yield what the policy does not allow in the flow at ``path``.

        ``flow`` may have any shape. Values of a wrong type are skipped: the shape check reports them.
        """
        at_name = (*path, "flowName")
        match self.policy:
            case BrokenPolicy(reason):
                hint = "fix the policy; until then no flow can be changed"
                yield Issue(POLICY_BROKEN, at_name, f"the policy is invalid: {reason}", hint)
            case Policy() as policy:
                grant = policy.grant_for(self.key)
                yield from _violations(grant, flow, path) if grant else _no_grant(policy, self.key, at_name)

    def creation_violations(self, path: Path = ()) -> Iterator[Issue]:
        """Yield the violation that applies if the flow at ``path`` does not exist, which only plan and apply know."""
        grant = self.policy.grant_for(self.key) if isinstance(self.policy, Policy) else None
        if grant and grant.create is False:
            message = f"the flow does not exist, and {grant.subject} are not allowed to create flows"
            yield Issue(
                CREATION_NOT_ALLOWED, (*path, "flowName"), message, "create the flow in AppFlow first"
            )


def _violations(grant: Grant, flow: dict[str, Json], path: Path) -> Iterator[Issue]:
    name = flow.get("flowName")
    if isinstance(name, str) and not _matches(name, grant.flows):
        message = f"{grant.subject} are not allowed to change the flow {quoted(name)}"
        yield Issue(FLOW_NOT_ALLOWED, (*path, "flowName"), message, _allowed_values(grant.flows))
    for at_use, used in _uses(flow, path):
        kind, allowed, rule = _RESTRICTED[str(at_use[-1])]
        patterns = allowed(grant)
        if patterns is not None and not _matches(used, patterns):
            message = f"{grant.subject} are not allowed to use the {kind} {quoted(used)}"
            yield Issue(rule, at_use, message, _allowed_values(patterns))


class _Restriction(NamedTuple):
    kind: str
    allowed: Callable[[Grant], tuple[str, ...] | None]
    rule: RuleInfo


_BUCKET = _Restriction("bucket", lambda grant: grant.buckets, BUCKET_NOT_ALLOWED)
_RESTRICTED = {
    "connectorType": _Restriction("connector", lambda grant: grant.connectors, CONNECTOR_NOT_ALLOWED),
    "connectorProfileName": _Restriction(
        "connector profile", lambda grant: grant.connectorProfiles, PROFILE_NOT_ALLOWED
    ),
    "bucketName": _BUCKET,
    "intermediateBucketName": _BUCKET,
}
"""The members that name what a flow uses, at any depth."""

_FREE_NAMES = ("customProperties", "taskProperties", "tags")
"""Maps whose keys the user chooses."""


def _uses(value: Json, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the path and value of each restricted member."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _uses(item, (*path, index))
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name in _RESTRICTED and isinstance(inner, str):
                yield (*path, name), inner
            elif name not in _FREE_NAMES:
                yield from _uses(inner, (*path, name))


def _no_grant(policy: Policy, key: str | None, at_name: Path) -> Iterator[Issue]:
    if key is None:
        message = "the policy has no grant for requests"
        hint = "upload the document to the documents bucket, or add 'requests' to the policy"
    else:
        message = "no policy grant matches this document"
        hint = f"folders with a grant: {listed(folder.prefix for folder in policy.documents) or 'none'}"
    yield Issue(FLOW_NOT_ALLOWED, at_name, message, hint)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _allowed_values(patterns: Iterable[str]) -> str:
    return f"allowed: {listed(patterns) or 'none'}"
