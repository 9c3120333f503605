"""Runs one function on many items in parallel, with a progress bar. Used by commands that call AWS once per flow."""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from appflow_gitops.aws.clients import CALLS_AT_ONCE
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops_cli.progress import with_progress

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def parallel_calls() -> Iterator[Executor]:
    """Threads for calls to AWS. An exception, or the end of the block, cancels what has not started.

    The number of threads is the connection pool of a patient client, whose retries slow down together when AWS
    throttles.
    """
    _build_models()
    pool = ThreadPoolExecutor(CALLS_AT_ONCE)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def in_parallel(work: Callable[[T], R], items: Sequence[T], doing: str) -> list[R]:
    """The result of ``work`` for each item, in their order. The first exception cancels what has not started."""
    with parallel_calls() as calls:
        return list(with_progress(calls.map(work, items), len(items), doing, sys.stderr))


def _build_models() -> None:
    """Build the models before threads start: concurrent first uses may see the parent's (pydantic issue 11849)."""
    for model in (FlowDocument, DocumentVersion, Provenance):
        model.model_rebuild()
