"""The URLs of AppFlow, for moto's routing: those of every operation in botocore's model."""

from .responses import AppFlowResponse
from .shapes import service_model

url_bases = [r"https?://appflow\.(.+)\.amazonaws\.com"]

_PATHS = {
    service_model().operation_model(name).http["requestUri"] for name in service_model().operation_names
}

url_paths = {
    f"{{0}}{path.replace('{resourceArn}', '(?P<resource_arn>.+)')}$": AppFlowResponse.dispatch
    for path in sorted(_PATHS)
} | {"{0}/.*$": AppFlowResponse.unknown_operation}
