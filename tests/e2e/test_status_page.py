"""The status page as a team opens it: in a browser, from a file, on a desktop or on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appflow_gitops.sync.inventory import State
from appflow_gitops_cli.status.html import as_html
from appflow_gitops_cli.status.report import StatusReport
from e2e import browser as browsers
from e2e.browser import Browser
from fakes.status_reports import hostile, one_of_everything, report, sync_status

pytestmark = pytest.mark.browser

SHOWN = "return [...document.querySelectorAll('tbody tr')].filter((row) => row.checkVisibility())"
NAMES = f"{SHOWN}.map((row) => row.cells[0].dataset.sort ?? row.cells[0].textContent)"
PHONE = (390, 844)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsers.started(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page that shows one of everything."""
    return written(tmp_path, one_of_everything())


def written(folder: Path, shown: StatusReport) -> Path:
    path = folder / "status.html"
    path.write_text(as_html(shown), encoding="utf-8")
    return path


def head(column: int) -> str:
    return f"section:first-of-type th:nth-child({column}) button"


def test_the_page_opens_without_errors_and_shows_everything(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.log() == []
    assert browser.run(NAMES) == [
        "flows/broken.yaml", "invoices", "contacts", "orders", "returns", "visits", "accounts", "made-by-hand"
    ]  # fmt: skip
    assert browser.run("return document.getElementById('count').textContent") == "8 rows"


def test_a_click_on_a_column_sorts_and_a_second_click_reverses(browser: Browser, tmp_path: Path) -> None:
    flows = [
        sync_status("flow-10"),
        sync_status("Flow-9", State.DRIFTED),
        sync_status("flow-1", State.PENDING),
    ]
    browser.open(written(tmp_path, report(*flows)))
    browser.click(head(1))
    assert browser.run(NAMES) == ["flow-1", "Flow-9", "flow-10"]
    browser.click(head(1))
    assert browser.run(NAMES) == ["flow-10", "Flow-9", "flow-1"]
    assert browser.run("return document.querySelector('th').ariaSort") == "descending"
    browser.click(head(2))
    assert browser.run(NAMES) == ["Flow-9", "flow-10", "flow-1"]
    assert browser.run("return document.querySelector('th').ariaSort") is None


def test_search_shows_rows_that_match_every_word(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.type("#search", "FLOWS/ contacts")
    assert browser.run(NAMES) == ["contacts"]
    assert browser.run("return document.getElementById('count').textContent") == "1 of 8 rows"


def test_search_finds_an_abbreviated_commit_by_its_full_id(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.type("#search", "4f2c1a98c0de51e2b7d7a5b0f0a1b2c3d4e5f607 invoices")
    assert browser.run(NAMES) == ["invoices"]


def test_rows_are_filtered_by_state(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.click("button[data-state=drifted]")
    assert browser.run(NAMES) == ["contacts"]
    browser.click("button[data-state=drifted]")
    assert len(browser.run(NAMES)) == 8


def test_differences_unfold(browser: Browser, page: Path) -> None:
    browser.open(page)
    visible = "return document.querySelector('details li').checkVisibility()"
    assert browser.run(visible) is False
    browser.click("details summary")
    assert browser.run(visible) is True


def test_a_phone_does_not_scroll_horizontally(browser: Browser, page: Path) -> None:
    browser.open(page, *PHONE)
    width, scrolled = browser.run("return [innerWidth, document.documentElement.scrollWidth]")
    assert (width, scrolled) == (PHONE[0], PHONE[0])
    label = "return getComputedStyle(document.querySelector('td:nth-child(5)'), '::before').content"
    assert browser.run(label) == '"Document"'
    flows = (
        "section:nth-of-type(3) th:nth-child(1) button"  # after the invalid documents and the missing flows
    )
    browser.click(flows)
    browser.click(flows)
    assert browser.run(NAMES)[2] == "visits"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast_in_light_and_dark(browser: Browser, page: Path, scheme: str) -> None:
    browser.prefer(scheme)
    browser.open(page)
    ground = luminance(browser.run("return getComputedStyle(document.body).backgroundColor"))
    assert (ground > 0.5) is (scheme == "light")
    colours = browser.run(
        "return [...document.querySelectorAll('td, th button, .state, .about, .note, summary, del, ins')]"
        ".map((each) => getComputedStyle(each).color)"
    )
    assert min(contrast(luminance(colour), ground) for colour in colours) >= 4.5


@pytest.mark.parametrize(
    "text",
    ["<script>document.title = 'owned'</script>", '"><img src=x onerror="document.title=\'owned\'">'],
)
def test_p10_a_hostile_name_is_shown_as_text(browser: Browser, tmp_path: Path, text: str) -> None:
    browser.open(written(tmp_path, hostile(text)))
    assert browser.log() == []
    assert "owned" not in browser.run("return document.title").replace(text, "")
    assert browser.run(NAMES)[0] == text
    assert browser.run("return document.querySelectorAll('img').length") == 0


def test_p10_an_injected_script_does_not_run(browser: Browser, page: Path) -> None:
    smuggled = page.read_text().replace("<main>", "<main><script>document.title = 'owned'</script>")
    page.write_text(smuggled)
    browser.open(page)
    assert browser.run("return document.title") != "owned"
    assert "Content Security Policy" in "".join(browser.log())


def test_a_thousand_flows_are_searched_without_delay(browser: Browser, tmp_path: Path) -> None:
    browser.open(written(tmp_path, report(*(sync_status(f"flow-{number}") for number in range(1000)))))
    milliseconds = browser.run(
        "const begin = performance.now(); search.value = 'flow-99';"
        "search.dispatchEvent(new Event('input')); return performance.now() - begin;"
    )
    assert milliseconds < 1000
    assert len(browser.run(NAMES)) == 11


def luminance(colour: str) -> float:
    """Relative luminance of a CSS rgb() colour, as WCAG 2.2 defines it."""
    channels = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    """Contrast ratio, as WCAG 2.2 defines it."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
