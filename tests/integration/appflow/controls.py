"""The control API, in process and on moto's server."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import requests
from moto import settings
from moto.core.base_backend import BackendDict

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ENDPOINT = settings.test_server_mode_endpoint() if settings.TEST_SERVER_MODE else None
MOTO_API = f"{ENDPOINT or 'http://motoapi.amazonaws.com'}/moto-api"
URL = ENDPOINT or "https://appflow.us-east-1.amazonaws.com"
"""Where requests without boto3 go."""
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260301/us-east-1/appflow/aws4_request"}
"""The header by which moto's server finds the service."""


LENIENT = {"strictProfiles": False, "strictS3Source": False}
"""Switches for tests of flows that need neither connector profiles nor objects in their source."""


def reset() -> None:
    """Restore the initial state of moto, except for ``LENIENT``."""
    if ENDPOINT:
        requests.post(f"{MOTO_API}/reset", timeout=5)
    else:
        BackendDict.reset()  # much faster
    control("POST", "behaviour", LENIENT)


def control(method: str, resource: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    """Call the control API. Returns the status and the state afterwards."""
    answer = requests.request(method, f"{MOTO_API}/appflow/{resource}", json=body, timeout=5)
    return answer.status_code, answer.json()


class Clock:
    """A clock that only the test moves."""

    def __init__(self, behave: Callable[..., None]) -> None:
        self.time = NOON
        self._behave = behave
        behave(fixedTime=self.time.timestamp())

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)
        self._behave(fixedTime=self.time.timestamp())
