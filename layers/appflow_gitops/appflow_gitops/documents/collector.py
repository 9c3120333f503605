"""Makes and collects the findings of one reading. The readers of text and the dialects tell what they find here."""

from appflow_gitops.documents.limits import MAX_FINDINGS
from appflow_gitops.findings import Finding, Path, Position, RuleInfo

_LONGEST_EXCERPT = 60


def finding(
    rule: RuleInfo, path: Path, position: Position | None, message: str, hint: str | None = None
) -> Finding:
    """A finding of ``rule``, with its id and severity."""
    return Finding(rule.id, rule.severity, path, message, hint, position)


class Collector:
    """Findings in the order in which they were told; those beyond ``MAX_FINDINGS`` are left out."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    @property
    def is_full(self) -> bool:
        """Whether further findings would be left out, so that looking for them is no use."""
        return len(self.findings) >= MAX_FINDINGS

    def tell(
        self, rule: RuleInfo, path: Path, position: Position | None, message: str, hint: str | None = None
    ) -> None:
        """Adds a finding."""
        if not self.is_full:
            self.findings.append(finding(rule, path, position, message, hint))


def excerpt(text: str) -> str:
    """A piece of the document for a message: in backticks, on one line, short."""
    shown = " ".join(text.split())
    if len(shown) > _LONGEST_EXCERPT:
        shown = shown[:_LONGEST_EXCERPT] + "..."
    return f"`{shown}`"
