"""The controls of the local AppFlow: switches, faults, outcomes of runs, entities and the log of calls.

There is one set for the process, because a control request names neither an account nor a region. A reset of
moto resets it.
"""

from .behaviour import Behaviour
from .calls import Calls
from .entities import Entities
from .events import Send, to_event_bridge
from .faults import Faults
from .runs import Outcomes


class Controls:
    """Everything that is the same for all accounts and regions."""

    def __init__(self) -> None:
        self.defaults = Behaviour()
        """The behaviour after a reset. The program that serves moto may replace it."""
        self.behaviour = self.defaults
        self.faults = Faults()
        self.outcomes = Outcomes()
        self.entities = Entities()
        self.calls = Calls()
        self.send_events: Send = to_event_bridge
        """Survives a reset, because it belongs to the program that serves moto."""

    def reset(self) -> None:
        """Restore the initial state."""
        self.behaviour = self.defaults
        self.faults.clear()
        self.outcomes.clear()
        self.entities.clear()
        self.calls.clear()


controls = Controls()
