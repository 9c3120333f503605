"""botocore without what takes longer than most tests: parsing the models of services, and naming itself."""

from typing import Any

import botocore.session
from botocore.loaders import Loader
from botocore.useragent import UserAgentString

_PARSED: dict[Any, Any] = {}
_create_loader = botocore.session.create_loader


def _create_sharing_loader(search_path: str | None = None) -> Loader:
    loader = _create_loader(search_path)
    loader._cache = _PARSED  # type: ignore[attr-defined]
    return loader


def _user_agent(_: UserAgentString) -> str:
    return "tests"


def install() -> None:
    """Parse the models once for all sessions of this process, and send the same user agent with every call."""
    botocore.session.create_loader = _create_sharing_loader  # type: ignore[assignment]
    UserAgentString.to_string = _user_agent  # type: ignore[method-assign, assignment]
