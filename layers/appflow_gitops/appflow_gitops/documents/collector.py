"""Collects the findings of one document. The text readers and the dialects add to it."""

from appflow_gitops.documents.limits import MAX_FINDINGS
from appflow_gitops.findings import Finding, Issue, Position


class Collector:
    """Findings in the order they were added; those beyond ``MAX_FINDINGS`` are dropped.

    ``repeated`` are findings with a cause that was reported before. They are not shown, but mark unreadable values.
    """

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.repeated: list[Finding] = []

    @property
    def is_full(self) -> bool:
        """Whether further findings would be dropped, so that a reader can stop."""
        return len(self.findings) >= MAX_FINDINGS

    def add(self, issue: Issue, position: Position | None) -> None:
        """Add the issue as a finding at this position."""
        if not self.is_full:
            self.findings.append(issue.to_finding(position))

    def add_repeated(self, issue: Issue, position: Position | None) -> None:
        """Add the issue as a finding that is not shown."""
        self.repeated.append(issue.to_finding(position))
