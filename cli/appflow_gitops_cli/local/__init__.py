"""``appflow-gitops local``. Start at ``command``."""
