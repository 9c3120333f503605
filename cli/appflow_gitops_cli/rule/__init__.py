"""``appflow-gitops rule``: explain a rule. The entry point is ``command``."""
