"""Ignore comments in YAML files: ``# appflow-gitops: ignore AFG207 the bucket is from 2016``.

A comment at the end of a line applies to that line. A comment on its own line, or after a key whose value starts
below, applies to the next line with content. Comments hide warnings and infos, not errors: AppFlow would reject the
flow anyway.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from appflow_gitops.documents.limits import MAX_FINDINGS
from appflow_gitops.findings import Finding, Issue, Position, RuleInfo, Severity
from appflow_gitops.quoting import quoted

MARK = "appflow-gitops:"
"""The text in every ignore comment."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_COMMENT = re.compile(rf"(?:^|(?<=[ \t]))#[ \t]*{MARK}[ \t]*ignore\b[ \t]*([^ \t]*)(.*)$")
_CONTENT = re.compile(r"[ \t]*[^ \t#]")
_OPENS_BELOW = re.compile(r"(.*[:-])?[ \t]*")

IGNORE_COMMENT = RuleInfo(
    "AFG290",
    Severity.WARNING,
    "Invalid ignore comment",
    "An ignore comment has an effect only if it names one existing rule and gives a reason. Errors cannot be ignored, "
    "because AppFlow would reject the flow anyway. Complete the comment, or remove it.",
    "bucketName: Orders_2016  # appflow-gitops: ignore AFG207",
    "docs/rules.md",
)

COMMENT_RULES = (IGNORE_COMMENT,)


@dataclass(frozen=True, slots=True)
class IgnoreComment:
    """One comment: its position, the rule it names, its reason, and the line whose findings it hides."""

    position: Position
    rule: str
    reason: str
    line: int


def read_comments(text: str) -> tuple[IgnoreComment, ...]:
    """Return the ignore comments of a YAML text, valid and invalid ones."""
    comments: list[IgnoreComment] = []
    pending: list[IgnoreComment] = []
    for number, line in enumerate(_LINE_END.split(text), start=1):
        if _CONTENT.match(line):
            comments += (replace(comment, line=number) for comment in pending)
            pending.clear()
        if match := _COMMENT.search(line):
            position = Position(number, match.start() + 1)
            comment = IgnoreComment(position, match[1], match[2].strip(), number)
            applies_below = _OPENS_BELOW.fullmatch(line, 0, match.start())
            (pending if applies_below else comments).append(comment)
    return (*comments, *pending)


def split_ignored(
    findings: Iterable[Finding], comments: Iterable[IgnoreComment]
) -> tuple[list[Finding], list[Finding]]:
    """Return the findings to report, and those that a comment with a reason hides. All must have a position."""
    hidden = {(comment.line, comment.rule) for comment in comments if comment.reason}
    kept: list[Finding] = []
    ignored: list[Finding] = []
    for finding in findings:
        line = finding.position.line if finding.position else 0
        is_hidden = (line, finding.rule) in hidden and finding.severity is not Severity.ERROR
        (ignored if is_hidden else kept).append(finding)
    return kept, ignored


def invalid_comments(comments: Iterable[IgnoreComment], rules: Mapping[str, RuleInfo]) -> Iterator[Finding]:
    """Yield findings about the first 100 invalid comments. ``rules`` are all rules by id."""
    checked = ((comment.position, _error(comment, rules.get(comment.rule))) for comment in comments)
    invalid = ((position, *error) for position, error in checked if error)
    for position, message, hint in islice(invalid, MAX_FINDINGS):
        yield Issue(IGNORE_COMMENT, (), message, hint).to_finding(position)


def _error(comment: IgnoreComment, rule: RuleInfo | None) -> tuple[str, str] | None:
    """Return the message and hint for an invalid comment, None for a valid one."""
    if not comment.rule:
        return "the ignore comment has no rule id", f"write # {MARK} ignore AFG207 <reason>"
    if rule is None:
        return f"unknown rule {quoted(comment.rule)}", f"write # {MARK} ignore AFG207 <reason>"
    if rule.severity is Severity.ERROR:
        return f"{rule.id} is an error and cannot be ignored", "fix the flow: AppFlow would reject it"
    if not comment.reason:
        return "the ignore comment has no reason", f"write # {MARK} ignore {rule.id} <reason>"
    return None
