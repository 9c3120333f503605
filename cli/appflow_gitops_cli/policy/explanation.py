"""Which grant applies to a document, and which of its patterns allows each thing that the document's flows use."""

from collections.abc import Iterator
from dataclasses import dataclass

from appflow_gitops.findings import Json
from appflow_gitops.validation.policy.model import Grant, Policy
from appflow_gitops.validation.policy.patterns import matches
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
    """The answers for one document. ``grant`` describes the grant that applies, None without one."""

    file: str
    grant: str | None
    answers: tuple[Answer, ...]

    @property
    def allowed(self) -> bool:
        """Whether the policy allows everything that the document uses."""
        return self.grant is not None and all(answer.allowed for answer in self.answers)

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
        return {"document": self.file, "allowed": self.allowed, "grant": self.grant, "uses": answers}


def explain(file: str, key: str | None, document: ValidatedDocument, policy: Policy) -> Explanation:
    """Explain what the policy allows the document with this key; None for a request."""
    grant = policy.grant_for(key)
    if grant is None:
        return Explanation(file, None, ())
    flows = [flow.parsed.source.value for flow in document.flows if flow.parsed]
    answers = dict.fromkeys(answer for flow in flows for answer in _answers(flow, grant))
    return Explanation(file, grant.subject, tuple(answers))


def _answers(flow: Json, grant: Grant) -> Iterator[Answer]:
    name = flow.get("flowName") if isinstance(flow, dict) else None
    if isinstance(name, str):
        by = next((pattern for pattern in grant.flows if matches(name, [pattern])), None)
        yield Answer("flow", name, "flows", by is not None, by)
    for use in uses(flow):
        kind, member, patterns = use.restriction.kind, use.restriction.member, use.allowed_by(grant)
        by = next((pattern for pattern in patterns or () if use.is_allowed((pattern,))), None)
        yield Answer(kind, use.value, member, patterns is None or by is not None, by)
