"""``appflow-gitops validate``: check documents locally. The entry point is ``command``."""
