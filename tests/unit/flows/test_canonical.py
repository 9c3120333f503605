import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appflow_gitops.findings import Json
from appflow_gitops.flows.canonical import (
    canonical_json,
    content_digest,
    creation_token,
    generated_digest,
    live_digest,
    update_token,
)
from appflow_gitops.flows.live import LiveFlow
from generators.small_flows import UPDATED_AT, accounts, edited, map_all, mapping, projection

A = accounts()
B = edited(A, ("description",), "Another one")
ACCOUNTS_DIGEST = "b4d9665803fdf99eb601ab40cd2be1e73d4d795b98ab17f965e39b685b51ff4d"
ACCOUNTS_TOKEN = "b4d9665803fdf99eb601ab40cd2be1e73d4d795b98ab17f965e39b685b51ff4d-fe6b1b069e74b7fb"
CREATION_TOKEN = "99544ccf673a4baca7750d5a7a8cf52ac61081d1fbecf0794df03ed050018e18-f1d58fbb264a7ece"


def live(configuration: dict[str, Json] = A, updated_at: float | None = UPDATED_AT) -> LiveFlow:
    return LiveFlow(
        name="accounts",
        arn="arn:aws:appflow:eu-west-1:111122223333:flow/accounts",
        status="Active",
        configuration=configuration,
        last_updated_at=updated_at,
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b": 1, "a": [True, None, "x"]}, b'{"a":[true,null,"x"],"b":1}'),
        ({"n": 1.0, "m": 1e21, "k": 0.000001, "z": -0.0}, b'{"k":0.000001,"m":1e+21,"n":1,"z":0}'),
        (
            {"\u20ac": "\u00e9\n\x0f/", "\U0001f600": 1, "\ufb33": 2},
            '{"€":"é\\n\\u000f/","😀":1,"\ufb33":2}'.encode(),
        ),
        (2**53 - 1, b"9007199254740991"),
    ],
)
def test_canonical_json_is_that_of_rfc_8785(value: Json, expected: bytes) -> None:
    assert canonical_json(value) == expected


@pytest.mark.parametrize("value", [2**53, -(2**53), float("nan"), float("inf"), "\ud800", {"\ud800": 1}])
def test_a_value_without_canonical_form_is_rejected(value: Json) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical_json({"value": value})


def test_the_content_digest_never_changes() -> None:
    assert content_digest(A) == ACCOUNTS_DIGEST


def test_the_content_digest_ignores_member_order_and_update_token() -> None:
    assert content_digest(dict(reversed(A.items())) | {"clientToken": "anything"}) == ACCOUNTS_DIGEST


def test_the_content_digest_includes_defaults() -> None:
    path = ("sourceFlowConfig", "sourceConnectorProperties", "Salesforce", "dataTransferApi")
    assert content_digest(edited(A, path, "AUTOMATIC")) != ACCOUNTS_DIGEST


def test_the_token_is_the_content_digest_and_the_start_of_the_live_digest() -> None:
    assert update_token(A, live(B)) == ACCOUNTS_TOKEN == f"{ACCOUNTS_DIGEST}-{live_digest(live(B))[:16]}"


def created(request: dict[str, Json] = A, change: str = "change", **sent: str) -> str:
    tags = {"team": sent.get("team", "shop")}
    return creation_token(request, kms_arn=sent.get("kms_arn"), tags=tags, change_id=change)


def test_the_token_of_a_creation_never_changes() -> None:
    assert created() == CREATION_TOKEN


def test_the_token_of_a_creation_covers_everything_that_is_sent_and_the_change() -> None:
    others = [created(B), created(change="next"), created(kms_arn="key"), created(team="sales")]
    assert len({created(), *others}) == len(others) + 1


def test_a_token_is_printable_and_short_enough_for_appflow() -> None:
    for token in (update_token(A, live()), created()):
        assert re.fullmatch(r"[0-9a-f]{64}-[0-9a-f]{16}", token)


def test_a_retry_repeats_its_token_for_any_order_of_live_tasks() -> None:
    tasks = A["tasks"]
    assert isinstance(tasks, list)
    reordered = edited(A, ("tasks",), tasks[::-1])
    filled = edited(reordered, ("metadataCatalogConfig",), {})
    assert update_token(B, live(filled)) == update_token(B, live(A))


def test_going_back_and_forth_never_repeats_a_token() -> None:
    steps = [(A, B), (B, A), (A, B), (B, A), (A, B)]
    tokens = [update_token(wanted, live(held, UPDATED_AT + n)) for n, (wanted, held) in enumerate(steps)]
    assert len(set(tokens)) == len(steps)


def test_reverting_a_console_edit_has_a_new_token() -> None:
    edit = edited(A, ("description",), "by hand")
    assert update_token(A, live(edit)) != update_token(A, live(B))


def test_the_live_digest_covers_only_configuration_and_last_update() -> None:
    flow = live()
    assert live_digest(replace(flow, status="Suspended", tags={"a": "b"})) == live_digest(flow)
    assert live_digest(replace(flow, last_updated_at=UPDATED_AT + 0.001)) != live_digest(flow)
    assert live_digest(replace(flow, configuration=B)) != live_digest(flow)


WITH_MAP_ALL = edited(A, ("tasks",), [map_all()])
GENERATED: list[Json] = [projection("Id", "City"), mapping("Id", "Id"), mapping("City", "City")]


def generated(*tasks: Json, request: dict[str, Json] = WITH_MAP_ALL) -> str | None:
    return generated_digest(request, live(edited(A, ("tasks",), [map_all(), *tasks])))


def test_the_digest_of_generated_tasks_is_that_of_a_set() -> None:
    reversed_members = [dict(reversed(task.items())) for task in GENERATED if isinstance(task, dict)]
    assert generated(*GENERATED) == generated(*GENERATED[::-1]) == generated(*reversed_members)
    assert len({generated(), generated(*GENERATED[:2]), generated(*GENERATED)}) == len(
        ("none", "two", "three")
    )
    assert re.fullmatch("[0-9a-f]{16}", generated(*GENERATED) or "")


@pytest.mark.parametrize("tasks", [[], A["tasks"], None])
def test_a_request_without_map_all_has_no_digest_of_generated_tasks(tasks: Json) -> None:
    assert generated(*GENERATED, request=edited(A, ("tasks",), tasks)) is None


REQUESTS = st.sampled_from([A, B, dict(reversed(A.items())), edited(A, ("tasks",), [])])
UPDATES = st.tuples(REQUESTS, st.sampled_from([live(A), live(B), live(A, UPDATED_AT + 1)]))
CREATIONS = st.tuples(
    REQUESTS,
    st.sampled_from(
        [None, "arn:aws:kms:eu-west-1:111122223333:key/one", "arn:aws:kms:eu-west-1:111122223333:key/two"]
    ),
    st.sampled_from([{}, {"team": "shop"}, {"team": "sales"}]),
    st.sampled_from(["change", "next"]),
)


@given(UPDATES, UPDATES)
def test_p4_equal_tokens_of_updates_mean_equal_parameters_and_the_reverse(
    one: tuple[dict[str, Json], LiveFlow], other: tuple[dict[str, Json], LiveFlow]
) -> None:
    assert (update_token(*one) == update_token(*other)) == (one == other)


@given(CREATIONS, CREATIONS)
def test_p4_equal_tokens_of_creations_mean_equal_parameters_and_the_reverse(
    one: tuple[dict[str, Json], str | None, dict[str, str], str],
    other: tuple[dict[str, Json], str | None, dict[str, str], str],
) -> None:
    tokens = [
        creation_token(request, kms_arn=key, tags=tags, change_id=change)
        for request, key, tags, change in (one, other)
    ]
    assert (tokens[0] == tokens[1]) == (one == other)
