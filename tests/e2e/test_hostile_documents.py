"""A hostile document is rejected once, with the right location, changes no flow, and does not affect the next one."""

import json

import pytest

from e2e.stack import ROOT, DeployedStack

GOOD = (ROOT / "events" / "documents" / "price-list.json").read_bytes()
FLOW = json.loads(GOOD)

ALIAS_BOMB = "\n".join(
    ["a0: &a0 [x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    + ["flowName: *a11"]
).encode()

HOSTILE = {
    "empty.json": (b"", (1, 1)),
    "empty.yaml": (b"", (1, 1)),
    "truncated.json": (GOOD[:200], None),
    "wrongly-typed.json": (json.dumps({**FLOW, "flowName": 5}, indent=1).encode(), (2, 14)),
    "misspelt.json": (json.dumps({"flowNmae": "x", **FLOW}, indent=1).encode(), (2, 2)),
    "utf-16.json": (GOOD.decode().encode("utf-16"), (1, 1)),
    "deep.json": (b"[" * 100_000, None),
    "deep.yaml": (b"[" * 100_000, None),
    "alias-bomb.yaml": (ALIAS_BOMB, None),
    "python-tag.yaml": (b'flowName: !!python/object/apply:os.system ["touch owned"]\n', (1, 11)),
    "duplicate-key.yaml": (b"flowName: a\ndescription: b\nflowName: c\n", (3, 1)),
    "duplicate-key.json": (b'{"flowName": "a",\n "flowName": "b"}', (2, 2)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_rejected_once_and_the_next_one_is_applied(
    stack: DeployedStack, name: str
) -> None:
    content, place = HOSTILE[name]
    stack.appflow.create_flow(**{**FLOW, "description": "old"})
    stack.control("DELETE", "calls")

    stack.drop(f"flows/{name}", content)

    event = stack.status_event()
    assert event["detail-type"] == "Flow Change Rejected"
    data = event["detail"]["data"]
    errors = [finding for finding in data["findings"] if finding["severity"] == "error"]
    assert errors
    assert all(finding["line"] >= 1 and finding["column"] >= 1 for finding in errors)
    if place:
        assert place in {(finding["line"], finding["column"]) for finding in errors}
    assert stack.control("GET", "calls")["calls"] == []

    stack.drop("flows/price-list.json", GOOD)
    (following,) = stack.status_events()
    assert following["detail-type"] == "Flow Change Applied"
