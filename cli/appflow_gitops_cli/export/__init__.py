"""``appflow-gitops export``. Start at ``command``."""
