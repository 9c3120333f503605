"""Parallel calls: the order of results, exceptions, and models built before threads start."""

import subprocess
import sys

import pytest

from appflow_gitops_cli.parallel import in_parallel


def test_results_are_in_the_order_of_the_items() -> None:
    assert in_parallel(lambda number: number * 2, range(50), "Doubling") == list(range(0, 100, 2))


def test_the_first_exception_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        in_parallel(lambda number: 1 // number, [1, 0, 1], "Dividing")


def test_models_are_built_before_threads_start() -> None:
    program = (
        "from appflow_gitops.flows.document import FlowDocument\n"
        "from appflow_gitops.origin import DocumentVersion, Provenance\n"
        "from appflow_gitops_cli.parallel import in_parallel\n"
        "models = [FlowDocument, DocumentVersion, Provenance]\n"
        "assert not any(model.__pydantic_complete__ for model in models)\n"
        "print(all(in_parallel(lambda model: model.__pydantic_complete__, models, 'Checking')))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "True\n"
