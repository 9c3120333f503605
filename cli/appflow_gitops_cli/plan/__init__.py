"""``appflow-gitops plan``: preview what documents would change. The entry point is ``command``."""
