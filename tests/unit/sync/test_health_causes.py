"""The cause that a message of a failed run points to: each row of the table, in words that systems were seen to use."""

import pytest

from appflow_gitops.sync.health.causes import explain


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (
            "The source object Account does not have the mapped fields: Old__c",
            "a field that the flow uses is missing",
        ),
        (
            "INVALID_FIELD: No such column 'Old__c' on entity 'Account'",
            "a field that the flow uses is missing",
        ),
        ("field 'total' wasn't found", "a field that the flow uses is missing"),
        ("INVALID_SESSION_ID: Session expired or invalid", "have expired"),
        ("invalid_grant: expired access/refresh token", "have expired"),
        ("Please re-authenticate", "have expired"),
        ("HTTP 401", "rejected the credentials"),
        ("Invalid password", "rejected the credentials"),
        ("Unauthorised", "rejected the credentials"),
        ("Access Denied", "a permission is missing"),
        ("HTTP 403: insufficient privileges", "a permission is missing"),
        ("REQUEST_LIMIT_EXCEEDED", "limits requests"),
        ("HTTP 429 Too Many Requests", "limits requests"),
        ("NoSuchBucket", "the bucket does not exist"),
        ("The specified bucket shop-lake does not exist", "the bucket does not exist"),
        ("Read timed out", "did not respond in time"),
        ("503 Service Unavailable", "failed or is not available"),
        ("Internal server error", "failed or is not available"),
    ],
)
def test_a_message_points_to_its_cause(message: str, cause: str) -> None:
    assert cause in (explain(message) or "")


@pytest.mark.parametrize("message", [None, "", "Something else happened to 1403 records"])
def test_an_unknown_message_has_no_cause(message: str | None) -> None:
    assert explain(message) is None
