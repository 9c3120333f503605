"""``appflow-gitops run``: start a run of an on-demand flow."""
