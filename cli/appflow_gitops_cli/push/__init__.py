"""``appflow-gitops push``: documents into the bucket, and what became of them. ``command`` is the way in."""
