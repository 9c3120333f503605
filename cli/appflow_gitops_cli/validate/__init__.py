"""``appflow-gitops validate``: documents checked at the desk. ``command`` is the way in."""
