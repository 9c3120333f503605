"""The colours of terminal output, one table per kind of value, as names that both click and rich know.

The colour of an outcome is ``Outcome.colour``.
"""

from appflow_gitops.findings import Severity
from appflow_gitops.sync.inventory import State

SEVERITIES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
STATES = {
    State.IN_SYNC: "green",
    State.DRIFTED: "red",
    State.PENDING: "yellow",
    State.ORPHANED: "yellow",
}
"""A state that is not listed is printed dim."""
CHANGES = {"+": "green", "~": "yellow", "-": "red", "!": "red"}
