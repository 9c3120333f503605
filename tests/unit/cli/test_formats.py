"""The output formats of ``validate``."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from appflow_gitops.findings import Finding, Position, Severity
from appflow_gitops.validation.rule_catalogue import all_rules
from appflow_gitops_cli.documents.report import DocumentReport, Report
from appflow_gitops_cli.screen import Screen
from appflow_gitops_cli.validate.formats import as_github, as_json, as_junit, as_sarif, as_text
from appflow_gitops_cli.validate.repository import path_in_repository

SARIF = json.loads(Path(__file__).with_name("sarif-2.1.0-parts.schema.json").read_text(encoding="utf-8"))

WRONG_CHOICE = Finding(
    "AFG104",
    Severity.ERROR,
    ("tasks", 0, "taskType"),
    "unknown task type 'MapAll'",
    "did you mean 'Map_all'?",
    Position(2, 13),
)
NEEDLESS = Finding("AFG205", Severity.WARNING, ("a/b",), "100% needless: a, b", position=Position(1, 1))
UNDERSTOOD = Finding("AFG020", Severity.INFO, ("flowArn",), "left out", position=Position(3, 1))

REPORT = Report(
    (
        DocumentReport("flows/good.json", ("good",), (), {}),
        DocumentReport(
            "flows/a b.yaml",
            ("orders", None),
            (WRONG_CHOICE, NEEDLESS, UNDERSTOOD),
            {1: "tasks:", 2: "- taskType: MapAll", 3: "flowArn: arn"},
        ),
    )
)


def report_on(finding: Finding, lines: Mapping[int, str] | None = None, file: str = "flow.yaml") -> Report:
    return Report((DocumentReport(file, ("orders",), (finding,), lines or {}),))


def junit(report: Report) -> ET.Element:
    return ET.fromstring("\n".join(as_junit.render(report)))  # noqa: S314 - it is our own


def test_text_prints_the_line_with_a_caret_the_rule_and_the_hint() -> None:
    assert "\n".join(as_text.render(replace(REPORT, shows_infos=True), Screen())) == (
        """\
flows/a b.yaml:2:13: error: unknown task type 'MapAll' [AFG104]
  2 | - taskType: MapAll
    |             ^
      hint: did you mean 'Map_all'?

flows/a b.yaml:1:1: warning: 100% needless: a, b [AFG205]
  1 | tasks:
    | ^

flows/a b.yaml:3:1: info: left out [AFG020]
  3 | flowArn: arn
    | ^

2 documents, 3 flows, 1 error, 1 warning"""
    )


def test_text_counts_infos_instead_of_showing_them() -> None:
    *_, folded, summary = as_text.render(REPORT, Screen())
    assert folded == "1 info not shown; use --verbose to show it"
    assert summary == "2 documents, 3 flows, 1 error, 1 warning"
    assert "AFG020" not in "".join(as_text.render(REPORT, Screen()))


def test_text_fits_hints_and_source_lines_into_80_columns() -> None:
    finding = Finding(
        "AFG104", Severity.ERROR, (), "wrong", "one of " + "Salesforce, " * 20, Position(7, 300)
    )
    _, excerpt, caret, *hint, _, _ = as_text.render(
        report_on(finding, {7: "x" * 299 + "@" + "y" * 1_000_000}), Screen(width=80)
    )
    assert excerpt.index("@") == caret.index("^")
    assert excerpt.startswith("  7 | ...x")
    assert excerpt.endswith("y...")
    assert len(hint) > 2
    assert max(map(len, [excerpt, caret, *hint])) <= 80


LINES = st.text(
    st.characters(exclude_characters="@\r\n") | st.sampled_from("\t日é\u0301\x1b\u202e😀"), max_size=200
)


@given(
    before=LINES,
    after=LINES,
    width=st.integers(40, 120),
    encoding=st.sampled_from(["utf-8", "ascii", "cp1252"]),
)
def test_the_caret_is_below_the_column_for_any_line(
    before: str, after: str, width: int, encoding: str
) -> None:
    finding = Finding("AFG101", Severity.ERROR, (), "wrong", None, Position(1, len(before) + 1))
    report = report_on(finding, {1: f"{before}@{after}"})
    _, excerpt, caret, *_ = as_text.render(report, Screen(width=width, encoding=encoding))
    assert cell_len(excerpt[: excerpt.index("@")]) == caret.index("^")
    assert cell_len(excerpt) <= width


@pytest.mark.parametrize(
    "render", [lambda report: as_text.render(report, Screen()), as_github.render, as_junit.render]
)
def test_no_control_characters_reach_the_terminal(render) -> None:
    finding = Finding("AFG101", Severity.ERROR, (), "\x1b[2J\x07", "\x1b]0;title", Position(1, 1))
    shown = "\n".join(render(report_on(finding, {1: "\x1b[31mred"}, file="\x1b[1m\n.json")))
    assert not [char for char in shown if not char.isprintable() and char != "\n"]


def test_colours_mark_the_severity() -> None:
    place, *_ = as_text.render(report_on(WRONG_CHOICE), Screen(colour=True))
    assert "\x1b[31m\x1b[1merror:\x1b[0m" in place


def test_json_contains_every_document_and_finding() -> None:
    assert json.loads("\n".join(as_json.render(REPORT))) == {
        "documents": [
            {"file": "flows/good.json", "flows": ["good"], "valid": True, "findings": [], "ignored": 0},
            {
                "file": "flows/a b.yaml",
                "flows": ["orders"],
                "valid": False,
                "ignored": 0,
                "findings": [
                    {
                        "rule": "AFG104",
                        "severity": "error",
                        "pointer": "/tasks/0/taskType",
                        "line": 2,
                        "column": 13,
                        "message": "unknown task type 'MapAll'",
                        "hint": "did you mean 'Map_all'?",
                    },
                    {
                        "rule": "AFG205",
                        "severity": "warning",
                        "pointer": "/a~1b",
                        "line": 1,
                        "column": 1,
                        "message": "100% needless: a, b",
                        "hint": None,
                    },
                    {
                        "rule": "AFG020",
                        "severity": "info",
                        "pointer": "/flowArn",
                        "line": 3,
                        "column": 1,
                        "message": "left out",
                        "hint": None,
                    },
                ],
            },
        ]
    }


def test_github_gets_one_annotation_per_finding_escaped() -> None:
    strange = Finding("AFG205", Severity.WARNING, (), "100% one", "two\n::error::three", Position(4, 5))
    assert list(as_github.render(REPORT)) == [
        "::error file=flows/a b.yaml,title=AFG104,line=2,col=13::unknown task type 'MapAll'%0Adid you mean 'Map_all'?",
        "::warning file=flows/a b.yaml,title=AFG205,line=1,col=1::100%25 needless: a, b",
        "::notice file=flows/a b.yaml,title=AFG020,line=3,col=1::left out",
        "2 documents, 3 flows, 1 error, 1 warning",
    ]
    assert next(as_github.render(report_on(strange, file="C:\\a,b.yaml"))) == (
        "::warning file=C%3A\\a%2Cb.yaml,title=AFG205,line=4,col=5::100%25 one%0Atwo%0A::error::three"
    )


def test_sarif_is_valid_and_has_every_location() -> None:
    log = json.loads("\n".join(as_sarif.render(REPORT)))
    jsonschema.Draft202012Validator(SARIF).validate(log)
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["AFG020", "AFG104", "AFG205"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == ["AFG104", "AFG205", "AFG020"]
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    assert run["results"][0]["message"]["text"] == "unknown task type 'MapAll'\ndid you mean 'Map_all'?"
    assert run["results"][0]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "flows/a%20b.yaml"},
                "region": {"startLine": 2, "startColumn": 13},
            },
            "logicalLocations": [{"fullyQualifiedName": "/tasks/0/taskType", "kind": "member"}],
        }
    ]


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("-", "stdin"),
        ("flows/ä.json", "flows/%C3%A4.json"),
        ("/repo/a.json", "file:///repo/a.json"),
        ("\udcff.json", "%FF.json"),
    ],
)
def test_sarif_names_files_as_uris(file: str, uri: str) -> None:
    log = json.loads("\n".join(as_sarif.render(report_on(WRONG_CHOICE, file=file))))
    jsonschema.Draft202012Validator(SARIF).validate(log)
    [result] = log["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_sarif_describes_rules_with_a_link_and_without_markup_in_text() -> None:
    log = json.loads("\n".join(as_sarif.render(REPORT)))
    for rule in log["runs"][0]["tool"]["driver"]["rules"]:
        assert rule["helpUri"].startswith("https://")
        assert "`" not in rule["shortDescription"]["text"] + rule["fullDescription"]["text"]
        assert "```yaml" in rule["help"]["markdown"]


def fingerprints(*findings: Finding, lines: Mapping[int, str]) -> list[str]:
    report = Report((DocumentReport("flow.yaml", (), findings, lines),))
    results = json.loads("\n".join(as_sarif.render(report)))["runs"][0]["results"]
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]


def test_a_fingerprint_does_not_change_when_the_line_moves() -> None:
    moved = replace(WRONG_CHOICE, position=Position(9, 15))
    [before] = fingerprints(WRONG_CHOICE, lines={2: "- taskType: MapAll"})
    assert fingerprints(moved, lines={9: "  - taskType: MapAll"}) == [before]
    assert fingerprints(moved, lines={9: "- taskType: Mapall"}) != [before]


def test_equal_lines_have_different_fingerprints() -> None:
    again = replace(WRONG_CHOICE, position=Position(5, 13))
    first, second = fingerprints(
        WRONG_CHOICE, again, lines={2: "- taskType: MapAll", 5: "- taskType: MapAll"}
    )
    assert first != second


def test_sarif_below_the_limit_keeps_the_order_of_the_file() -> None:
    report = Report((DocumentReport("flow.yaml", (), (UNDERSTOOD, WRONG_CHOICE, NEEDLESS), {}),))
    results = json.loads("\n".join(as_sarif.render(report)))["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["AFG020", "AFG104", "AFG205"]


def test_sarif_is_cut_to_the_limit_of_github_with_errors_first() -> None:
    findings = (NEEDLESS, UNDERSTOOD, WRONG_CHOICE) * 10_000
    report = Report((DocumentReport("flow.yaml", (), findings, {}),))
    log = json.loads("\n".join(as_sarif.render(report)))
    jsonschema.Draft202012Validator(SARIF["$defs"]["run"] | {"$defs": SARIF["$defs"]}).validate(
        log["runs"][0] | {"results": log["runs"][0]["results"][:10]}
    )
    [run] = log["runs"]
    levels = [result["level"] for result in run["results"]]
    assert levels == ["error"] * 10_000 + ["warning"] * 10_000 + ["note"] * 5_000
    [notification] = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("5,000 results left out")


@pytest.mark.parametrize("render", [as_github.render, as_sarif.render])
def test_paths_are_relative_to_the_root_of_the_repository(
    render: Callable[[Report], Iterator[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "team/flows").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "team")
    for file in ("flows/a.yaml", str(tmp_path / "team/flows/a.yaml")):
        shown = "\n".join(render(report_on(WRONG_CHOICE, file=file)))
        assert "team/flows/a.yaml" in shown
        assert str(tmp_path) not in shown


def test_github_workspace_is_the_root_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "workspace/flows"
    folder.mkdir(parents=True)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.chdir(folder)
    assert path_in_repository("a.yaml") == "flows/a.yaml"


def test_sarif_of_valid_documents_has_no_results() -> None:
    log = json.loads("\n".join(as_sarif.render(Report(REPORT.documents[:1]))))
    jsonschema.Draft202012Validator(SARIF).validate(log)
    assert log["runs"][0]["results"] == []


def test_junit_counts_only_documents_that_fail_the_run() -> None:
    warned = report_on(NEEDLESS)
    assert junit(warned).attrib == {"tests": "1", "failures": "0", "errors": "0"}
    failing = replace(warned, failing=frozenset({Severity.WARNING}))
    assert junit(failing).attrib == {"tests": "1", "failures": "1", "errors": "0"}


def test_junit_has_a_test_case_per_document() -> None:
    suites = junit(REPORT)
    assert suites.attrib == {"tests": "2", "failures": "1", "errors": "0"}
    good, bad = suites.iter("testcase")
    assert (good.get("name"), list(good)) == ("flows/good.json", [])
    failure, output = bad
    assert failure.attrib == {"type": "AFG104", "message": "unknown task type 'MapAll'"}
    assert failure.text == (
        "\nflows/a b.yaml:2:13: error: unknown task type 'MapAll' (did you mean 'Map_all'?) [AFG104]\n"
    )
    assert output.tag == "system-out"
    assert output.text.count("\n") == 3


def test_junit_fails_for_warnings_with_warnings_as_errors() -> None:
    strict = Report(report_on(NEEDLESS).documents, frozenset({Severity.WARNING}))
    [lenient_case] = junit(report_on(NEEDLESS)).iter("testcase")
    [strict_case] = junit(strict).iter("testcase")
    assert [each.tag for each in lenient_case] == ["system-out"]
    assert [each.tag for each in strict_case] == ["failure"]


@given(message=st.text(max_size=50), file=st.text(min_size=1, max_size=20))
def test_any_text_is_rendered_as_well_formed_ascii(message: str, file: str) -> None:
    report = report_on(
        Finding("AFG101", Severity.ERROR, (message,), message, message, Position(1, 1)), file=file
    )
    junit(report)
    [document] = json.loads("\n".join(as_json.render(report)))["documents"]
    assert document["findings"][0]["message"] == message
    for render in (as_json.render, as_junit.render, as_sarif.render):
        assert "\n".join(render(report)).isascii()
    assert len(list(as_github.render(report))) == 2


@pytest.mark.parametrize(
    ("line", "column", "width", "shown"),
    [
        ("0123456789abcdef", 1, 22, "0123456789abcdef"),
        ("0123456789abcdef", 1, 21, "0123456789ab..."),
        ("0123456789abcdef", 16, 21, "...bcde f".replace(" ", "")),
        ("0123456789abcdef", 10, 16, "...78 9a...".replace(" ", "")),
    ],
)
def test_a_source_line_is_cut_around_the_column(line: str, column: int, width: int, shown: str) -> None:
    finding = Finding("AFG101", Severity.ERROR, (), "wrong", None, Position(1, column))
    _, excerpt, caret, *_ = as_text.render(report_on(finding, {1: line}), Screen(width=width))
    assert excerpt == f"  1 | {shown}"
    assert excerpt[caret.index("^")] == line[column - 1]


def test_a_hint_is_wrapped_between_words_only() -> None:
    hint = "use a-word-with-hyphens instead"
    finding = Finding("AFG101", Severity.ERROR, (), "wrong", hint, Position(12, 1))
    assert list(as_text.render(report_on(finding), Screen(width=32)))[1:4] == [
        "       hint: use",
        "             a-word-with-hyphens",
        "             instead",
    ]


def test_a_finding_without_a_position_has_none_in_any_format() -> None:
    report = report_on(Finding("AFG101", Severity.ERROR, (), "wrong"), {1: "flowName: orders"})
    [document] = json.loads("\n".join(as_json.render(report)))["documents"]
    assert (document["findings"][0]["line"], document["findings"][0]["column"]) == (None, None)
    assert next(as_github.render(report)) == "::error file=flow.yaml,title=AFG101::wrong"
    [case] = junit(report).iter("testcase")
    assert case[0].text == "\nflow.yaml: error: wrong [AFG101]\n"
    [run] = json.loads("\n".join(as_sarif.render(report)))["runs"]
    assert "region" not in run["results"][0]["locations"][0]["physicalLocation"]
    assert next(as_text.render(report, Screen())) == "flow.yaml:1:1: error: wrong [AFG101]"


def test_sarif_links_to_sources_on_the_web_only() -> None:
    sources = {rule.id: rule.source for rule in all_rules()}
    findings = tuple(Finding(id_, Severity.ERROR, (), "wrong") for id_ in sources)
    log = json.loads("\n".join(as_sarif.render(Report((DocumentReport("flow.yaml", (), findings, {}),)))))
    links = {rule["id"]: rule.get("helpUri") for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    assert links == {
        id_: source if source.startswith("https://") else None for id_, source in sources.items()
    }
    assert None in links.values()
