"""Takeovers in the bucket, through boto3."""

import pytest

from appflow_gitops.aws import clients
from appflow_gitops.aws.takeovers import S3Takeovers
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.takeover import Takeover

BUCKET = "documents"
OWNER = f"s3://{BUCKET}/flows/old.json"


@pytest.fixture
def store(aws: None) -> S3Takeovers:  # noqa: ARG001 - the account has to be there
    client = clients.s3()
    client.create_bucket(Bucket=BUCKET)
    return S3Takeovers(client, BUCKET)


def takeover(flow: str = "orders", owner: str = OWNER, version: str = "v1") -> Takeover:
    document = DocumentVersion(bucket=BUCKET, key="flows/new.json", versionId=version)
    return Takeover(flowName=flow, owner=owner, document=document, provenance=Provenance(commit="4f2c1a9"))


def test_a_takeover_waits_for_its_owner_until_it_is_removed(store: S3Takeovers) -> None:
    store.record(takeover())
    store.record(takeover("returns"))
    store.record(takeover(owner=OWNER + ".json"))
    assert list(store.waiting(OWNER)) == [takeover(), takeover("returns")]
    store.remove(takeover())
    store.remove(takeover())
    assert list(store.waiting(OWNER)) == [takeover("returns")]


def test_a_later_takeover_of_the_same_flow_replaces_the_earlier_one(store: S3Takeovers) -> None:
    store.record(takeover())
    store.record(takeover(version="v2"))
    assert list(store.waiting(OWNER)) == [takeover(version="v2")]


def test_an_object_that_is_not_a_takeover_is_ignored(store: S3Takeovers) -> None:
    store.record(takeover())
    [entry] = store.client.list_objects_v2(Bucket=BUCKET)["Contents"]
    store.client.put_object(Bucket=BUCKET, Key=entry["Key"], Body=b"{")
    assert list(store.waiting(OWNER)) == []
