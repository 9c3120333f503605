"""``appflow-gitops status``: every flow beside its document. ``command`` is the way in."""
