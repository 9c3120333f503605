"""A headless Chromium, driven through chromedriver by the W3C WebDriver protocol: a few calls of JSON over HTTP."""

import base64
import contextlib
import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
_READY = "was started successfully on port "


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser session; every method waits until the browser is done."""

    session: str

    def open(self, page: Path, width: int = 1280, height: int = 900) -> None:
        """Show the file in a window of this size."""
        self._emulate("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                      mobile=width < height)  # fmt: skip
        self.call("POST", "url", url=page.as_uri())

    def prefer(self, scheme: str) -> None:
        """Let the system be ``light`` or ``dark``."""
        self._emulate(
            "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
        )

    def run(self, script: str) -> Any:
        """What the script returns, as JSON."""
        return self.call("POST", "execute/sync", script=script, args=[])

    def click(self, selector: str) -> None:
        """Click the first element that fits, as a person would."""
        self.call("POST", f"element/{self._find(selector)}/click")

    def type(self, selector: str, text: str) -> None:
        """Type into the first element that fits."""
        self.call("POST", f"element/{self._find(selector)}/value", text=text)

    def screenshot(self) -> bytes:
        """What is to be seen, as PNG."""
        return base64.b64decode(self.call("GET", "screenshot"))

    def log(self) -> list[str]:
        """What the browser complained about since it was asked last."""
        return [entry["message"] for entry in self.call("POST", "se/log", type="browser")]

    def call(self, method: str, command: str, **body: Any) -> Any:
        """One WebDriver command; its value."""
        data = json.dumps(body).encode() if method == "POST" else None
        return _called(method, f"{self.session}/{command}", data)

    def _find(self, selector: str) -> str:
        found: dict[str, str] = self.call("POST", "element", using="css selector", value=selector)
        return found[_ELEMENT]

    def _emulate(self, command: str, **params: Any) -> None:
        self.call("POST", "goog/cdp/execute", cmd=command, params=params)


@contextlib.contextmanager
def started(profile: Path) -> Iterator[Browser]:
    """A browser with this empty folder as its profile. Fails where Chromium or chromedriver is not installed."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert binary, "chromium is not installed"
    assert driver, "chromedriver is not installed"
    with subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            options = {"binary": binary, "args": [*_ARGUMENTS, f"--user-data-dir={profile}"]}
            wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
            server = f"http://127.0.0.1:{_port(process)}/session"
            body = json.dumps({"capabilities": {"alwaysMatch": wanted}}).encode()
            browser = Browser(f"{server}/{_called('POST', server, body)['sessionId']}")
            try:
                yield browser
            finally:
                _called("DELETE", browser.session, None)
        finally:
            process.terminate()


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout
    for line in process.stdout:
        if _READY in line:
            return int(line.partition(_READY)[2].rstrip(".\n"))
    raise AssertionError("chromedriver did not start")


def _called(method: str, url: str, data: bytes | None) -> Any:
    request = urllib.request.Request(url, data, method=method)  # noqa: S310 - the driver of this test
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        return json.loads(answer.read())["value"]
