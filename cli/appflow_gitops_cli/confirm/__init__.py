"""``appflow-gitops confirm``: confirm repairs that exceed the limit of a stack."""
