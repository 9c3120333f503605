"""The ``appflow-gitops`` command: ``main`` is the entry point; each command is a module or folder of its name."""
