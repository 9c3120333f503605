"""``appflow-gitops export``: write live flows to documents. The entry point is ``command``."""
