"""Takes ``docs/status.png``, the picture of the status page: ``PYTHONPATH=tests python -m e2e.screenshot``."""

import sys
import tempfile
from pathlib import Path

from appflow_gitops_cli.status.html import as_html
from e2e import browser
from e2e.stack import ROOT
from fakes.status_reports import one_of_everything


def take(picture: Path, scheme: str = "light", width: int = 1280, height: int = 860) -> None:
    """Write the picture of a page that shows one of everything, with the differences unfolded."""
    with tempfile.TemporaryDirectory() as folder, browser.started(Path(folder, "profile")) as window:
        page = Path(folder, "status.html")
        page.write_text(as_html(one_of_everything()), encoding="utf-8")
        window.prefer(scheme)
        window.open(page, width, height)
        window.click("details summary")
        picture.write_bytes(window.screenshot())


if __name__ == "__main__":
    take(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "docs" / "status.png")
