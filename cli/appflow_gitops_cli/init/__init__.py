"""``appflow-gitops init``: write a repository to start with. The entry point is ``command``."""
