# ruff: noqa: N818 - the names are the error types of AWS
"""The errors that AppFlow answers with, each under its AWS name and HTTP status."""

from moto.core.exceptions import JsonRESTError


class AppFlowError(JsonRESTError):
    """The base of them all; the name of the class is the error type on the wire."""

    def __init__(self, message: str) -> None:
        super().__init__(type(self).__name__, message)


class SerializationException(AppFlowError):
    """The body is no JSON, or a value has the wrong JSON type."""

    code = 400


class ValidationException(AppFlowError):
    """A parameter is missing or not allowed, alone or together with others."""

    code = 400


class ConnectorServerException(AppFlowError):
    """The connector's endpoint did not give what the flow needs."""

    code = 400


class UnsupportedOperationException(AppFlowError):
    """The operation makes no sense for this kind of flow."""

    code = 400


class ConnectorAuthenticationException(AppFlowError):
    """The connector's endpoint refused the credentials. Only faults raise it."""

    code = 401


class ServiceQuotaExceededException(AppFlowError):
    """The account has as many as it may have."""

    code = 402


class AccessDeniedException(AppFlowError):
    """IAM does not allow the caller to do this."""

    code = 403


class ResourceNotFoundException(AppFlowError):
    """There is no such flow, profile or tagged resource."""

    code = 404


class ConflictException(AppFlowError):
    """The state of the flow or profile forbids it."""

    code = 409

    def __init__(self, reason: str) -> None:
        super().__init__(f"Conflict executing request: {reason}")


class ThrottlingException(AppFlowError):
    """Too many calls at once. Only faults raise it."""

    code = 429


class InternalServerException(AppFlowError):
    """AppFlow itself failed. Only faults raise it."""

    code = 500


STATUS_CODES = {error.__name__: error.code for error in AppFlowError.__subclasses__()}
"""HTTP status of each error type."""
