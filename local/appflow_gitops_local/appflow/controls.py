"""What steers and watches the local AppFlow: behaviour, faults and the record of calls.

One set for the process, whatever account or region is called: whoever sets a fault over HTTP names neither.
The backends hand it out, and a reset of moto resets it.
"""

from .behaviour import Behaviour
from .calls import Calls
from .faults import Faults


class Controls:
    """Behaviour, faults and calls, together."""

    def __init__(self) -> None:
        self.behaviour = Behaviour()
        self.faults = Faults()
        self.calls = Calls()

    def reset(self) -> None:
        """As in a process that has just started."""
        self.behaviour = Behaviour()
        self.faults.clear()
        self.calls.clear()


controls = Controls()
