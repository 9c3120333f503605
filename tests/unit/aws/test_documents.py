"""The order of S3's versions, and the cache of versions, with an S3 that answers what the test says."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from appflow_gitops.aws.documents import GONE, S3Documents, VersionCache
from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.errors import TransientError

BUCKET = "documents"
KEY = "flows/orders.json"
LATEST = DocumentVersion(bucket=BUCKET, key=KEY)
NAMED = {"x-amz-version-id": "{id}"}
UNNAMED: dict[str, str] = {}


def at(second: int) -> datetime:
    return datetime(2026, 1, 15, 12, 0, second, tzinfo=UTC)


class StubS3:
    """Answers from ``contents``, version id to content; the last one is the latest. Counts downloads."""

    def __init__(self, contents: dict[str, bytes], listing: Mapping[str, Any] | None = None) -> None:
        self.contents = contents
        self.listing = listing or {}
        self.downloads: list[str] = []
        self.not_modified = NAMED

    def get_object(
        self,
        Bucket: str,  # noqa: ARG002, N803 - boto3's names, as below
        Key: str,  # noqa: ARG002, N803
        VersionId: str | None = None,  # noqa: N803
        IfNoneMatch: str | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        found = VersionId or list(self.contents)[-1]
        if IfNoneMatch == self._etag(found):
            headers = {name: value.format(id=found) for name, value in self.not_modified.items()}
            answer: Any = {"Error": {"Code": "304"}, "ResponseMetadata": {"HTTPHeaders": headers}}
            raise ClientError(answer, "GetObject")
        self.downloads.append(found)
        return {"Body": io.BytesIO(self.contents[found]), "VersionId": found, "ETag": self._etag(found)}

    def head_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: ARG002, N803
        return {"VersionId": list(self.contents)[-1]}

    def list_object_versions(self, Bucket: str, Prefix: str) -> Mapping[str, Any]:  # noqa: ARG002, N803
        return self.listing

    def _etag(self, version: str) -> str:
        return f'"{hash(self.contents[version])}"'


def stored(client: StubS3, cache: VersionCache | None = None) -> S3Documents:
    return S3Documents(cast("Any", client), cache)


def entry(version: str, second: int, key: str = KEY) -> dict[str, Any]:
    return {"Key": key, "VersionId": version, "LastModified": at(second), "Size": 1}


def marker(version: str, second: int) -> dict[str, Any]:
    return {"Key": KEY, "VersionId": version, "LastModified": at(second)}


def history(listing: Mapping[str, Any], *ids: str) -> list[str | None]:
    client = StubS3({version: version.encode() for version in ids}, listing)
    return [each.version.versionId for each in stored(client).history(BUCKET, KEY)]


def test_the_history_goes_from_the_newest_to_the_oldest_version_whatever_the_order_of_the_list() -> None:
    listing = {"Versions": [entry("a", 1), entry("c", 3), entry("b", 2)]}
    assert history(listing, "a", "b", "c") == ["c", "b", "a"]


def test_a_deletion_ends_the_history() -> None:
    listing = {"Versions": [entry("c", 3), entry("a", 1)], "DeleteMarkers": [marker("b", 2)]}
    assert history(listing, "a", "c") == ["c"]


def test_versions_of_one_second_keep_the_order_of_s3() -> None:
    listing = {"Versions": [entry("c", 1), entry("b", 1), entry("a", 1)]}
    assert history(listing, "a", "b", "c") == ["c", "b", "a"]


def test_a_deletion_in_the_second_of_a_version_is_younger() -> None:
    listing = {"Versions": [entry("c", 1), entry("a", 1)], "DeleteMarkers": [marker("b", 1)]}
    assert history(listing, "a", "c") == ["c"]


def test_a_key_with_the_same_beginning_is_another_document() -> None:
    listing = {"Versions": [entry("c", 3), entry("x", 2, KEY + ".json"), entry("a", 1)]}
    assert history(listing, "a", "x", "c") == ["c", "a"]


def test_a_list_without_the_latest_version_is_an_error() -> None:
    with pytest.raises(TransientError, match="without the one"):
        history({"Versions": [entry("a", 1)]}, "a", "b")


@pytest.mark.parametrize("headers", [NAMED, UNNAMED], ids=["304 names the version", "304 names none"])
def test_p10_an_unchanged_version_is_downloaded_once(headers: dict[str, str]) -> None:
    client = StubS3({"a": b"1"})
    client.not_modified = headers
    documents = stored(client, VersionCache())
    assert documents.read(LATEST) is documents.read(LATEST)
    assert client.downloads == ["a"]


def test_a_newer_version_is_downloaded_with_one_call() -> None:
    client = StubS3({"a": b"1"})
    documents = stored(client, VersionCache())
    documents.read(LATEST)
    client.contents["b"] = b"2"
    found = documents.read(LATEST)
    assert found
    assert (found.content, client.downloads) == (b"2", ["a", "b"])


@pytest.mark.parametrize("headers", [NAMED, UNNAMED], ids=["304 names the version", "304 names none"])
def test_a_newer_version_with_the_same_content_is_another_version(headers: dict[str, str]) -> None:
    client = StubS3({"a": b"1"})
    client.not_modified = headers
    documents = stored(client, VersionCache())
    documents.read(LATEST)
    client.contents["b"] = b"1"
    found = documents.read(LATEST)
    assert found
    assert found.version.versionId == "b"


def test_the_latest_version_with_a_known_etag_is_not_requested() -> None:
    client = StubS3({"a": b"1"})
    documents = stored(client, VersionCache())
    first = documents.read(LATEST)
    assert first
    client.get_object = None  # type: ignore[assignment, method-assign]
    assert documents.read(LATEST.model_copy(update={"eTag": first.version.eTag})) is first


def test_a_latest_version_with_another_etag_is_downloaded() -> None:
    client = StubS3({"a": b"1"})
    documents = stored(client, VersionCache())
    documents.read(LATEST)
    client.contents["b"] = b"2"
    found = documents.read(LATEST.model_copy(update={"eTag": "another"}))
    assert found
    assert found.content == b"2"


def test_an_older_version_is_downloaded_once() -> None:
    client = StubS3({"a": b"1", "b": b"2"})
    documents = stored(client, VersionCache())
    for _ in range(2):
        documents.read(LATEST.model_copy(update={"versionId": "a"}))
        documents.read(LATEST)
    assert client.downloads == ["a", "b"]


def test_p10_the_cache_drops_what_was_not_used_for_the_longest_time() -> None:
    client = StubS3({"a": b"1" * 4, "b": b"2" * 4, "c": b"3" * 4})
    documents = stored(client, VersionCache(limit=8))
    for version in "abacab":
        documents.read(LATEST.model_copy(update={"versionId": version}))
    assert client.downloads == ["a", "b", "c", "b"]


def test_p10_the_cache_drops_a_latest_version_that_another_one_replaces() -> None:
    client, cache = StubS3({"a": b"1"}), VersionCache()
    documents = stored(client, cache)
    first = documents.read(LATEST)
    assert first
    assert cache.get(first.version) is first
    client.contents["b"] = b"2"
    second = documents.read(LATEST)
    assert second
    assert cache.get(first.version) is None
    assert cache.get(second.version) is second


def test_p10_the_cache_keeps_four_documents_of_the_largest_size() -> None:
    client = StubS3({version: version.encode() * MAX_BYTES for version in "abcde"})
    documents = stored(client, VersionCache())
    for version in "abcdabcdea":
        documents.read(LATEST.model_copy(update={"versionId": version}))
    assert client.downloads == ["a", "b", "c", "d", "e", "a"]


def test_without_a_cache_every_read_downloads() -> None:
    client = StubS3({"a": b"1"})
    documents = stored(client)
    documents.read(LATEST)
    documents.read(LATEST)
    assert client.downloads == ["a", "a"]


class FailingS3:
    """Answers every read with one error."""

    def __init__(self, code: str) -> None:
        self.code = code

    def get_object(self, **_: Any) -> dict[str, Any]:
        answer: Any = {"Error": {"Code": self.code}, "ResponseMetadata": {"HTTPStatusCode": 404}}
        raise ClientError(answer, "GetObject")


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed"])
def test_a_version_that_does_not_exist_is_none(code: str) -> None:
    assert S3Documents(cast("Any", FailingS3(code))).read(LATEST) is None


def test_every_code_of_a_missing_version_has_a_case() -> None:
    assert {"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed"} == GONE
