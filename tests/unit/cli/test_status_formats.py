"""The output formats of ``status``: complete and escaped."""

import base64
import hashlib
import io
import json
import re
from html.parser import HTMLParser

import pytest

from appflow_gitops_cli.status.html import as_html
from appflow_gitops_cli.status.report import StatusReport, as_json
from appflow_gitops_cli.status.text import ago, print_report
from fakes.status_reports import HOUR, NOW, hostile, one_of_everything, report, sync_status

NAMES = ["accounts", "contacts", "orders", "returns", "visits", "made-by-hand", "invoices"]
VOID = {"meta", "input", "br"}


class Page(HTMLParser):
    """The tags and texts of a page; fails where tags are not nested."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def text_of(shown: StatusReport, screen: io.StringIO | None = None) -> str:
    screen = screen or io.StringIO()
    print_report(shown, screen)
    return screen.getvalue()


@pytest.mark.parametrize("shown", [text_of, as_json, as_html])
def test_every_format_contains_every_flow_and_document(shown: object) -> None:
    assert callable(shown)
    output = shown(one_of_everything())
    for name in [
        *NAMES,
        "flows/broken.yaml",
        "AppFlow cannot change this in place",
        "/tasks/3/destinationField",
    ]:
        assert name in output


def test_json_contains_states_changes_and_documents() -> None:
    value = json.loads(as_json(one_of_everything()))
    assert value["inOrder"] is False
    assert value["time"] == "2026-05-28T20:26:40.000Z"
    assert [flow["state"] for flow in value["flows"]] == [
        "in sync",
        "drifted",
        "pending",
        "orphaned",
        "elsewhere",
    ]
    assert value["flows"][1]["changes"][0] == {
        "op": "change",
        "pointer": "/tasks/3/destinationField",
        "live": "fullname",
        "desired": "full_name",
    }
    assert value["flows"][0]["lastRun"] == {
        "status": "Successful",
        "time": "2026-05-28T19:56:40.000Z",
        "message": "the run's message",
    }
    assert [flow["flowName"] for flow in value["unmanaged"]] == ["made-by-hand"]
    assert value["documentsWithoutFlow"][0]["flowName"] == "invoices"
    assert value["invalidDocuments"][0]["document"] == "flows/broken.yaml"


def test_the_summary_counts_flows_and_documents() -> None:
    assert one_of_everything().summary == (
        "1 in sync, 1 drifted, 1 pending, 1 orphaned, 1 elsewhere, 1 unmanaged, 1 missing, "
        "1 with an invalid latest version"
    )
    assert report().summary == "no flows and no documents"
    assert one_of_everything().account == "account 123456789012, eu-west-1"


def test_text_is_coloured_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" not in text_of(one_of_everything())
    assert "\x1b[32m" in text_of(one_of_everything(), Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[32m" not in text_of(one_of_everything(), Terminal())


def test_long_lists_of_differences_are_cut_in_text() -> None:
    changes = one_of_everything().inventory.flows[1].changes * 4
    flow = sync_status("contacts", one_of_everything().inventory.flows[1].state, changes=changes)
    assert text_of(report(flow)).splitlines()[-2].endswith(", 3 more")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "now"), (60, "1 min"), (2 * HOUR, "2 h"), (50 * HOUR, "2 d"), (-5, "now")]
)
def test_times_are_relative_in_text(seconds: float, text: str) -> None:
    assert ago(NOW - seconds, NOW) == text
    assert ago(None, NOW) == ""


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='alert(1)",
        "</style></table><h1>",
        "{{script}}",
        "&lt;b&gt;",
        "[bold red]x[/]",
    ],
)
def test_p10_external_values_are_text_only(text: str) -> None:
    page = Page(as_html(hostile(text)))
    harmless = Page(as_html(hostile("x")))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in harmless.tags]
    assert [sorted(attributes) for _, attributes in page.tags] == [
        sorted(attributes) for _, attributes in harmless.tags
    ]
    assert text in page.texts
    assert text in text_of(hostile(text))
    assert json.loads(as_json(hostile(text)))["flows"][0]["flowName"] == text


def test_p10_no_control_characters_reach_the_terminal() -> None:
    assert "\x1b" not in text_of(hostile("\x1b[2J\u202e"))


def test_the_page_loads_nothing_and_runs_only_its_own_script() -> None:
    page = as_html(one_of_everything())
    assert not re.search(r"url\(|@import|https?:|fetch|import\(", page)
    names = {name for _, attributes in Page(page).tags for name in attributes}
    assert not {name for name in names if re.match(r"src|href|action|style|on", name)}
    (policy,) = (
        str(attributes["content"])
        for tag, attributes in Page(page).tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_the_same_report_gives_the_same_page() -> None:
    assert as_html(one_of_everything()) == as_html(one_of_everything())
