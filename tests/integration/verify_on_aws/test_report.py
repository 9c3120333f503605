"""The report: every answer in it, and nothing about whose account it was."""

import json
from pathlib import Path

import pytest

from tools.verify_on_aws.answer import Answer, Question, Seen
from tools.verify_on_aws.report import Report, anonymous

QUESTION = Question("Is | it?", assumed="yes", switch="fill_s3_output", look=lambda _: Seen("yes"))


def report(*answers: Answer) -> Report:
    return Report(
        answers,
        region="eu-west-1",
        endpoint="https://appflow.eu-west-1.amazonaws.com",
        sdk="boto3 1",
        asked_at="2026-01-02T03:04:05+00:00",
    )


def test_each_answer_is_a_row_and_differences_are_marked() -> None:
    text = report(
        Answer(QUESTION, "yes", "all good"),
        Answer(QUESTION, "no", "ConflictException, HTTP 409: not\nnow"),
        Answer(QUESTION, None, "timed out"),
    ).markdown()

    assert r"| Is \| it? | yes | yes | same | `fill_s3_output` | all good |" in text
    assert (
        r"| Is \| it? | yes | no | **different** | `fill_s3_output` | ConflictException, HTTP 409: not now |"
        in text
    )
    assert r"| Is \| it? | yes |  | **not answered** | `fill_s3_output` | timed out |" in text
    assert "Same: 1, different: 1, not answered: 1" in text


def test_it_has_the_region_the_time_and_the_sdk() -> None:
    text = report().markdown()

    for fact in ("eu-west-1", "https://appflow.eu-west-1.amazonaws.com", "boto3 1", "2026-01-02T03:04:05"):
        assert fact in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "arn:aws:sts::123456789012:assumed-role/admin/jane may not arn:aws:appflow:eu-west-1:123456789012:flow/x",
            "<arn> may not <arn>",
        ),
        ('["arn:aws-cn:iam::123456789012:root"]', '["<arn>"]'),
        ("account 123456789012, bucket b-123456789012-x", "account <account>, bucket b-<account>-x"),
        ("key AKIAIOSFODNN7EXAMPLE", "key <key>"),
        ("started 1767323045, a hash 0123456789abcdef", "started 1767323045, a hash 0123456789abcdef"),
        ("two\n  lines", "two lines"),
    ],
)
def test_it_does_not_identify_the_account(text: str, shown: str) -> None:
    assert anonymous(text) == shown


def test_neither_form_identifies_the_account(tmp_path: Path) -> None:
    secret = "arn:aws:iam::123456789012:user/jane"
    answers = (Answer(QUESTION, secret, secret), Answer(QUESTION, None, f"denied to {secret}"))

    report(*answers).write(tmp_path / "r.md")

    for name in ("r.md", "r.json"):
        text = (tmp_path / name).read_text()
        assert "123456789012" not in text
        assert "jane" not in text


def test_the_json_beside_it_says_the_same(tmp_path: Path) -> None:
    report(Answer(QUESTION, "no", "raw"), Answer(QUESTION, None, "timed out")).write(tmp_path / "r.md")

    written = json.loads((tmp_path / "r.json").read_text())

    assert (written["region"], written["sdk"]) == ("eu-west-1", "boto3 1")
    first, second = written["answers"]
    assert first == {
        "question": "Is | it?",
        "switch": "fill_s3_output",
        "assumed": "yes",
        "seen": "no",
        "verdict": "different",
        "raw": "raw",
    }
    assert (second["seen"], second["verdict"]) == (None, "not answered")
