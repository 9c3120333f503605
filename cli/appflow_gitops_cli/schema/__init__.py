"""``appflow-gitops schema``. Start at ``command``."""
