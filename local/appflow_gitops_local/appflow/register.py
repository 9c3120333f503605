"""Register AppFlow as a service of moto, which has no extension point for services from outside.

Written for the version of moto that pyproject.toml pins. A version with other internals raises
UnknownMotoError, so that AppFlow is never served in part.
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
    """Raised for a version of moto with other internals than the supported one."""


def register() -> None:
    """Serve AppFlow and its controls. Call this before ``mock_aws()`` or moto's server; repeated calls have no effect.

    Raises UnknownMotoError.
    """
    if _registered():
        return
    if find_spec(f"moto.{_SERVICE}") is not None:
        raise UnknownMotoError("moto already includes AppFlow")
    _make_importable()
    _route()
    _check()


def _registered() -> bool:
    return sys.modules.get(f"moto.{_SERVICE}") is sys.modules[_PACKAGE]


def _make_importable() -> None:
    """Provide the module ``moto.<service>``, from which moto imports backends and URLs."""
    sys.modules[f"moto.{_SERVICE}"] = sys.modules[_PACKAGE]
    sys.modules[f"moto.{_SERVICE}.models"] = models
    sys.modules[f"moto.{_SERVICE}.urls"] = urls


def _route() -> None:
    """Add the URLs to those that moto reads when a mock starts or a server gets its first request."""
    try:
        backend_index.backend_url_patterns.append((_SERVICE, re.compile(urls.url_bases[0])))
        moto_api_urls.url_paths.update(control_api.url_paths)
    except AttributeError as error:
        raise UnknownMotoError(str(error)) from error


def _check() -> None:
    """Check that moto finds the service as it finds its own."""
    host = "https://appflow.us-east-1.amazonaws.com"
    if moto_backends.get_service_from_url(host) != _SERVICE:
        raise UnknownMotoError("moto does not look up hosts in backend_index.backend_url_patterns")
    backend = models.appflow_backends["123456789012"]["us-east-1"]
    if f"{url_base()}/update-flow$" not in backend.urls:
        raise UnknownMotoError("moto does not read the URLs of a backend from the urls module beside it")


def url_base() -> str:
    """Return the pattern of AppFlow's hosts."""
    return urls.url_bases[0]
