"""The models of botocore's services, parsed once per process: that takes longer than most tests."""

from typing import Any

import botocore.session
from botocore.loaders import Loader

_PARSED: dict[Any, Any] = {}
_create_loader = botocore.session.create_loader


def _create_sharing_loader(search_path: str | None = None) -> Loader:
    loader = _create_loader(search_path)
    loader._cache = _PARSED
    return loader


def share() -> None:
    """Let every botocore session of this process use the same parsed models."""
    botocore.session.create_loader = _create_sharing_loader
