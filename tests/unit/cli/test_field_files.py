"""Which files count as pulled fields."""

import json
from pathlib import Path

import pytest

from appflow_gitops_cli import field_files
from appflow_gitops_cli.field_files import is_pulled_file

MEMBERS = {
    "connectorType": "Salesforce",
    "connectorProfileName": "crm",
    "connectorEntityName": "Account",
    "pulledAt": "2026-01-15T12:00:00Z",
    "fields": [],
}


@pytest.mark.parametrize(("more", "is_pulled"), [(0, True), (1, False)])
def test_a_file_beyond_the_limit_is_not_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: int, is_pulled: bool
) -> None:
    content = json.dumps(MEMBERS)
    monkeypatch.setattr(field_files, "_MAX_BYTES", len(content))
    file = tmp_path / "a.json"
    file.write_text(content + " " * more)
    assert is_pulled_file(str(file)) is is_pulled


@pytest.mark.parametrize("missing", MEMBERS)
def test_every_member_is_required(tmp_path: Path, missing: str) -> None:
    file = tmp_path / "a.json"
    for member, is_pulled in (("apiVersion", True), ("colour", False)):
        file.write_text(json.dumps({**MEMBERS, member: "x"}))
        assert is_pulled_file(str(file)) is is_pulled
    file.write_text(json.dumps({name: value for name, value in MEMBERS.items() if name != missing}))
    assert not is_pulled_file(str(file))


def test_the_rest_of_a_large_file_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps({**MEMBERS, "fields": ["x" * 2_000]}))
    assert is_pulled_file(str(file))
    first = {"fields": ["x" * 2_000]}
    file.write_text(json.dumps({**first, **{name: MEMBERS[name] for name in MEMBERS if name not in first}}))
    assert not is_pulled_file(str(file))
