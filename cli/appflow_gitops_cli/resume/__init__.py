"""``appflow-gitops resume``: end pauses."""
