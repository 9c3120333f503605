"""The documents bucket through boto3."""

from typing import Any

import pytest

from appflow_gitops.aws import clients
from appflow_gitops.aws.documents import CONFLICTS, S3Documents
from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.errors import PermanentError, SyncError

BUCKET = "documents"
KEY = "flows/orders.json"
LATEST = DocumentVersion(bucket=BUCKET, key=KEY)


@pytest.fixture
def documents(aws: None) -> S3Documents:  # noqa: ARG001 - the account has to be there
    client = clients.s3()
    client.create_bucket(Bucket=BUCKET)
    return S3Documents(client)


@pytest.fixture
def versioned(documents: S3Documents) -> S3Documents:
    documents.client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return documents


def put(documents: S3Documents, body: bytes, key: str = KEY, **metadata: str) -> None:
    documents.client.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata=metadata)


def history(documents: S3Documents) -> list[bytes]:
    return [stored.content for stored in documents.history(BUCKET, KEY)]


def test_the_latest_version_is_read_with_its_provenance(versioned: S3Documents) -> None:
    put(versioned, b"old")
    put(versioned, b"new", **{"git-commit": "4f2c1a9", "git-actor": "ci", "other": "thing"})
    stored = versioned.read(LATEST)
    assert stored is not None
    assert stored.content == b"new"
    assert stored.provenance.model_dump(exclude_none=True) == {"commit": "4f2c1a9", "actor": "ci"}
    assert stored.version.versionId
    assert '"' not in (stored.version.eTag or '"')


def test_the_top_level_has_objects_and_folders_but_nothing_below(versioned: S3Documents) -> None:
    for key in ("policy.yaml", "flows/a.json", "flows/b/c.json", "claims-1/orders"):
        put(versioned, b"text", key)
    policy = versioned.read(DocumentVersion(bucket=BUCKET, key="policy.yaml"))
    assert policy
    top = versioned.top_level(BUCKET)
    assert (top.objects, top.folders) == ({"policy.yaml": policy.version.eTag}, {"flows/", "claims-1/"})
    assert top.may_contain("flows/b/other.json")
    assert not top.may_contain("variables/test.yaml")


def test_a_version_is_read_by_its_id(versioned: S3Documents) -> None:
    put(versioned, b"old")
    old = versioned.read(LATEST)
    put(versioned, b"new")
    assert old is not None
    again = versioned.read(old.version)
    assert again is not None
    assert again.content == b"old"


def test_the_history_goes_back_version_by_version(versioned: S3Documents) -> None:
    for body in (b"1", b"2", b"3"):
        put(versioned, body)
        put(versioned, b"neighbour", key=KEY + ".yaml")
    assert history(versioned) == [b"3", b"2", b"1"]


def test_the_history_of_a_deleted_document_is_empty(versioned: S3Documents) -> None:
    put(versioned, b"1")
    versioned.client.delete_object(Bucket=BUCKET, Key=KEY)
    assert history(versioned) == []


def test_without_versions_there_is_only_the_latest(documents: S3Documents) -> None:
    put(documents, b"1")
    put(documents, b"2")
    assert history(documents) == [b"2"]
    stored = documents.read(LATEST)
    assert stored is not None
    assert stored.version.versionId is None


def test_what_is_put_is_read_back_with_its_version_and_provenance(versioned: S3Documents) -> None:
    origin = Provenance(commit="4f2c1a9", repository="acme/flows")
    version = versioned.put(BUCKET, KEY, b"new", origin)
    stored = versioned.read(LATEST)
    assert stored is not None
    assert (stored.version, stored.content, stored.provenance) == (version, b"new", origin)
    assert version.versionId


def test_without_versions_what_is_put_has_none(documents: S3Documents) -> None:
    assert documents.put(BUCKET, KEY, b"new", Provenance()).versionId is None


def test_a_document_that_is_removed_is_gone_and_its_versions_stay(versioned: S3Documents) -> None:
    version = versioned.put(BUCKET, KEY, b"old", Provenance())
    versioned.remove(BUCKET, KEY)
    assert versioned.read(LATEST) is None
    assert versioned.read(version) is not None


def test_a_document_that_is_not_there_is_none(documents: S3Documents) -> None:
    assert documents.read(LATEST) is None


def test_p10_no_more_is_read_of_a_huge_object_than_shows_that_it_is_too_large(documents: S3Documents) -> None:
    put(documents, b" " * (MAX_BYTES * 2))
    stored = documents.read(LATEST)
    assert stored is not None
    assert len(stored.content) == MAX_BYTES + 1


def test_the_keys_under_a_prefix_are_listed_page_by_page(documents: S3Documents) -> None:
    for number in range(3):
        put(documents, b"", key=f"flows/{number}.yaml")
    put(documents, b"", key="other/flow.yaml")

    def two_a_page(params: dict[str, Any], **_: object) -> None:
        params["MaxKeys"] = 2

    documents.client.meta.events.register("provide-client-params.s3.ListObjectsV2", two_a_page)
    assert list(documents.keys(BUCKET, "flows/")) == [f"flows/{number}.yaml" for number in range(3)]


def test_a_missing_bucket_is_an_error(documents: S3Documents) -> None:
    with pytest.raises(PermanentError) as refused:
        list(documents.keys("nowhere", "flows/"))
    assert refused.value.code == "NoSuchBucket"


def test_versions_are_listed_newest_first_across_deletions_and_without_neighbours(
    versioned: S3Documents,
) -> None:
    put(versioned, b"1")
    versioned.client.delete_object(Bucket=BUCKET, Key=KEY)
    put(versioned, b"2")
    put(versioned, b"neighbour", key=KEY + ".yaml")
    found = versioned.versions(BUCKET, KEY)
    assert sorted(each.deleted for each in found) == [False, False, True]
    contents = [
        stored.content for each in found if not each.deleted and (stored := versioned.read(each.version))
    ]
    assert contents == [b"2", b"1"]
    assert {each.version.key for each in found} == {KEY}


@pytest.mark.parametrize(("stored", "replaces"), [(b"theirs", ""), (b"theirs", "0" * 32), (None, "0" * 32)])
def test_a_conditional_write_replaces_no_other_version(
    versioned: S3Documents, stored: bytes | None, replaces: str
) -> None:
    if stored:
        put(versioned, stored)
    with pytest.raises(SyncError) as raised:
        versioned.put(BUCKET, KEY, b"mine", Provenance(), replaces=replaces)
    assert raised.value.code in CONFLICTS
    assert [each.content for each in versioned.history(BUCKET, KEY)] == ([stored] if stored else [])
