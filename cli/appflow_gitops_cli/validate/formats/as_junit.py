"""Findings as a JUnit report: one test case per document. Findings that do not fail the run are its output."""

from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from appflow_gitops.findings import Finding
from appflow_gitops_cli.documents.report import DocumentReport, Report
from appflow_gitops_cli.printable import printable

_SUITE = "appflow-gitops validate"


def render(report: Report) -> Iterator[str]:
    """The lines of the XML document, in ASCII, so that the terminal's encoding does not matter."""
    failures = sum(any(map(report.fails, document.findings)) for document in report.documents)
    counts = {"tests": str(len(report.documents)), "failures": str(failures), "errors": "0"}
    suites = ET.Element("testsuites", counts)
    suite = ET.SubElement(suites, "testsuite", {"name": _SUITE} | counts)
    for document in report.documents:
        _add_case(suite, document, report)
    ET.indent(suites)
    yield '<?xml version="1.0"?>'
    yield ET.tostring(suites, encoding="us-ascii", xml_declaration=False).decode("ascii")


def _add_case(suite: ET.Element, document: DocumentReport, report: Report) -> None:
    file = printable(document.file)
    case = ET.SubElement(suite, "testcase", {"classname": _SUITE, "name": file, "file": file})
    failing = [finding for finding in document.findings if report.fails(finding)]
    others = [finding for finding in document.findings if not report.fails(finding)]
    if failing:
        # Readers show one failure per test case, so it contains every failing finding.
        first = failing[0]
        failure = ET.SubElement(case, "failure", {"type": first.rule, "message": printable(first.message)})
        failure.text = _finding_list(file, failing)
    if others:
        ET.SubElement(case, "system-out").text = _finding_list(file, others)


def _finding_list(file: str, findings: Iterable[Finding]) -> str:
    return "".join(f"\n{_line(file, finding)}" for finding in findings) + "\n"


def _line(file: str, finding: Finding) -> str:
    location = f":{finding.position.line}:{finding.position.column}" if finding.position else ""
    hint = f" ({finding.hint})" if finding.hint else ""
    return f"{file}{location}: {finding.severity}: {printable(finding.message + hint)} [{finding.rule}]"
