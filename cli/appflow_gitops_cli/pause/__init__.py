"""``appflow-gitops pause``: hold changes of flows."""
