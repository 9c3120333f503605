"""The controls of the local AppFlow: switches, faults and the log of calls.

There is one set for the process, because a control request names neither an account nor a region. A reset of
moto resets it.
"""

from .behaviour import Behaviour
from .calls import Calls
from .faults import Faults


class Controls:
    """Behaviour, faults and calls."""

    def __init__(self) -> None:
        self.behaviour = Behaviour()
        self.faults = Faults()
        self.calls = Calls()

    def reset(self) -> None:
        """Restore the state of a new process."""
        self.behaviour = Behaviour()
        self.faults.clear()
        self.calls.clear()


controls = Controls()
