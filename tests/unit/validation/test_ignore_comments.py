"""``# appflow-gitops: ignore AFG2xx reason`` hides warnings and infos, not errors."""

import pytest

from appflow_gitops.findings import Position
from appflow_gitops.validation.result import ValidatedDocument
from appflow_gitops.validation.validate import validate
from unit.validation.rule_cases import document

IGNORE = "# appflow-gitops: ignore"


def checked(members: str) -> ValidatedDocument:
    return validate(document(members).encode(), "flow.yaml")


def rules(document: ValidatedDocument) -> tuple[list[str], list[str]]:
    return [each.rule for each in document.findings], [each.rule for each in document.ignored]


@pytest.mark.parametrize(
    "members",
    [
        pytest.param(f"flowStatus: Suspended  {IGNORE} AFG259 known\n", id="on its line"),
        pytest.param(f"{IGNORE} AFG259 known\nflowStatus: Suspended\n", id="above its line"),
        pytest.param(
            f"{IGNORE} AFG259 known\n\n# another comment\nflowStatus: Suspended\n",
            id="above its line, separated by empty lines and comments",
        ),
        pytest.param(f"flowStatus:  {IGNORE} AFG259 known\n  Suspended\n", id="after its key"),
        pytest.param("#appflow-gitops:ignore AFG259 known\r\nflowStatus: Suspended\r\n", id="Windows lines"),
    ],
)
def test_a_comment_hides_the_finding_it_names(members: str) -> None:
    document = checked(members)
    assert rules(document) == ([], ["AFG259"])
    assert document.flows[0].findings == ()


def test_two_comments_above_one_line_hide_two_rules() -> None:
    members = f"""
        sourceFlowConfig:
          connectorType: S3
          {IGNORE} AFG205 the live flow has it
          {IGNORE} AFG209 it is called like this
          connectorProfileName: häfen
          sourceConnectorProperties: {{S3: {{bucketName: orders}}}}
    """
    assert rules(checked(members)) == ([], ["AFG205", "AFG209"])


@pytest.mark.parametrize(
    "members",
    [
        pytest.param(f"flowStatus: Suspended  {IGNORE} AFG209 of another rule\n", id="another rule"),
        pytest.param(f"description: x  {IGNORE} AFG259 not here\nflowStatus: Suspended\n", id="a line above"),
        pytest.param(f"flowStatus: Suspended\n{IGNORE} AFG259 too late\n", id="the line below"),
        pytest.param(
            "flowStatus: Suspended#appflow-gitops: ignore AFG259 x\n", id="no space before the comment"
        ),
    ],
)
def test_a_comment_about_something_else_hides_nothing(members: str) -> None:
    assert rules(checked(members))[1] == []


def test_a_warning_from_reading_the_file_can_be_ignored() -> None:
    members = f"""
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled:
              scheduleExpression: rate(1days)
              scheduleStartTime: "2026-01-01T00:00:00"  {IGNORE} AFG027 all our times are in UTC
    """
    assert rules(checked(members)) == ([], ["AFG027"])


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("AFG259", "the ignore comment has no reason"),
        ("", "the ignore comment has no rule id"),
        ("AFG999 because", "unknown rule 'AFG999'"),
        ("everything", "unknown rule 'everything'"),
        ("AFG250 because", "AFG250 is an error and cannot be ignored"),
    ],
)
def test_an_invalid_comment_is_a_finding_at_its_position(comment: str, message: str) -> None:
    document = checked(f"flowStatus: Suspended  {IGNORE} {comment}\n")
    (about_comment,) = (finding for finding in document.findings if finding.rule == "AFG290")
    assert (about_comment.message, about_comment.position) == (message, Position(1, 24))
    assert "AFG259" in rules(document)[0]
    assert document.ignored == ()


def test_an_invalid_comment_below_the_last_value_is_a_finding() -> None:
    source = document("") + f"{IGNORE} AFG999 because\n"
    (finding,) = validate(source.encode(), "flow.yaml").findings
    assert (finding.rule, finding.message) == ("AFG290", "unknown rule 'AFG999'")


def test_an_error_cannot_be_ignored() -> None:
    document = checked(f"triggerConfig: {{triggerType: Scheduled}}  {IGNORE} AFG250 trust me\n")
    assert not document.valid
    assert rules(document) == (["AFG250", "AFG290"], [])


def test_json_has_no_comments() -> None:
    source = f'{{"description": "Aufträge {IGNORE} AFG209 x"}}'
    assert validate(source.encode(), "flow.json").ignored == ()


def test_only_the_first_hundred_invalid_comments_are_reported() -> None:
    findings = checked(f"{IGNORE}\n" * 5_000 + "description: plain\n").findings
    assert len(findings) == 100
