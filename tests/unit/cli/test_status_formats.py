"""The output formats of ``status``: complete and escaped."""

import base64
import hashlib
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.inventory import State, SyncStatus
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.status.html import as_html
from appflow_gitops_cli.status.report import StatusReport, as_json, notes_of, state_text
from appflow_gitops_cli.status.text import _flow, ago, print_report, table
from fakes.status_reports import HOUR, NOW, SHA, hostile, one_of_everything, report, summary, sync_status

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
        if tag == "wbr":  # where a path may break
            return
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
    output = shown(one_of_everything()).replace("<wbr>", "")
    for name in [
        *NAMES,
        "flows/broken.yaml",
        "AppFlow cannot change this in place",
        "/tasks/3/destinationField",
    ]:
        assert name in output


def test_json_contains_every_member_of_every_part() -> None:
    value = json.loads(
        as_json(replace(one_of_everything(), health={"accounts": Health.DEGRADED}, paused=("ord*",)))
    )
    states = [(flow["flowName"], flow["state"], flow["health"]) for flow in value["flows"]]
    assert states == [
        ("accounts", "in sync", "Degraded"),
        ("contacts", "drifted", None),
        ("orders", "pending", None),
        ("returns", "orphaned", None),
        ("visits", "elsewhere", None),
    ]
    accounts, contacts = value.pop("flows")[:2]
    [by_hand] = value.pop("unmanaged")
    assert value == {
        "bucket": "acme-documents",
        "time": "2026-05-28T20:26:40.000Z",
        "inOrder": False,
        "paused": ["ord*"],
        "documentsWithoutFlow": [
            {"flowName": "invoices", "document": "flows/invoices.yaml", "commit": SHA, "note": None}
        ],
        "invalidDocuments": [{"document": "flows/broken.yaml", "error": "the file declares no flow"}],
    }
    assert accounts == {
        "flowName": "accounts",
        "state": "in sync",
        "health": "Degraded",
        "flowStatus": "Active",
        "triggerType": "Scheduled",
        "document": "flows/accounts.yaml",
        "version": "v1.2345678901234567890",
        "commit": SHA,
        "canRun": True,
        "lastUpdatedAt": "2026-05-28T19:26:40.000Z",
        "lastRun": {
            "status": "Successful",
            "time": "2026-05-28T19:56:40.000Z",
            "message": "the run's message",
        },
        "changes": [],
        "outcome": None,
        "observed": False,
        "note": None,
    }
    assert contacts["changes"] == [
        {"op": "change", "pointer": "/tasks/3/destinationField", "live": "fullname", "desired": "full_name"},
        {"op": "add", "pointer": "/description", "live": None, "desired": "x"},
    ]
    assert (by_hand["flowName"], by_hand["document"], by_hand["lastRun"]) == ("made-by-hand", None, None)


def test_every_format_shows_the_health_of_a_flow() -> None:
    shown = replace(report(sync_status("accounts")), health={"accounts": Health.DEACTIVATED})
    assert json.loads(as_json(shown))["flows"][0]["health"] == "Deactivated"
    assert "Health" in text_of(shown)
    assert "in sync  Deactivated  Active" in text_of(shown)
    assert '<span class="state deactivated">Deactivated</span>' in as_html(shown)
    assert shown.summary == "1 in sync, 1 Deactivated"


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
    assert text_of(report(flow)).splitlines()[-3] == "    3 more"


def test_text_shows_from_what_to_what_a_flow_differs_and_since_when() -> None:
    lines = text_of(one_of_everything()).splitlines()
    start = lines.index("contacts (drifted, changed 1 h ago)")
    assert lines[start + 1 : start + 3] == [
        '    ~ /tasks/3/destinationField: "fullname" -> "full_name"',
        '    + /description: "x"',
    ]
    assert lines[-2] == ""


def test_flows_are_listed_worst_first() -> None:
    names = ["contacts", "orders", "returns", "visits", "accounts"]
    assert [flow.live.name for flow in one_of_everything().flows] == names
    listed = [line.split()[0] for line in text_of(one_of_everything()).splitlines() if line[:1].isalpha()]
    assert [name for name in dict.fromkeys(listed) if name in names] == names


def test_a_flow_in_draft_is_never_plainly_in_sync() -> None:
    draft = replace(sync_status("hourly"), live=summary("hourly", status="Draft"))
    shown = report(draft)
    assert "in sync, not running" in text_of(shown)
    assert "set flowStatus: Active" in text_of(shown)
    assert 'class="state in-sync-not-running"' in as_html(shown)
    assert json.loads(as_json(shown))["flows"][0]["canRun"] is False
    assert shown.summary == "1 in sync (1 not running)"


@pytest.mark.parametrize("width", [30, 40, 60, 80, 120, 200])
def test_at_every_width_names_are_whole_and_lines_fit(width: int) -> None:
    long = sync_status("sales-orders-of-the-shop", document="flows/europe/sales/orders-of-the-shop.yaml")
    rows = [_flow(flow, NOW) for flow in (*one_of_everything().flows, long)]
    lines = [line.plain for line in table(rows, width)]
    assert all(len(line) <= width for line in lines)
    for row in rows:
        assert any(row["Flow"].plain in line for line in lines)
        assert any(row["State"].plain in line for line in lines)


def test_a_wide_terminal_shows_every_column() -> None:
    header = next(iter(table([_flow(sync_status("orders"), NOW)], 200))).plain
    assert header.split("  ")[0] == "Flow"
    for column in ("State", "Status", "Document", "Version", "Commit", "Changed", "Last run"):
        assert column in header


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "now"), (60, "1 min ago"), (2 * HOUR, "2 h ago"), (50 * HOUR, "2 d ago"), (-5, "now")],
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


def test_only_states_that_some_row_has_can_be_filtered_by() -> None:
    page = as_html(report(sync_status("orders")))
    assert re.findall(r'data-state="([^"]+)"><span', page) == ["in-sync"]


def test_paths_and_pointers_break_after_slashes_only() -> None:
    page = as_html(one_of_everything())
    assert "flows/<wbr>contacts.yaml" in page
    assert "<code>/<wbr>tasks/<wbr>3/<wbr>destinationField</code>" in page


def test_a_flow_without_differences_has_nothing_to_unfold_on_the_page() -> None:
    assert "<details>" not in as_html(report(sync_status("orders")))


def test_flows_that_do_not_run_are_listed_before_those_that_do() -> None:
    draft = replace(sync_status("zebra"), live=summary("zebra", status="Draft"))
    shown = report(sync_status("bee"), draft, sync_status("ant"))
    assert [flow.live.name for flow in shown.flows] == ["zebra", "ant", "bee"]
    assert shown.summary == "3 in sync (1 not running)"


def test_states_are_counted_in_sync_first_and_by_outcome() -> None:
    pending = sync_status("a", State.PENDING)
    flows = [
        replace(pending, outcome=Outcome.REJECTED),
        sync_status("b", State.ORPHANED),
        replace(pending, outcome=Outcome.FAILED),
        pending,
        sync_status("c"),
        replace(pending, outcome=Outcome.FAILED),
    ]
    assert report(*flows).states == {"in sync": 1, "failed": 2, "pending": 1, "rejected": 1, "orphaned": 1}
    assert report(*flows).summary == "1 in sync, 2 failed, 1 pending, 1 rejected, 1 orphaned"


@pytest.mark.parametrize(
    ("arn", "account"),
    [
        ("arn:aws:appflow:eu-west-1:123456789012:flow/a", "account 123456789012, eu-west-1"),
        ("arn:aws:appflow:eu-west-1:1:flow/a:b", "account 1, eu-west-1"),
        ("arn:aws:appflow:eu-west-1:1", ""),
        ("", ""),
    ],
)
def test_the_account_is_that_of_the_first_flow_with_an_arn(arn: str, account: str) -> None:
    flow = replace(sync_status("a"), live=replace(summary("a"), arn=arn))
    assert report(flow).account == account
    assert report(unmanaged=(flow,)).account == account
    other = replace(sync_status("b"), live=replace(summary("b"), arn="no"))
    assert report(other, flow).account == account


@pytest.mark.parametrize(
    ("flow", "notes"),
    [
        (sync_status("a"), []),
        (replace(sync_status("a"), note="why"), ["why"]),
        (
            replace(sync_status("a"), live=summary("a", status="Draft")),
            ["the flow is in Draft and never runs; set flowStatus: Active in its document"],
        ),
        (
            sync_status("a", State.ORPHANED),
            ["no document declares the flow, and it continues to run"],
        ),
        (replace(sync_status("a", State.ORPHANED), live=summary("a", status="Suspended")), []),
        (replace(sync_status("a", State.DRIFTED), live=summary("a", status="Draft")), []),
    ],
)
def test_notes_say_why_a_flow_needs_attention(flow: SyncStatus, notes: list[str]) -> None:
    assert list(notes_of(flow)) == notes


@pytest.mark.parametrize(
    ("flow", "text"),
    [
        (replace(sync_status("a"), is_observed=True), "in sync, observed"),
        (
            replace(sync_status("a"), is_observed=True, live=summary("a", status="Draft")),
            "in sync, observed, not running",
        ),
        (replace(sync_status("a", State.PENDING), is_observed=True, outcome=Outcome.OBSERVED), "observed"),
        (replace(sync_status("a", State.PENDING), outcome=Outcome.HELD), "held"),
        (replace(sync_status("a", State.DRIFTED), outcome=Outcome.FAILED), "drifted"),
    ],
)
def test_a_state_says_how_the_change_ended_and_whether_the_flow_runs(flow: SyncStatus, text: str) -> None:
    assert state_text(flow) == text
