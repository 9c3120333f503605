"""The baseline of ``plan_speed``: DescribeFlow for every flow with bare boto3, in as many threads as the command.

python -m benchmarks.describe_loop THREADS NAME...
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config


def main() -> None:
    """Describe all flows."""
    threads, names = int(sys.argv[1]), sys.argv[2:]
    client: Any = boto3.client("appflow", config=Config(max_pool_connections=threads))
    with ThreadPoolExecutor(threads) as pool:
        described = list(pool.map(lambda name: client.describe_flow(flowName=name), names))
    if len(described) != len(names):
        sys.exit("not every flow was described")


if __name__ == "__main__":
    main()
