"""No change can run into the time limit of its invocation."""

from appflow_gitops.aws.bus import ENTRY_ATTEMPTS
from appflow_gitops.aws.clients import CONFIG
from appflow_gitops.aws.deadline import RESERVE


def longest_call() -> float:
    """Seconds of one call whose every attempt hangs; botocore waits up to 1, 2, 4, ... seconds in between."""
    attempts: int = CONFIG.retries["total_max_attempts"]
    return attempts * (CONFIG.connect_timeout + CONFIG.read_timeout) + 2 ** (attempts - 1) - 1


def test_the_reserve_covers_the_call_in_progress_the_report_and_the_postponing() -> None:
    answered = (ENTRY_ATTEMPTS - 1) * CONFIG.read_timeout
    assert longest_call() + (answered + longest_call()) + longest_call() <= RESERVE
