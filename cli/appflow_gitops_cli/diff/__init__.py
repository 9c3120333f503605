"""``appflow-gitops diff``: compare two versions of a flow's document in the bucket."""
