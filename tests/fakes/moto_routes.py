"""How moto finds the service of a call: by trying patterns of all services, which it makes again each time."""

from typing import Any

from moto import backend_index
from moto.core.base_backend import BaseBackend

OURS = ("appflow", "cloudformation", "events", "logs", "s3", "sqs")
"""The services that tests call."""


def search_quickly() -> None:
    """Let moto try our services first, and make the patterns of each service once."""
    make: Any = BaseBackend.urls.fget  # type: ignore[attr-defined]  # a property
    made: dict[type, Any] = {}

    def urls(backend: BaseBackend) -> Any:
        if type(backend) not in made:
            made[type(backend)] = make(backend)
        return made[type(backend)]

    BaseBackend.urls = property(urls)  # type: ignore[method-assign, assignment]
    backend_index.backend_url_patterns.sort(key=lambda entry: entry[0] not in OURS)
