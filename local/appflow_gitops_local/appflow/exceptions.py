# ruff: noqa: N818 - the names are the error types of AWS
"""The errors of AppFlow, each with its AWS name and HTTP status."""

from moto.core.exceptions import JsonRESTError


class AppFlowError(JsonRESTError):
    """Base class; the class name is the error type on the wire."""

    def __init__(self, message: str) -> None:
        super().__init__(type(self).__name__, message)


class SerializationException(AppFlowError):
    """The body is not JSON, or a value has the wrong JSON type."""

    code = 400


class ValidationException(AppFlowError):
    """A parameter is missing, invalid or not allowed with the others."""

    code = 400


class ConnectorServerException(AppFlowError):
    """The connector's endpoint did not return what the flow needs."""

    code = 400


class UnsupportedOperationException(AppFlowError):
    """The operation is not supported for this kind of flow."""

    code = 400


class ConnectorAuthenticationException(AppFlowError):
    """The connector's endpoint rejected the credentials. Only faults raise it."""

    code = 401


class ServiceQuotaExceededException(AppFlowError):
    """The account has reached a quota."""

    code = 402


class AccessDeniedException(AppFlowError):
    """IAM does not allow the call."""

    code = 403


class ResourceNotFoundException(AppFlowError):
    """The flow, profile, connector or tagged resource does not exist."""

    code = 404


class ConflictException(AppFlowError):
    """The request conflicts with the state of the resource."""

    code = 409

    def __init__(self, reason: str) -> None:
        super().__init__(f"Conflict executing request: {reason}")


class ThrottlingException(AppFlowError):
    """Too many calls. Only faults raise it."""

    code = 429


class InternalServerException(AppFlowError):
    """An error inside AppFlow. Only faults raise it."""

    code = 500


STATUS_CODES = {error.__name__: error.code for error in AppFlowError.__subclasses__()}
"""HTTP status of each error type."""
