"""Traps of YAML have one finding each, with the cause and the fix."""

import pytest

from appflow_gitops.findings import Finding
from appflow_gitops.validation.validate import validate
from unit.validation.rule_cases import document

LAKE = "destinationFlowConfigList:\n- {connectorType: S3, destinationConnectorProperties: {S3: %s}}\n"


def errors(text: str, name: str = "flow.yaml") -> list[Finding]:
    return [finding for finding in validate(text.encode(), name).findings if finding.severity == "error"]


def test_an_alias_to_an_anchor_of_an_earlier_document_is_one_finding() -> None:
    first = document(LAKE % "&lake {bucketName: orders-lake}")
    second = document(LAKE % "{<<: *lake, bucketPrefix: a}").replace("flowName: orders", "flowName: more")
    (finding,) = errors(f"{first}---\n{second}")
    assert finding.message == "anchor 'lake' is defined in another document: '---' ends its scope"


@pytest.mark.parametrize("use", ["{<<: *lake, bucketPrefix: a}", "*lake", "{<<: [*lake, *lake]}"])
def test_an_unknown_anchor_is_one_finding_however_often_it_is_used(use: str) -> None:
    text = document(LAKE % use)
    again = f"metadataCatalogConfig: *lake\n{text}" if "[" not in use else text
    (finding,) = errors(again)
    assert "unknown anchor 'lake'" in finding.message


def test_other_errors_beside_an_unknown_anchor_are_reported() -> None:
    found = errors(document(LAKE % "{<<: *lake, bucketPrefixx: a}"))
    assert [finding.pointer.rpartition("/")[2] for finding in found] == ["<<", "bucketPrefixx"]


@pytest.mark.parametrize(
    "anchors",
    [
        "x-lake: &lake {bucketName: orders-lake}\n",
        "defaults:\n  lake: &lake\n    bucketName: orders-lake\n",
        "anchors:\n- &lake {bucketName: orders-lake}\n",
        ".lake: &lake {bucketName: orders-lake}\n",
    ],
)
def test_a_key_that_only_holds_anchors_says_where_to_define_them(anchors: str) -> None:
    (finding,) = errors(anchors + document(LAKE % "*lake"))
    assert finding.rule == "AFG103"
    assert finding.hint == "a key cannot only hold anchors: define each anchor where its value is first used"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("descripton: &team shop\n" + document("tags: {team: *team}\n"), "did you mean 'description'?"),
        (document("tags: &team [shop]\n"), None),
        (document("flowStatus: &status Activ\n"), "did you mean 'Active'?"),
    ],
)
def test_an_anchor_does_not_hide_the_hint_of_another_error(text: str, hint: str | None) -> None:
    (finding,) = errors(text)
    assert finding.hint == hint


def test_the_hint_for_an_unknown_key_without_anchors_lists_the_keys() -> None:
    (finding,) = errors("x-lake: {bucketName: orders-lake}\n" + document(""))
    assert (finding.hint or "").startswith("expected one of: 'flowName'")


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("08", "write 8: YAML 1.1 reads '08' as text"),
        ("1e1", "write 10: YAML 1.1 reads '1e1' as text"),
        ("0o12", "write 10: YAML 1.1 reads '0o12' as text"),
        ("1.5e0", None),
        ("tenth", None),
        ("'08'", "remove the quotes: 08"),
    ],
)
def test_text_that_is_a_number_in_yaml_1_2_is_one_finding_with_the_number(
    written: str, hint: str | None
) -> None:
    schedule = f"{{scheduleExpression: rate(1hours), flowErrorDeactivationThreshold: {written}}}"
    trigger = f"triggerConfig: {{triggerType: Scheduled, triggerProperties: {{Scheduled: {schedule}}}}}\n"
    found = validate(document(trigger).encode(), "flow.yaml").findings
    assert [finding.hint for finding in found if finding.rule in ("AFG019", "AFG101")] == [hint]


SPACES = ["\u00a0", "\u2003", "\u202f", "\u3000", "\ufeff", "\u200b"]


@pytest.mark.parametrize("space", SPACES, ids=[f"U+{ord(space):04X}" for space in SPACES])
@pytest.mark.parametrize(
    ("right", "wrong", "name"),
    [
        ("flowName: orders", "{s}flowName: orders", "flow.yaml"),
        ("flowName: orders", "flowName{s}: orders", "flow.yaml"),
        ("triggerConfig: {triggerType: OnDemand}", "triggerConfig: {triggerType: OnDemand{s}}", "flow.yaml"),
        (
            "triggerConfig: {triggerType: OnDemand}",
            "triggerConfig:\n{s}{s}triggerType: OnDemand",
            "flow.yaml",
        ),
        ("triggerConfig: {triggerType: OnDemand}", "triggerConfig:\n  triggerType:{s}OnDemand", "flow.yaml"),
        ("triggerConfig: {triggerType: OnDemand}", "triggerConfig:{s}{triggerType: OnDemand}", "flow.yaml"),
        ("", '{"flowName":{s}"orders"}', "flow.json"),
        ("", '{\n{s}{s}"flowName": "orders"}', "flow.json"),
        ("", '{"flowName": "orders"{s}}', "flow.json"),
        ("", '{"flowName{s}": "orders"}', "flow.json"),
    ],
)
def test_an_invisible_character_is_named_by_code_point(space: str, right: str, wrong: str, name: str) -> None:
    wrong = wrong.replace("{s}", space)
    text = wrong if name == "flow.json" else "description: a\n" + document("").replace(right, wrong)
    found = errors(text, name)
    assert any(f"U+{ord(space):04X} (" in f"{finding.message} {finding.hint}" for finding in found)
