"""``appflow-gitops cancel``: cancel runs in progress."""
