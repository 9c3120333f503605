"""What ``status`` shows, word by word: tables, colours, differences and the cells of the page."""

import io
import re
from dataclasses import replace
from html import unescape

import pytest
from rich.text import Text

from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.flows.last_run import LastRun
from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.inventory import InvalidDocument, MissingFlow, State, SyncStatus
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.status.html import as_html
from appflow_gitops_cli.status.report import StatusReport
from appflow_gitops_cli.status.text import _flow, _shortened, print_report, table
from fakes.status_reports import NOW, SHA, one_of_everything, report, summary, sync_status

RUN = "Successful 30 min ago"
TEXT = f"""\
Paused ord*

Documents whose latest version is invalid
Document           Error
flows/broken.yaml  the file declares no flow

Documents without a flow
Flow      Document             Commit
invoices  flows/invoices.yaml  4f2c1a98

Flows
Flow      State      Health    Status  Document                             Version   Commit    Changed  Last run
contacts  drifted              Active  flows/contacts.yaml                  v1.23456  4f2c1a98  1 h ago  {RUN}
orders    pending              Active  flows/orders.yaml                    v1.23456  4f2c1a98  1 h ago  {RUN}
returns   orphaned             Active  flows/returns.yaml                   v1.23456  4f2c1a98  1 h ago  {RUN}
visits    elsewhere            Active  s3://other-bucket/flows/visits.yaml  v1.23456  4f2c1a98  1 h ago  {RUN}
accounts  in sync    Degraded  Active  flows/accounts.yaml                  v1.23456  4f2c1a98  1 h ago  {RUN}

Unmanaged flows
Flow          Status  Changed
made-by-hand  Draft   1 h ago

invoices (missing)
    CreateMissing is off
contacts (drifted, changed 1 h ago)
    ~ /tasks/3/destinationField: "fullname" -> "full_name"
    + /description: "x"
orders (pending)
    AppFlow cannot change this in place.
returns (orphaned)
    no document declares the flow, and it continues to run

1 in sync, 1 drifted, 1 pending, 1 orphaned, 1 elsewhere, 1 unmanaged, 1 missing, 1 with an invalid latest version, \
1 Degraded
"""
CHANGED = '<time datetime="2026-05-28T19:26:40.000Z">2026-05-28 19:26 UTC</time>'
RAN = '<time datetime="2026-05-28T19:56:40.000Z">2026-05-28 19:56 UTC</time>'


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Terminal()


def everything() -> StatusReport:
    found = one_of_everything()
    missing = replace(found.inventory.missing[0], note="CreateMissing is off")
    inventory = replace(found.inventory, missing=(missing,))
    return replace(found, inventory=inventory, health={"accounts": Health.DEGRADED}, paused=("ord*",))


def test_the_text_has_tables_then_differences_then_the_summary() -> None:
    shown = io.StringIO()
    print_report(everything(), shown)
    assert shown.getvalue() == TEXT


@pytest.mark.parametrize(
    ("flow", "colour"),
    [
        (sync_status("a"), "green"),
        (replace(sync_status("a"), live=summary("a", status="Draft")), "yellow"),
        (sync_status("a", State.DRIFTED), "red"),
        (sync_status("a", State.PENDING), "yellow"),
        (replace(sync_status("a", State.PENDING), outcome=Outcome.FAILED), "red"),
        (replace(sync_status("a", State.PENDING), outcome=Outcome.OBSERVED), ""),
        (sync_status("a", State.ORPHANED), "yellow"),
        (sync_status("a", State.ELSEWHERE), "dim"),
    ],
)
def test_a_state_has_its_colour(flow: SyncStatus, colour: str) -> None:
    assert _flow(flow, NOW)["State"].style == colour


@pytest.mark.parametrize(
    ("health", "colour"), [(Health.HEALTHY, "green"), (Health.STALE, "yellow"), (Health.UNKNOWN, "")]
)
def test_a_health_has_its_colour(health: Health, colour: str) -> None:
    assert _flow(sync_status("a"), NOW, health)["Health"].style == colour


@pytest.mark.parametrize(
    ("shown", "colour"),
    [
        (report(sync_status("a")), "1;32"),
        (report(replace(sync_status("a"), live=summary("a", status="Draft"))), "1;33"),
        (report(sync_status("a", State.DRIFTED)), "1;31"),
        (report(invalid=(InvalidDocument("a", "b"),)), "1;31"),
    ],
    ids=["in sync", "not running", "drifted", "invalid"],
)
def test_the_summary_has_the_colour_of_the_worst(
    terminal: Terminal, shown: StatusReport, colour: str
) -> None:
    print_report(shown, terminal)
    assert terminal.getvalue().splitlines()[-1] == f"\x1b[{colour}m{shown.summary}\x1b[0m"


def test_titles_heads_and_pauses_stand_out(terminal: Terminal) -> None:
    print_report(replace(report(sync_status("a")), paused=("ord*",)), terminal)
    lines = terminal.getvalue().splitlines()
    assert lines[:3] == ["\x1b[1;33mPaused ord*\x1b[0m", "", "\x1b[1mFlows\x1b[0m"]
    assert lines[3].startswith("\x1b[1mFlow\x1b[0m")


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (106, "Flow State Health Status Document Version Commit Changed Last run"),
        (96, "Flow State Health Status Document Version Changed Last run"),
        (86, "Flow State Health Status Document Changed Last run"),
        (63, "Flow State Health Status Document Changed"),
        (55, "Flow State Health Document Changed"),
        (46, "Flow State Health Document"),
        (38, "Flow State Document"),
    ],
)
def test_a_narrow_terminal_leaves_out_the_least_important_columns_first(width: int, columns: str) -> None:
    rows = [_flow(sync_status("contacts", State.DRIFTED), NOW, Health.STALE)]
    assert " ".join(next(iter(table(rows, width))).plain.split()) == columns


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (60, ["Flow    State    Document", "orders  in sync  flows/europe/sales/orders.yaml"]),
        (43, ["Flow    State    Document", "orders  in sync  …/europe/sales/orders.yaml"]),
        (33, ["Flow    State    Document", "orders  in sync  …les/orders.yaml"]),
        (32, ["orders", "  in sync  …pe/sales/orders.yaml"]),
        (20, ["orders", "  in sync  …les/orders.yaml"]),
    ],
)
def test_a_path_is_cut_at_its_start_then_rows_take_two_lines(width: int, shown: list[str]) -> None:
    cells = {"Flow": "orders", "State": "in sync", "Document": "flows/europe/sales/orders.yaml"}
    rows = [{name: Text(text) for name, text in cells.items()}]
    assert [line.plain for line in table(rows, width)] == shown


@pytest.mark.parametrize(
    ("width", "shown"), [(12, "flows/a.yaml"), (11, "…ows/a.yaml"), (5, "…yaml"), (4, "…aml")]
)
def test_a_shortened_path_is_as_wide_as_there_is_room(width: int, shown: str) -> None:
    assert _shortened(Text("flows/a.yaml"), width).plain == shown


def cells(page: str, name: str) -> dict[str, str]:
    """The cells of the row that contains ``name``, by column: attributes and content as in the page."""
    row = next(row for row in re.findall(r"<tr data-state.*?</tr>", page, re.DOTALL) if f">{name}<" in row)
    found = re.findall(r'<td([^>]*) data-label="([^"]*)"([^>]*)>(.*?)</td>', row)
    return {column: unescape(f"{before}{after}|{html}").strip() for before, column, after, html in found}


def test_a_row_of_the_page_has_every_fact_of_a_flow() -> None:
    assert cells(as_html(everything()), "accounts") == {
        "Flow": 'data-sort="accounts"|accounts',
        "State": '|<span class="state in-sync">in sync</span>',
        "Health": '|<span class="state degraded">Degraded</span>',
        "Status": "|Active",
        "Document": 'class="path" data-sort="flows/accounts.yaml"|flows/<wbr>accounts.yaml',
        "Version": 'title="v1.2345678901234567890"|<code>v1.23456</code>',
        "Commit": f'title="{SHA}"|<code>4f2c1a98</code>',
        "Last change": f'data-sort="1779996400"|{CHANGED}',
        "Last run": f'data-sort="1779998200" title="the run\'s message"|Successful {RAN}',
    }


def test_rows_without_a_document_or_a_flow_have_what_is_known() -> None:
    page = as_html(everything())
    assert cells(page, "made-by-hand") == {
        "Flow": "|made-by-hand",
        "Status": "|Draft",
        "Trigger": "|Scheduled",
        "Last change": f'data-sort="1779996400"|{CHANGED}',
        "Last run": "|",
    }
    assert cells(page, "invoices") == {
        "Flow": 'data-sort="invoices"|invoices<p class="note">CreateMissing is off</p>',
        "Document": 'class="path" data-sort="flows/invoices.yaml"|flows/<wbr>invoices.yaml',
        "Commit": f'title="{SHA}"|<code>4f2c1a98</code>',
    }
    assert cells(page, "the file declares no flow") == {
        "Document": 'class="path" data-sort="flows/broken.yaml"|flows/<wbr>broken.yaml',
        "Error": "|the file declares no flow",
    }


def test_a_run_without_a_time_sorts_first() -> None:
    flow = sync_status("orders")
    live = replace(flow.live, last_run=LastRun("Error", None, None), last_updated_at=None)
    shown = cells(as_html(report(replace(flow, live=live))), "orders")
    assert (shown["Last run"], shown["Last change"]) == ('data-sort="0"|Error', "|")


def test_the_page_begins_with_pauses_account_bucket_time_and_the_numbers_of_each_state() -> None:
    page = as_html(everything())
    assert '<p class="note">Paused ord*</p>' in page
    about = 'account 123456789012, eu-west-1 · bucket acme-documents · as of <time datetime="2026-05-28T20:26:40.000Z">'
    assert about in page
    pills = re.findall(r'data-state="([^"]+)"><span class="state ([^"]+)">([^<]+)<', page)
    assert pills == [
        ("invalid", "invalid", "1 invalid"),
        ("missing", "missing", "1 missing"),
        ("drifted", "drifted", "1 drifted"),
        ("pending", "pending", "1 pending"),
        ("orphaned", "orphaned", "1 orphaned"),
        ("elsewhere", "elsewhere", "1 elsewhere"),
        ("in-sync", "in-sync", "1 in sync"),
        ("unmanaged", "unmanaged", "1 unmanaged"),
    ]


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (DiffItem("change", ("a",), 1, 2), "<code>/<wbr>a</code> <del>1</del> <ins>2</ins>"),
        (DiffItem("add", ("a",), None, "é"), '<code>/<wbr>a</code> <ins>"é"</ins>'),
        (DiffItem("remove", ("a",), "x", None), '<code>/<wbr>a</code> <del>"x"</del>'),
        (
            DiffItem("add", ("a",), None, "x" * 198),
            f'<code>/<wbr>a</code> <ins>"{"x" * 198}"</ins>',
        ),
        (
            DiffItem("add", ("a",), None, "x" * 199),
            f'<code>/<wbr>a</code> <ins>"{"x" * 199}…</ins>',
        ),
    ],
    ids=["change", "add", "remove", "longest", "too long"],
)
def test_a_difference_shows_both_values_and_cuts_long_ones(change: DiffItem, shown: str) -> None:
    page = as_html(report(sync_status("orders", State.DRIFTED, changes=(change,))))
    (item,) = re.findall(r"<li>(.*?)</li>", page)
    assert unescape(item) == shown
    assert "<summary>1 difference</summary>" in page


def test_a_missing_flow_without_a_note_has_no_details() -> None:
    shown = io.StringIO()
    print_report(report(missing=(MissingFlow("orders", "flows/a.yaml", None),)), shown)
    assert shown.getvalue().splitlines() == [
        "Documents without a flow",
        "Flow    Document",
        "orders  flows/a.yaml",
        "",
        "1 missing",
    ]


def test_names_and_notes_wider_than_the_terminal_are_printed_whole(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    name, path = "n" * 40, "/".join(["folder"] * 8)
    drifted = sync_status(name, State.DRIFTED, changes=(DiffItem("add", (path,), None, "v" * 40),))
    print_report(report(drifted, missing=(MissingFlow(name, path, None, note="m" * 40),)), terminal)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue()).splitlines()
    assert lines.count(name) == len(("documents", "flows"))
    assert f"{name} (missing)" in lines
    assert f"    {'m' * 40}" in lines
    assert any("v" * 40 in line for line in lines)
