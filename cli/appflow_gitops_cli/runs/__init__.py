"""``appflow-gitops runs``: list the runs of a flow."""
