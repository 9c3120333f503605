"""The report: every answer as a row of Markdown, and the same as JSON. Neither identifies the account.

``verify`` writes it; the user attaches it to an issue, and ``docs/local-appflow.md`` is brought up to date from it.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.verify_on_aws.answer import Answer

_ARN = re.compile(r"arn:aws[\w-]*:[^\s,;)\]}\"']+")
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")

INTRODUCTION = """\
# What AppFlow answered

Made by `make verify-on-aws` of appflow-gitops. Each row is one thing that the local AppFlow only assumes; the switch is
the one of docs/local-appflow.md that it decides about. Account ids, ARNs and names of users are left out.
"""


@dataclass(frozen=True, slots=True)
class Report:
    """The answers, and where and when they were given. ``asked_at`` is ISO 8601, UTC."""

    answers: Sequence[Answer]
    region: str
    endpoint: str
    sdk: str
    asked_at: str

    def markdown(self) -> str:
        """The report for people."""
        facts = [
            f"- Asked at: {self.asked_at}",
            f"- Region: {self.region}",
            f"- Endpoint: {self.endpoint}",
            f"- SDK: {self.sdk}",
            f"- {self.summary()}",
        ]
        rows = [
            "| question | assumed | seen | verdict | switch | raw |",
            "| --- | --- | --- | --- | --- | --- |",
            *map(_row, self.answers),
        ]
        return "\n".join([INTRODUCTION, *facts, "", *rows, ""])

    def to_json(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "askedAt": self.asked_at,
            "region": self.region,
            "endpoint": self.endpoint,
            "sdk": self.sdk,
            "answers": [
                {
                    "question": answer.question.asks,
                    "switch": answer.question.switch or None,
                    "assumed": answer.question.assumed,
                    "seen": answer.outcome and anonymous(answer.outcome),
                    "verdict": answer.verdict,
                    "raw": anonymous(answer.detail),
                }
                for answer in self.answers
            ],
        }

    def summary(self) -> str:
        """How many answers of each kind, in one line."""
        counts = Counter(answer.verdict for answer in self.answers)
        return f"Same: {counts['same']}, different: {counts['different']}, not answered: {counts['not answered']}"

    def write(self, path: Path) -> None:
        """Write the Markdown to ``path`` and the JSON beside it. Raises OSError."""
        path.write_text(self.markdown(), encoding="utf-8")
        text = json.dumps(self.to_json(), indent=2, ensure_ascii=False)
        path.with_suffix(".json").write_text(f"{text}\n", encoding="utf-8")


def anonymous(text: str) -> str:
    """The text on one line, without ARNs (they name accounts and users), account ids and access keys."""
    for pattern, stand_in in ((_ARN, "<arn>"), (_ACCOUNT, "<account>"), (_KEY_ID, "<key>")):
        text = pattern.sub(stand_in, text)
    return " ".join(text.split())


def _row(answer: Answer) -> str:
    question = answer.question
    verdict = answer.verdict if answer.verdict == "same" else f"**{answer.verdict}**"
    switch = f"`{question.switch}`" if question.switch else ""
    cells = (question.asks, question.assumed, answer.outcome or "", verdict, switch, answer.detail)
    return f"| {' | '.join(_cell(anonymous(cell)) for cell in cells)} |"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "\\<")
