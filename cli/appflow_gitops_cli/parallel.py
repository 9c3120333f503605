"""The same done to many things at a time, with a progress bar. Commands that call AWS once per flow use it."""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from appflow_gitops.aws.clients import CALLS_AT_ONCE
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops_cli.progress import with_progress

T = TypeVar("T")
R = TypeVar("R")


def in_parallel(work: Callable[[T], R], items: Sequence[T], doing: str) -> list[R]:
    """What ``work`` made of each item, in their order. The first exception ends it; what was not begun is left.

    As many at a time as a patient client has connections: its retries slow all of them down when AWS throttles.
    """
    _build_models()
    pool = ThreadPoolExecutor(CALLS_AT_ONCE)
    try:
        return list(with_progress(pool.map(work, items), len(items), doing, sys.stderr))
    finally:
        pool.shutdown(cancel_futures=True)


def _build_models() -> None:
    """Each is built on first use, and threads that come first together may get its parent (pydantic issue 11849)."""
    for model in (FlowDocument, DocumentVersion, Provenance):
        model.model_rebuild()
