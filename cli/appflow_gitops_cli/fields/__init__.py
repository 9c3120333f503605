"""``appflow-gitops fields``: keep the fields of connectors in files, and compare them with the connectors."""
