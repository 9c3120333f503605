"""Comments that tell this tool to be silent: ``# appflow-gitops: ignore AFG207 the bucket is from 2016``.

``judging`` reads them from YAML files. A comment at the end of a line is about that line; one that stands alone, or
behind a name whose value starts below it, is about the next line that is neither comment nor empty. Warnings and infos
can be ignored. An error cannot: AppFlow would refuse the flow all the same.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from appflow_gitops.documents.limits import MAX_FINDINGS
from appflow_gitops.findings import Finding, Position, RuleInfo, Severity

MARK = "appflow-gitops:"
"""What every such comment holds."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_COMMENT = re.compile(rf"(?:^|(?<=[ \t]))#[ \t]*{MARK}[ \t]*ignore\b[ \t]*([^ \t]*)(.*)$")
_CONTENT = re.compile(r"[ \t]*[^ \t#]")
_OPENS_BELOW = re.compile(r"(.*[:-])?[ \t]*")

IGNORE_COMMENT = RuleInfo(
    "AFG290",
    Severity.WARNING,
    "An ignore comment does not say what and why",
    "It names one rule and gives a reason. Rules of severity error cannot be ignored: AppFlow would refuse the flow.",
    "bucketName: Orders_2016  # appflow-gitops: ignore AFG207",
    "docs/rules.md",
)

COMMENT_RULES = (IGNORE_COMMENT,)


@dataclass(frozen=True, slots=True)
class IgnoreComment:
    """One comment: where it stands, which rule it names, why, and the line whose findings it hides."""

    position: Position
    rule: str
    reason: str
    line: int


def read_comments(text: str) -> tuple[IgnoreComment, ...]:
    """The ignore comments of a YAML text, good and bad ones."""
    comments: list[IgnoreComment] = []
    waiting: list[IgnoreComment] = []
    for number, line in enumerate(_LINE_END.split(text), start=1):
        if _CONTENT.match(line):
            comments += (replace(comment, line=number) for comment in waiting)
            waiting.clear()
        if match := _COMMENT.search(line):
            position = Position(number, match.start() + 1)
            comment = IgnoreComment(position, match[1], match[2].strip(), number)
            is_about_below = _OPENS_BELOW.fullmatch(line, 0, match.start())
            (waiting if is_about_below else comments).append(comment)
    return (*comments, *waiting)


def without_ignored(
    findings: Iterable[Finding], comments: Iterable[IgnoreComment]
) -> tuple[list[Finding], list[Finding]]:
    """The findings that stay, and those that a comment with a reason hides; positions must be filled in."""
    hidden = {(comment.line, comment.rule) for comment in comments if comment.reason}
    kept: list[Finding] = []
    ignored: list[Finding] = []
    for finding in findings:
        line = finding.position.line if finding.position else 0
        is_hidden = (line, finding.rule) in hidden and finding.severity is not Severity.ERROR
        (ignored if is_hidden else kept).append(finding)
    return kept, ignored


def bad_comments(comments: Iterable[IgnoreComment], rules: Mapping[str, RuleInfo]) -> Iterator[Finding]:
    """What is wrong with the comments themselves; ``rules`` are all there are, by id. Of very many only the first."""
    told = ((comment.position, _told(comment, rules.get(comment.rule))) for comment in comments)
    bad = ((position, *wrong) for position, wrong in told if wrong)
    for position, message, hint in islice(bad, MAX_FINDINGS):
        yield Finding(IGNORE_COMMENT.id, IGNORE_COMMENT.severity, (), message, hint, position)


def _told(comment: IgnoreComment, rule: RuleInfo | None) -> tuple[str, str] | None:
    form = f"write # {MARK} ignore AFG207 why it is right here"
    if not comment.rule:
        return "the comment names no rule", form
    if rule is None:
        return f"there is no rule {comment.rule[:20]!r}", form
    if rule.severity is Severity.ERROR:
        return f"{rule.id} is an error and cannot be ignored", "mend the flow: AppFlow would refuse it"
    if not comment.reason:
        return "the comment gives no reason", f"say why {rule.id} does not count here"
    return None
