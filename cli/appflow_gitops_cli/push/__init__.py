"""``appflow-gitops push``: upload documents and report the outcomes. The entry point is ``command``."""
