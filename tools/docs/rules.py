"""Generate ``docs/rules.md`` from the rules: ``python -m tools.docs.rules > docs/rules.md``."""

import sys
from collections.abc import Iterator
from inspect import cleandoc

from appflow_gitops.documents.reading_rules import READING_RULES
from appflow_gitops.findings import RuleInfo
from appflow_gitops.validation.fields.field_rules import FIELD_RULES
from appflow_gitops.validation.ignore_comments import COMMENT_RULES, MARK
from appflow_gitops.validation.policy.rules import POLICY_RULES
from appflow_gitops.validation.rules.registry import RULES
from appflow_gitops.validation.shape.rules import SHAPE_RULES

_HEAD = f"""
# Rules

The rules that `appflow-gitops validate` and the deployed stack apply to a flow document. The rules AFG4xx compare it
with the fields of its connectors, see [fields.md](fields.md). This page is generated from the source by `make docs`; do
not edit it.

| severity | meaning | effect |
| --- | --- | --- |
| **error** | AppFlow rejects this, or its model cannot express it | the document is not applied |
| **warning** | probably a mistake: flows like this have failed or done nothing | the document is applied |
| **info** | the document was adapted to the API, or contains something worth knowing | the document is applied |

To ignore a warning or an info in a YAML document, add a comment with the rule id and a reason, on the same line or
above:

```yaml
bucketName: Orders_2016  # {MARK} ignore AFG207 the bucket is older than the naming rules
```

Errors cannot be ignored.
"""


def markdown() -> str:
    """Return the text of ``docs/rules.md``."""
    good = {rule.id: cleandoc(rule.good) for rule in RULES}
    families = (
        ("Reading the file", READING_RULES),
        ("The shape of the request", SHAPE_RULES),
        ("Across fields", tuple(rule.info for rule in RULES)),
        ("Comments", COMMENT_RULES),
        ("The policy", POLICY_RULES),
        ("The fields of connectors", FIELD_RULES),
    )
    parts = [_HEAD.strip()]
    for title, rules in families:
        parts += [f"## {title}", _table(rules)]
        parts += (_section(rule, good.get(rule.id)) for rule in rules)
    return "\n\n".join(parts) + "\n"


def _table(rules: tuple[RuleInfo, ...]) -> str:
    rows = (f"| [{rule.id}](#{rule.id.lower()}) | {rule.severity} | {rule.title} |" for rule in rules)
    return "\n".join(("| rule | severity | title |", "| --- | --- | --- |", *rows))


def _section(rule: RuleInfo, good: str | None) -> str:
    return "\n\n".join(_paragraphs(rule, good))


def _paragraphs(rule: RuleInfo, good: str | None) -> Iterator[str]:
    yield f"### {rule.id}"
    yield f"**{rule.title}** ({rule.severity})"
    yield rule.explanation
    yield f"```yaml\n{rule.example}\n```"
    if good:
        yield f"Fixed:\n\n```yaml\n{good}\n```"
    yield f"Source: {_source(rule.source)}"


def _source(source: str) -> str:
    return f"<{source}>" if source.startswith("https://") else source


if __name__ == "__main__":
    sys.stdout.write(markdown())
