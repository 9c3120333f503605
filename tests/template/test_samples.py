"""The samples in events/: what a reader tries first has to be right and has to fit together."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from appflow_gitops.sync.change import Change
from appflow_gitops.validation.validate import validate
from intake.requests import parse_requests
from template.stack import ROOT

EVENTS = ROOT / "events"
DOCUMENTS = EVENTS / "documents"


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / name).read_text())
    return event


@pytest.mark.parametrize("path", sorted(DOCUMENTS.iterdir()), ids=lambda path: path.name)
def test_a_sample_document_is_valid_and_there_is_nothing_to_say_about_it(path: Path) -> None:
    checked = validate(path.read_bytes(), path.name)
    assert checked.valid
    assert checked.findings == ()


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("s3-object-created.json", ["flows/orders.yaml"]),
        ("s3-notification.json", ["flows/sales & marketing/price-list.json", "flows/support.yaml"]),
    ],
)
def test_an_s3_sample_describes_sample_documents_as_they_are(name: str, keys: list[str]) -> None:
    versions: list[Any] = [arrival.document for arrival in parse_requests(sample(name))]
    assert [version.key for version in versions] == keys
    for version in versions:
        content = (DOCUMENTS / Path(version.key).name).read_bytes()
        assert version.eTag == hashlib.md5(content, usedforsecurity=False).hexdigest()


def test_the_sample_requests_bring_sample_documents_as_a_value_as_text_and_by_name() -> None:
    names = ("", "-text", "-pointer")
    asked: list[Any] = [
        next(iter(parse_requests(sample(f"flow-change-requested{name}.json")))) for name in names
    ]
    assert asked[0].document == json.loads((DOCUMENTS / "price-list.json").read_text())
    assert asked[1].document == (DOCUMENTS / "repositories.yaml").read_text()
    assert asked[2].document.key == "flows/support.yaml"
    assert asked[0].provenance.commit


def test_the_sample_batch_is_what_intake_would_have_queued() -> None:
    records = sample("sqs-flow-changes.json")["Records"]
    assert records
    for record in records:
        change = Change.model_validate_json(record["body"])
        assert record["attributes"]["MessageGroupId"] == change.group
        assert record["attributes"]["MessageDeduplicationId"] == change.id
        assert record["md5OfBody"] == hashlib.md5(record["body"].encode(), usedforsecurity=False).hexdigest()
