"""Versions of a document: named by the start of an id or commit, and compared."""

from collections.abc import Iterator
from typing import Any

import pytest

from appflow_gitops.aws.documents import ListedVersion
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.ports import StoredDocument, TopLevel
from appflow_gitops.validation.environment import NO_ENVIRONMENT
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.diff.command import select_range
from appflow_gitops_cli.documents.versions import FlowVersion, FlowVersions, changes_between
from appflow_gitops_cli.main import CommandError
from fakes.flow_documents import orders, text

KEY = "flows/orders.json"


class Stored:
    """Versions by id, each with a commit."""

    def __init__(self, commits: dict[str, str]) -> None:
        self.commits = commits

    def read(self, version: DocumentVersion) -> StoredDocument | None:
        commit = self.commits[version.versionId or ""]
        return StoredDocument(version, text(orders()).encode(), Provenance(commit=commit))

    def top_level(self, bucket: str) -> TopLevel:
        raise NotImplementedError

    def history(self, bucket: str, key: str) -> Iterator[StoredDocument]:
        raise NotImplementedError


def versions(*deleted: str, **commits: str) -> FlowVersions:
    """Versions, newest first; the names of the arguments are ids, in which _ replaces a dot."""
    named = {id_.replace("_", "."): commit for id_, commit in commits.items()}
    listed = tuple(
        ListedVersion(DocumentVersion(bucket="b", key=KEY, versionId=id_), 0.0, deleted=id_ in deleted)
        for id_ in named
    )
    return FlowVersions(Stored(named), NO_ENVIRONMENT, "orders", KEY, listed)


def test_the_start_of_an_id_selects_a_version_and_that_of_a_commit_the_newest_one() -> None:
    found = versions(abcd1="11112222", abce2="11112222", abcf3="33334444")
    assert found.select("abce").id == "abce2"
    assert found.select("1111").id == "abcd1"
    assert found.select("latest").id == "abcd1"


def test_a_start_that_several_ids_have_is_ambiguous() -> None:
    with pytest.raises(CommandError, match="ambiguous version 'abcd': 'abcd1', 'abcd2'"):
        versions(abcd1="1111", abcd2="2222").select("abcd")


def test_less_than_four_characters_select_nothing() -> None:
    with pytest.raises(CommandError, match="unknown version 'abc'"):
        versions(abcd="1111").select("abc")


def test_a_deletion_has_no_content_to_select() -> None:
    with pytest.raises(CommandError, match="is a deletion"):
        versions("gone1", gone1="", kept1="1111").select("latest")


def test_shown_ids_are_as_long_as_no_other_version_begins_like_them() -> None:
    found = versions(abcdefghij="1", abcdefghik="2", zyxwvutsrq="3")
    assert found.short("zyxwvutsrq") == "zyxwvuts"
    assert found.short("abcdefghij") == "abcdefghij"


@pytest.mark.parametrize("written", ["ab..cd..ef..gh", "ab..cd..", "ab..c..ef..g"])
def test_ids_with_dots_are_found_on_both_sides_of_a_range(written: str) -> None:
    before, after = select_range(versions(ef__gh="1111", ab__cd="2222"), written)
    assert (before.id, after.id) == ("ab..cd", "ef..gh")


def flow(**changes: Any) -> Any:
    content = text(orders(**changes)).encode()
    listed = ListedVersion(DocumentVersion(bucket="b", key=KEY), 0.0)
    return FlowVersion(listed, "orders", checked=validate(content, KEY)).flow


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "2"}}, {"/tags/a": "change", "/tags/b": "remove"}),
        ({}, {"description": "new"}, {"/description": "change"}),
        ({}, {"kmsArn": "arn:aws:kms:us-east-1:123456789012:key/a"}, {"/kmsArn": "add"}),
        ({"description": "same"}, {"description": "same"}, {}),
    ],
)
def test_changes_include_what_is_beside_the_request(
    before: dict[str, Any], after: dict[str, Any], changes: dict[str, str]
) -> None:
    found = changes_between(flow(**before), flow(**after))
    assert {item.pointer: item.op for item in found} == changes


def test_tasks_that_map_all_could_have_generated_are_changes_of_a_document() -> None:
    declared: list[Any] = orders()["tasks"]
    every = {"taskType": "Map_all", "sourceFields": [], "connectorOperator": {"S3": "NO_OP"}}
    assert changes_between(flow(tasks=[*declared, every]), flow(tasks=[every]))
