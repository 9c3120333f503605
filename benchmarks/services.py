"""The local cloud's S3, SQS, EventBridge and AppFlow without a stack in them: nothing runs when a document is dropped.

``processes.server("services")`` runs it.
"""

import sys

from appflow_gitops_local.cloud import prepare_services
from appflow_gitops_local.server import LOOPBACK, LocalServer

if __name__ == "__main__":
    server = LocalServer(LOOPBACK, 0, lambda _: None)
    prepare_services(require_resources=False)
    server.start()
    print(server.endpoint, flush=True)  # noqa: T201 - who started it waits for this line
    sys.stdin.read()
    server.close()
