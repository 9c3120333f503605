"""``appflow-gitops schema``: print JSON Schemas for editors. The entry point is ``command``."""
