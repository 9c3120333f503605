"""The URLs of AppFlow, for moto's routing."""

from .responses import AppFlowResponse

url_bases = [r"https?://appflow\.(.+)\.amazonaws\.com"]

_OPERATIONS = (
    "create-connector-profile",
    "create-flow",
    "delete-connector-profile",
    "delete-flow",
    "describe-connector-profiles",
    "describe-flow",
    "list-flows",
    "start-flow",
    "stop-flow",
    "update-flow",
)

url_paths = {
    **{f"{{0}}/{operation}$": AppFlowResponse.dispatch for operation in _OPERATIONS},
    "{0}/tags/(?P<resource_arn>.+)$": AppFlowResponse.dispatch,
}
