"""boto3 clients of the local cloud, in its own process and from outside."""

import threading
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config

_SQS_ON_AWS = "https://sqs.{region}.amazonaws.com/"


class Cloud:
    """Clients of a local cloud's endpoint."""

    def __init__(self, endpoint: str, region: str) -> None:
        self.endpoint = endpoint
        self.region = region
        self._session = boto3.Session("local", "local", region_name=region)
        self._config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
        self._clients: dict[str, Any] = {}
        self._creating = threading.Lock()

    def client(self, service: str) -> Any:
        """Return the boto3 client of the service that calls this cloud without retries; threads may share it."""
        create: Callable[..., Any] = self._session.client  # the stubs declare one overload per service
        with self._creating:  # a session is not thread-safe
            if service not in self._clients:
                self._clients[service] = create(service, endpoint_url=self.endpoint, config=self._config)
            return self._clients[service]

    def reachable(self, value: str, endpoint: str = "") -> str:
        """Return a value with AWS's queue URLs replaced by those of this cloud, or of another ``endpoint`` of it."""
        return value.replace(_SQS_ON_AWS.format(region=self.region), f"{endpoint or self.endpoint}/")
