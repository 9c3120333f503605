"""docs/performance.md contains the calls and costs that are counted, and bench.json has the promised form."""

from pathlib import Path

import pytest

from benchmarks import cost
from benchmarks.figures import Figure, alternately, rows

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


def test_the_page_contains_the_calls_and_costs_that_the_fakes_count() -> None:
    page = PAGE.read_text(encoding="utf-8")
    missing = [line for line in cost.tables().splitlines() if line not in page]
    assert not missing, "update the tables: PYTHONPATH=tests .venv/bin/python -m benchmarks.cost"
    assert cost.AS_OF in page


def test_a_flow_in_sync_costs_no_update_and_a_rejected_document_no_call_to_appflow() -> None:
    calls = {kind.outcome: kind.calls for kind in cost.kinds()}
    assert calls["Unchanged"]["UpdateFlow"] == 0
    assert not {"DescribeFlow", "UpdateFlow", "TagResource", "SendMessageBatch"} & calls["Rejected"].keys()


def test_bench_json_is_a_list_of_names_values_limits_and_units() -> None:
    assert rows([Figure("init duration of apply", 1.20049, 1.25, "ratio")]) == [
        {"name": "init duration of apply", "value": 1.2, "limit": 1.25, "unit": "ratio"}
    ]


@pytest.mark.parametrize(("value", "holds"), [(1.25, True), (1.2501, False)])
def test_a_figure_holds_up_to_its_limit(value: float, holds: bool) -> None:
    assert Figure("init duration of apply", value, 1.25, "ratio").holds is holds


def test_candidate_and_baseline_run_alternately_and_the_median_ratio_counts() -> None:
    ran: list[str] = []
    values = {"candidate": iter([2.0, 9.0, 4.0]), "baseline": iter([1.0, 1.0, 1.0])}

    def run(which: str) -> float:
        ran.append(which)
        return next(values[which])

    assert alternately(lambda: run("candidate"), lambda: run("baseline"), 3) == 4.0
    assert ran == ["baseline", "candidate"] * 3
