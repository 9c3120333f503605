"""The account in memory that the tests verify, and a wait that takes no time."""

ACCOUNT = "123456789012"
REGION = "eu-west-1"
PROFILE = "auditor"


class Waits(list[float]):
    """A ``wait`` that remembers how long it would have taken."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)
