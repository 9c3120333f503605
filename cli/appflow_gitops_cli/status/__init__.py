"""``appflow-gitops status``: list flows and their sync status. The entry point is ``command``."""
