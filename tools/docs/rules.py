"""``docs/rules.md``: every rule in words, made from the rules themselves.

``python -m tools.docs.rules > docs/rules.md`` writes it; a test holds the file to it.
"""

import sys
from collections.abc import Iterator
from inspect import cleandoc

from appflow_gitops.documents.reading_rules import READING_RULES
from appflow_gitops.findings import RuleInfo
from appflow_gitops.validation.ignore_comments import COMMENT_RULES, MARK
from appflow_gitops.validation.policy.policy_rules import POLICY_RULES
from appflow_gitops.validation.rules.registry import RULES
from appflow_gitops.validation.shape.shape_rules import SHAPE_RULES

_HEAD = f"""
# Rules

What `appflow-gitops validate` and the cloud side tell about a flow document. Made by `make docs` from the rules
themselves: do not edit.

- **error**: AppFlow is known to refuse it, or its model has no place for it. The document is not applied.
- **warning**: people were bitten by it, or it is doubtful. The document is applied; AppFlow has the last word.
- **info**: what was understood and changed, or is worth knowing.

In YAML a comment makes a warning or an info silent, for its line or the one below, and says why:

```yaml
bucketName: Orders_2016  # {MARK} ignore AFG207 the bucket is older than the rule
```
"""


def markdown() -> str:
    """The text of ``docs/rules.md``."""
    good = {rule.id: cleandoc(rule.good) for rule in RULES}
    families = (
        ("Reading the file", READING_RULES),
        ("The shape of the request", SHAPE_RULES),
        ("Across fields", tuple(rule.info for rule in RULES)),
        ("Comments", COMMENT_RULES),
        ("The policy", POLICY_RULES),
    )
    parts = [_HEAD.strip()]
    for title, rules in families:
        parts += [f"## {title}", _table(rules)]
        parts += (_section(rule, good.get(rule.id)) for rule in rules)
    return "\n\n".join(parts) + "\n"


def _table(rules: tuple[RuleInfo, ...]) -> str:
    rows = (f"| [{rule.id}](#{rule.id.lower()}) | {rule.severity} | {rule.title} |" for rule in rules)
    return "\n".join(("| rule | severity | |", "| --- | --- | --- |", *rows))


def _section(rule: RuleInfo, good: str | None) -> str:
    return "\n\n".join(_paragraphs(rule, good))


def _paragraphs(rule: RuleInfo, good: str | None) -> Iterator[str]:
    yield f"### {rule.id}"
    yield f"**{rule.title}** ({rule.severity})"
    yield rule.explanation
    yield f"```yaml\n{rule.example}\n```"
    if good:
        yield f"Mended:\n\n```yaml\n{good}\n```"
    yield f"Source: {_source(rule.source)}"


def _source(source: str) -> str:
    return f"<{source}>" if source.startswith("https://") else source


if __name__ == "__main__":
    sys.stdout.write(markdown())
