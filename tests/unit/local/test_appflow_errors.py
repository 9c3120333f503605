"""Each error of AppFlow has its own type and status."""

import pytest
from moto.core.exceptions import JsonRESTError

from appflow_gitops_local.appflow import exceptions
from appflow_gitops_local.appflow.exceptions import STATUS_CODES
from appflow_gitops_local.appflow.shapes import service_model

OF_EVERY_SERVICE = {"SerializationException"}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("SerializationException", 400),
        ("ValidationException", 400),
        ("ConnectorServerException", 400),
        ("UnsupportedOperationException", 400),
        ("ConnectorAuthenticationException", 401),
        ("ServiceQuotaExceededException", 402),
        ("AccessDeniedException", 403),
        ("ResourceNotFoundException", 404),
        ("ConflictException", 409),
        ("ThrottlingException", 429),
        ("InternalServerException", 500),
    ],
)
def test_an_error_has_the_type_and_the_status_of_aws(error: str, status: int) -> None:
    raised: JsonRESTError = getattr(exceptions, error)("it happened")
    assert (raised.error_type, raised.code, STATUS_CODES[error]) == (error, status, status)
    assert raised.message.endswith("it happened")
    if error not in OF_EVERY_SERVICE:
        assert service_model().shape_for(error).metadata["error"]["httpStatusCode"] == status


def test_every_error_of_the_model_is_known() -> None:
    model = service_model()
    named = {name for name in model.shape_names if model.shape_for(name).metadata.get("exception")}
    assert named | OF_EVERY_SERVICE == set(STATUS_CODES)
