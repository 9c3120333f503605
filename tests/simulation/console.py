"""What operators do in the AppFlow console, behind the tool's back."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from appflow_gitops.flows.ownership import DIGEST, PREFIX, UPDATED
from simulation.deployment import EDIT, Deployment
from simulation.themes import Theme, during
from simulation.wishes import FLOWS, WISHES

FLOW = st.sampled_from(FLOWS)


class Console(Deployment):
    """Flows are edited, switched, deleted and tagged."""

    @during(Theme.CONSOLE)
    @rule(name=EDIT)
    def edit(self, name: str) -> None:
        if WISHES[name].flow in self.ledger.live:
            self.edit_flow(WISHES[name])

    @during(Theme.CONSOLE)
    @rule(name=FLOW, operation=st.sampled_from(["start_flow", "stop_flow"]))
    def switch(self, name: str, operation: str) -> None:
        """An operator starts or suspends a flow that runs by itself."""
        if name in self.ledger.live and self.ledger.live[name].runs_by_itself:
            getattr(self.world.flows.backend, operation)({"flowName": name})
            self.ledger.edited(name)

    @during(Theme.CONSOLE)
    @rule(name=FLOW, really=st.booleans())
    def remove(self, name: str, really: bool) -> None:
        if really:
            self.remove_flow(name)

    @during(Theme.CONSOLE)
    @rule(name=FLOW, room=st.sampled_from([0, 1, 7, 8, 9, 10, 40]))
    def tag(self, name: str, room: int) -> None:
        """The flow gets so many tags that AppFlow allows only a few more, or none."""
        self.fill_tags(name, room)

    @during(Theme.CONSOLE)
    @rule(name=FLOW, key=st.sampled_from([DIGEST, UPDATED]), removed=st.booleans())
    def lose_a_tag(self, name: str, key: str, removed: bool) -> None:
        """One of our tags is removed or overwritten."""
        if name in self.ledger.live and key in self.world.flows.tags(name):
            del self.ledger.live[name].tags[key]
            if not removed:
                self.world.flows.retag(name, {key: f"not a value of {PREFIX}"})
