"""``appflow-gitops local``: the local cloud and its demo. The entry point is ``command``."""
