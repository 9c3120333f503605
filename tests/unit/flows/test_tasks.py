import pytest

from appflow_gitops.flows.tasks import TaskPair, pair_tasks
from generators.small_flows import Flow, map_all, mapping, projection


def filter_of(field: str, operator: str, value: str) -> Flow:
    return {
        "taskType": "Filter",
        "sourceFields": [field],
        "connectorOperator": {"Salesforce": operator},
        "taskProperties": {"VALUE": value},
    }


ID, NAME = mapping("Id", "Id"), mapping("Name", "FullName")


@pytest.mark.parametrize(
    ("desired", "live", "pairs"),
    [
        ([], [], []),
        ([ID, NAME], [NAME, ID], [(0, 1), (1, 0)]),
        ([ID, ID], [ID, ID], [(0, 0), (1, 1)]),
        ([ID, NAME], [mapping("Name", "Full"), mapping("Key", "Id")], [(0, 1), (1, 0)]),
        ([filter_of("a", "EQUAL_TO", "1")], [filter_of("a", "CONTAINS", "1")], [(0, 0)]),
        (
            [filter_of("a", "EQUAL_TO", "1"), filter_of("a", "CONTAINS", "2")],
            [filter_of("a", "CONTAINS", "3"), filter_of("a", "EQUAL_TO", "4")],
            [(0, 1), (1, 0)],
        ),
        ([projection("a")], [projection("b", "c")], [(0, 0)]),
        ([map_all(EXCLUDE_SOURCE_FIELDS_LIST='["a"]')], [map_all()], [(0, 0)]),
        ([ID], [filter_of("Id", "EQUAL_TO", "1")], [(0, None), (None, 0)]),
        ([map_all()], [map_all(), projection("Id"), ID], [(0, 0)]),
        ([map_all(), ID], [ID, map_all(), ID], [(0, 1), (1, 0)]),
        ([map_all()], [{"taskType": "Filter", "sourceFields": ["Id"]}, map_all(), ID], [(0, 1)]),
        (
            [map_all()],
            [{"taskType": "Map", "sourceFields": ["Id"], "destinationField": "Id"}, map_all()],
            [(0, 1)],
        ),
        ([map_all()], [map_all(), filter_of("Id", "PROJECTION", "x")], [(0, 0), (None, 1)]),
        ([map_all()], [map_all(), ID, projection("Name")], [(0, 0), (None, 2)]),
        ([map_all()], [map_all(), ID, projection()], [(0, 0)]),
        ([map_all()], [map_all(), projection("Id"), ID, projection("Id", "Name")], [(0, 0), (None, 1)]),
        ([map_all()], [projection("Id", "Name"), ID, map_all(), projection("Id")], [(0, 2), (None, 3)]),
        ([map_all()], [map_all(), projection("a"), projection("b")], [(0, 0), (None, 1)]),
        ([map_all()], [map_all(EXCLUDE_SOURCE_FIELDS_LIST='["Id"]'), ID], [(0, 0), (None, 1)]),
        ([map_all()], [map_all(), NAME], [(0, 0), (None, 1)]),
        ([], [projection("Id"), ID], [(None, 0), (None, 1)]),
    ],
    ids=[
        "nothing",
        "another order",
        "twins",
        "same destination before same source",
        "another operator",
        "same operator before same field",
        "the projection",
        "the Map_all",
        "different kinds",
        "generated",
        "claimed before generated",
        "a generated projection without an operator",
        "a generated map without an operator",
        "a projection with properties",
        "a projection without a generated field",
        "a projection without fields",
        "the widest projection is generated",
        "the widest projection is generated, in another order",
        "of equally wide projections the last by name is generated",
        "a map of an excluded field",
        "a map to another field",
        "without a Map_all",
    ],
)
def test_tasks_are_paired_by_content(
    desired: list[Flow], live: list[Flow], pairs: list[tuple[int | None, int | None]]
) -> None:
    assert pair_tasks(desired, live) == [TaskPair(*pair) for pair in pairs]


def test_a_thousand_tasks_are_paired_quickly() -> None:
    tasks = [mapping(f"field{n}", f"target{n}") for n in range(1_000)]
    assert pair_tasks(tasks, tasks[::-1]) == [TaskPair(n, 999 - n) for n in range(1_000)]


def test_equal_tasks_are_paired_whatever_the_order_of_their_members() -> None:
    one, other = filter_of("a", "EQUAL_TO", "1"), filter_of("a", "EQUAL_TO", "2")
    reordered = [dict(reversed(task.items())) for task in (other, one)]
    assert pair_tasks([one, other], reordered) == [TaskPair(0, 1), TaskPair(1, 0)]
