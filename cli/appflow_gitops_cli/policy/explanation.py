"""Which grant applies to a document, and which of its patterns allows each thing that the document's flows use."""

from collections.abc import Iterator
from dataclasses import dataclass

from appflow_gitops.findings import Json, Severity
from appflow_gitops.validation.policy.model import FolderGrant, Grant, Policy
from appflow_gitops.validation.policy.patterns import matches
from appflow_gitops.validation.policy.rules import POLICY_RULES
from appflow_gitops.validation.policy.uses import uses
from appflow_gitops.validation.result import ValidatedDocument


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether one thing is allowed.

    ``by`` is the pattern that allows it, None if the grant does not restrict things of this ``kind``. ``member`` is the
    member of the grant that decides.
    """

    kind: str
    value: str
    member: str
    allowed: bool
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answers for one document. ``grant`` describes the grant that applies, None without one.

    ``other_errors`` counts the errors that are not about the policy: what they are about may be missing here.
    ``is_observed``: the grant has the mode observe, so nothing is written, whatever it allows.
    """

    file: str
    grant: str | None
    answers: tuple[Answer, ...]
    other_errors: int = 0
    is_observed: bool = False

    @property
    def allowed(self) -> bool:
        """Whether the policy certainly allows everything that the document uses."""
        is_known = self.grant is not None and not self.other_errors
        return is_known and all(answer.allowed for answer in self.answers)

    def to_json(self) -> dict[str, Json]:
        """The explanation as JSON."""
        answers: list[Json] = [
            {
                "kind": answer.kind,
                "value": answer.value,
                "allowed": answer.allowed,
                "member": answer.member,
                "pattern": answer.by,
            }
            for answer in self.answers
        ]
        return {
            "document": self.file,
            "allowed": self.allowed,
            "grant": self.grant,
            "observed": self.is_observed,
            "uses": answers,
            "otherErrors": self.other_errors,
        }


def explain(file: str, key: str | None, document: ValidatedDocument, policy: Policy) -> Explanation:
    """Explain what the policy allows the document with this key; None for a request."""
    grant = policy.grant_for(key)
    about_policy = {rule.id for rule in POLICY_RULES}
    others = [
        finding
        for finding in document.findings
        if finding.severity is Severity.ERROR and finding.rule not in about_policy
    ]
    if grant is None:
        return Explanation(file, None, (), len(others))
    flows = [flow.parsed.source.value for flow in document.flows if flow.parsed]
    answers = dict.fromkeys(answer for flow in flows for answer in _answers(flow, grant))
    is_observed = isinstance(grant, FolderGrant) and grant.is_observed
    return Explanation(file, grant.subject, tuple(answers), len(others), is_observed)


def _answers(flow: Json, grant: Grant) -> Iterator[Answer]:
    name = flow.get("flowName") if isinstance(flow, dict) else None
    if isinstance(name, str):
        by = next((pattern for pattern in grant.flows if matches(name, [pattern])), None)
        yield Answer("flow", name, "flows", by is not None, by)
    for use in uses(flow):
        kind, entries = use.restriction.kind, use.entries(grant)
        entry = next((entry for entry in entries or () if use.matches(entry.pattern)), None)
        member = entry.member if entry else use.restriction.member
        pattern = entry.pattern if entry else None
        yield Answer(kind, use.value, member, entries is None or entry is not None, pattern)
