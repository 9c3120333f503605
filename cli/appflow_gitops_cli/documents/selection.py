"""The selection of rules by ``--select`` and ``--ignore``."""

import re
from dataclasses import dataclass

from appflow_gitops.findings import Finding, Severity

_RULE = re.compile(r"(AFG\d{0,3})X*")


@dataclass(frozen=True, slots=True)
class Selection:
    """Prefixes of rule ids to select (none: all rules) and to ignore; ``ignore`` takes precedence.

    Errors of reading and of shape (AFG0, AFG1) are always kept: such a document declares no flow to send to AppFlow.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def keeps(self, finding: Finding) -> bool:
        """Whether the finding is reported."""
        if finding.severity is Severity.ERROR and finding.rule.startswith(("AFG0", "AFG1")):
            return True
        return finding.rule.startswith(self.select or "AFG") and not finding.rule.startswith(self.ignore)

    def is_error(self, finding: Finding) -> bool:
        """Whether the finding is reported, and an error."""
        return finding.severity is Severity.ERROR and self.keeps(finding)


def rule_prefixes(text: str) -> tuple[str, ...]:
    """Parse a comma-separated list of rule ids or prefixes: ``AFG101,afg2`` or ``AFG2xx``.

    Raises ValueError with the invalid part.
    """
    return tuple(_prefix(part.strip()) for part in text.split(","))


def _prefix(part: str) -> str:
    rule = _RULE.fullmatch(part.upper())
    if not rule:
        raise ValueError(part)
    return rule[1]
