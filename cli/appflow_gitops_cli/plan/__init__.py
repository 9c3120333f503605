"""``appflow-gitops plan``: what dropping documents would do to each flow. ``command`` is the way in."""
