"""The ``appflow-gitops`` command: ``main`` is the entry point, each other module one command."""
