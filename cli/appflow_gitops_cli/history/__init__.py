"""``appflow-gitops history``: list the versions of a flow's document, their outcomes and changes."""
