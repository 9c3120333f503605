"""Which findings ``validate`` shows and counts: ``--select`` and ``--ignore``."""

import re
from dataclasses import dataclass

from appflow_gitops.findings import Finding, Severity

_RULE = re.compile(r"(AFG\d{0,3})X*")


@dataclass(frozen=True, slots=True)
class Selection:
    """Prefixes of rule ids to keep (none: all) and to leave out; leaving out wins.

    An error of reading or of shape (AFG0, AFG1) always stays: there is no flow that AppFlow could be sent.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def keeps(self, finding: Finding) -> bool:
        """Whether the finding is shown and counts."""
        if finding.severity is Severity.ERROR and finding.rule.startswith(("AFG0", "AFG1")):
            return True
        return finding.rule.startswith(self.select or "AFG") and not finding.rule.startswith(self.ignore)


def rule_prefixes(given: str) -> tuple[str, ...]:
    """The prefixes in a comma-separated list of rule ids such as ``AFG101,afg2`` or ``AFG2xx``.

    Raises ValueError, with the piece that is none, for anything else.
    """
    return tuple(_prefix(piece.strip()) for piece in given.split(","))


def _prefix(piece: str) -> str:
    rule = _RULE.fullmatch(piece.upper())
    if not rule:
        raise ValueError(piece)
    return rule[1]
