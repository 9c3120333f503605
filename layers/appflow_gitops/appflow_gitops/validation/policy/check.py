"""Check flows against the policy (AFG301 to AFG313). ``pipeline`` does so for each flow of a document."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from appflow_gitops.findings import Issue, Json, Path
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.validation.policy.model import BrokenPolicy, Grant, Policy
from appflow_gitops.validation.policy.patterns import matches
from appflow_gitops.validation.policy.rules import (
    CREATION_NOT_ALLOWED,
    FLOW_NOT_ALLOWED,
    POLICY_BROKEN,
    POLICY_MISSING,
)
from appflow_gitops.validation.policy.uses import BUCKET, uses


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
            case BrokenPolicy(reason, is_missing=True):
                yield Issue(POLICY_MISSING, at_name, reason, "drop a policy.yaml into the root of the bucket")
            case BrokenPolicy(reason):
                hint = "fix the policy; until then no flow can be changed"
                yield Issue(POLICY_BROKEN, at_name, f"the policy is invalid: {reason}", hint)
            case Policy() as policy:
                grant = policy.grant_for(self.key)
                yield from _violations(grant, flow, path) if grant else _no_grant(policy, self.key, at_name)

    def with_ignored(self, document: FlowDocument) -> FlowDocument:
        """Return the document with the members that the policy ignores in it."""
        ignored = self.policy.ignored_in(document.flowName) if self.policy else ()
        return document.ignoring(ignored) if ignored else document

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
    if isinstance(name, str) and not matches(name, grant.flows):
        message = f"{grant.subject} are not allowed to change the flow {quoted(name)}"
        yield Issue(FLOW_NOT_ALLOWED, (*path, "flowName"), message, _allowed_values(grant.flows))
    for use in uses(flow, path):
        entries = use.entries(grant)
        if entries is not None and not any(use.matches(entry.pattern) for entry in entries):
            kind, member, rule, _ = use.restriction
            purpose = ("write to" if use.writes else "read from") if use.restriction is BUCKET else "use"
            message = f"{grant.subject} are not allowed to {purpose} the {kind} {quoted(use.value)}"
            yield Issue(rule, use.path, message, _hint(member, [entry.pattern for entry in entries]))


def _no_grant(policy: Policy, key: str | None, at_name: Path) -> Iterator[Issue]:
    if key is None:
        message = "the policy has no grant for requests"
        hint = "upload the document to the documents bucket, or add 'requests' to the policy"
    else:
        message = "no policy grant matches this document"
        hint = f"folders with a grant: {listed(folder.prefix for folder in policy.documents) or 'none'}"
    yield Issue(FLOW_NOT_ALLOWED, at_name, message, hint)


def _hint(member: str, patterns: Iterable[str]) -> str:
    """What the grant allows; where that is nothing, the member to add to it."""
    return (
        _allowed_values(patterns) if patterns else f"allowed: none; add it to {quoted(member)} of the grant"
    )


def _allowed_values(patterns: Iterable[str]) -> str:
    return f"allowed: {listed(patterns) or 'none'}"
