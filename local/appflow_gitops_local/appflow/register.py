"""Makes moto serve AppFlow, from outside: moto has no hook for services of others.

The local cloud and the tests call :func:`register`. Written for the moto version that pyproject.toml pins; a
moto that has moved what is used here is refused loudly, never served half.
"""

import re
import sys
from importlib.util import find_spec

from moto import backend_index
from moto import backends as moto_backends
from moto.moto_api._internal import urls as moto_api_urls

from . import control_api, models, urls

_SERVICE = "appflow"
_PACKAGE = __name__.rpartition(".")[0]


class UnknownMotoError(RuntimeError):
    """Moto keeps its services in another way than the version that this was written for."""


def register() -> None:
    """Serve AppFlow with its controls. Call it before ``mock_aws()`` or moto's server; again does nothing.

    Raises UnknownMotoError.
    """
    if _registered():
        return
    if find_spec(f"moto.{_SERVICE}") is not None:
        raise UnknownMotoError("This moto has an AppFlow of its own.")
    _make_importable()
    _route()
    _check()


def _registered() -> bool:
    return sys.modules.get(f"moto.{_SERVICE}") is sys.modules[_PACKAGE]


def _make_importable() -> None:
    """Where moto finds a service's backends and addresses: it imports ``moto.<service>``."""
    sys.modules[f"moto.{_SERVICE}"] = sys.modules[_PACKAGE]
    sys.modules[f"moto.{_SERVICE}.models"] = models
    sys.modules[f"moto.{_SERVICE}.urls"] = urls


def _route() -> None:
    """Moto reads both when a mock starts or a server gets its first request."""
    try:
        backend_index.backend_url_patterns.append((_SERVICE, re.compile(urls.url_bases[0])))
        moto_api_urls.url_paths.update(control_api.url_paths)
    except AttributeError as error:
        raise UnknownMotoError(str(error)) from error


def _check() -> None:
    """Moto finds the service in the way it finds its own."""
    host = "https://appflow.us-east-1.amazonaws.com"
    if moto_backends.get_service_from_url(host) != _SERVICE:
        raise UnknownMotoError("Addresses are no longer looked up in backend_index.backend_url_patterns.")
    backend = models.appflow_backends["123456789012"]["us-east-1"]
    if f"{url_base()}/update-flow$" not in backend.urls:
        raise UnknownMotoError("A backend's addresses are no longer those of the urls module beside it.")


def url_base() -> str:
    """The one pattern of AppFlow's hosts."""
    return urls.url_bases[0]
