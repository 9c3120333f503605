import copy
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appflow_gitops.findings import Json, Path
from appflow_gitops.flows.diff import DiffItem, diff
from appflow_gitops.flows.normalise import normalise
from generators.small_flows import (
    UPDATED_AT,
    Flow,
    accounts,
    edited,
    mapping,
    requests,
    service_view,
    without,
)

ACCOUNTS = accounts()
CHANCE = st.randoms(use_true_random=False)


@pytest.mark.parametrize(
    ("path", "live", "expected"),
    [
        (("description",), "Old", ("change", "Old", "Accounts to the lake")),
        (("description",), None, ("add", None, "Accounts to the lake")),
        (("sourceFlowConfig", "apiVersion"), "v55", ("remove", "v55", None)),
        (("tasks", 2, "destinationField"), "Name", ("change", "Name", "FullName")),
        (("tasks", 2, "sourceFields"), ["FirstName"], ("change", ["FirstName"], ["Name"])),
        (
            ("tasks", 3, "connectorOperator", "Salesforce"),
            "LESS_THAN",
            ("change", "LESS_THAN", "GREATER_THAN"),
        ),
        (("tasks", 4, "taskProperties", "MASK_VALUE"), "#", ("change", "#", "*")),
        (("tasks", 1, "taskProperties"), {"VALUE": "1"}, ("remove", {"VALUE": "1"}, None)),
        (("tasks", 0, "sourceFields"), ["Id"], ("change", ["Id"], ["Id", "Name"])),
    ],
)
def test_a_difference_says_where_what_and_what_instead(
    path: Path, live: Json, expected: tuple[str, Json, Json]
) -> None:
    (item,) = diff(ACCOUNTS, edited(ACCOUNTS, path, live))
    assert (item.path, (item.op, item.live, item.desired)) == (path, expected)


def test_a_pointer_is_a_json_pointer() -> None:
    assert DiffItem("add", ("tasks", 3, "taskProperties", "a/b~c"), None, "x").pointer == (
        "/tasks/3/taskProperties/a~1b~0c"
    )


def test_a_stated_default_that_was_changed_by_hand_shows_both_values() -> None:
    path = ("sourceFlowConfig", "sourceConnectorProperties", "Salesforce", "enableDynamicFieldUpdate")
    (item,) = diff(edited(ACCOUNTS, path, False), edited(ACCOUNTS, path, True))
    assert (item.op, item.live, item.desired) == ("change", True, False)


def test_tasks_are_named_by_their_place_in_the_document_and_removed_ones_by_that_in_the_live_flow() -> None:
    extra = mapping("Old", "Old")
    tasks = ACCOUNTS["tasks"]
    assert isinstance(tasks, list)
    live = edited(ACCOUNTS, ("tasks",), [extra, *tasks[::-1][:-1]])
    added, removed = diff(ACCOUNTS, live)
    assert (added.op, added.pointer, added.desired) == ("add", "/tasks/0", tasks[0])
    assert (removed.op, removed.pointer, removed.live) == ("remove", "/tasks/0", extra)


def test_one_of_two_equal_tasks_that_is_gone_is_one_difference() -> None:
    twice = edited(ACCOUNTS, ("tasks", 5), mapping("Id", "Id"))
    assert [(item.op, item.path) for item in diff(ACCOUNTS, twice)] == [("remove", ("tasks", 5))]
    assert [(item.op, item.path) for item in diff(twice, ACCOUNTS)] == [("add", ("tasks", 5))]


def test_a_destination_that_only_one_side_has_is_one_difference() -> None:
    second: Flow = {
        "connectorType": "S3",
        "destinationConnectorProperties": {"S3": {"bucketName": "other-bucket"}},
    }
    two = edited(ACCOUNTS, ("destinationFlowConfigList", 1), second)
    place = ("destinationFlowConfigList", 1)
    assert diff(two, ACCOUNTS) == (DiffItem("add", place, None, second),)
    assert diff(ACCOUNTS, two) == (DiffItem("remove", place, second, None),)


def test_a_nested_member_that_we_do_not_know_is_shown_and_an_unknown_one_at_the_top_is_not() -> None:
    path = ("sourceFlowConfig", "newSetting")
    (item,) = diff(ACCOUNTS, edited(ACCOUNTS, path, "on") | {"newReadOnlyMember": 1})
    assert (item.op, item.path, item.live) == ("remove", path, "on")


def test_differences_come_in_the_order_of_the_document() -> None:
    desired = {name: ACCOUNTS[name] for name in ("tasks", "description", "triggerConfig", "flowName")}
    live = edited(ACCOUNTS, ("triggerConfig", "triggerType"), "Event")
    live = edited(live, ("tasks", 4, "taskProperties", "MASK_VALUE"), "#")
    live = edited(live, ("tasks", 1, "destinationField"), "Key")
    live = edited(live, ("description",), "Old")
    assert [item.pointer for item in diff(desired, live)] == [
        "/tasks/1/destinationField",
        "/tasks/4/taskProperties/MASK_VALUE",
        "/description",
        "/triggerConfig/triggerType",
        "/destinationFlowConfigList/0",
        "/sourceFlowConfig",
    ]


@given(request=requests(), chance=CHANCE)
def test_a_request_never_differs_from_what_appflow_makes_of_it(request: Flow, chance: random.Random) -> None:
    assert diff(request, service_view(request, chance), updated_at=UPDATED_AT + 86_400) == ()


@given(request=requests(), chance=CHANCE)
def test_normalising_twice_changes_nothing_more(request: Flow, chance: random.Random) -> None:
    for side in (request, service_view(request, chance)):
        assert normalise(normalise(side)) == normalise(side)


@given(desired=requests(), live=requests(), chance=CHANCE)
def test_comparing_changes_neither_side_and_repeats_itself(
    desired: Flow, live: Flow, chance: random.Random
) -> None:
    view = service_view(live, chance)
    before = copy.deepcopy((desired, view))
    first = diff(desired, view)
    assert (desired, view) == before
    assert diff(desired, view) == first


@given(request=requests(), chance=CHANCE, data=st.data())
def test_one_changed_text_shows_as_exactly_that_difference(
    request: Flow, chance: random.Random, data: st.DataObject
) -> None:
    texts = [path for path in _texts(request) if path[0] != "tasks" and path[-1] != "scheduleExpression"]
    path = data.draw(st.sampled_from(texts))
    (item,) = diff(edited(request, path, "changed"), service_view(request, chance))
    # A list is one value.
    assert item.path == (path[:-1] if isinstance(path[-1], int) else path)
    assert "changed" in str(item.desired)


@given(request=requests(), chance=CHANCE, data=st.data())
def test_one_changed_task_shows_inside_that_task_only(
    request: Flow, chance: random.Random, data: st.DataObject
) -> None:
    texts = [path for path in _texts(request) if path[0] == "tasks" and path[-1] != "taskType"]
    if texts:
        path = data.draw(st.sampled_from(texts))
        items = diff(edited(request, path, "changed"), service_view(request, chance))
        wanted = [item for item in items if item.desired is not None]
        assert {item.path[:2] for item in wanted} == {path[:2]}
        assert any("changed" in str(item.desired) for item in wanted)


@given(request=requests(), chance=CHANCE, data=st.data())
def test_a_task_taken_out_of_the_document_is_one_removal(
    request: Flow, chance: random.Random, data: st.DataObject
) -> None:
    tasks: Any = request["tasks"]
    own = [
        place
        for place, task in enumerate(tasks)
        if task["taskType"] in {"Merge", "Mask"} or _is_own_filter(task)
    ]
    if own:
        place = data.draw(st.sampled_from(own))
        (item,) = diff(without(request, ("tasks", place)), service_view(request, chance))
        assert item.op == "remove"
        assert normalise({"tasks": [item.live]}) == normalise({"tasks": [tasks[place]]})


def _is_own_filter(task: Flow) -> bool:
    return task["taskType"] == "Filter" and task["connectorOperator"] != {"Salesforce": "PROJECTION"}


def _texts(value: Json, path: Path = ()) -> list[Path]:
    match value:
        case dict():
            return [found for name, member in value.items() for found in _texts(member, (*path, name))]
        case list():
            return [found for index, entry in enumerate(value) for found in _texts(entry, (*path, index))]
        case str():
            return [path]
        case _:
            return []
