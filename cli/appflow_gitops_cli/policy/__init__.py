"""The command ``appflow-gitops policy``."""
