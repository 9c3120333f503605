"""``appflow-gitops convert``: write the flows of other tools' files as documents. The entry point is ``command``."""
