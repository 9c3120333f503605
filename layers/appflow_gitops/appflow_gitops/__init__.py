"""Amazon AppFlow flows kept in Git: the library of all functions and of the command.

From the outside in: ``observability`` (logs and metrics), ``aws`` (boto3), ``status`` (events), ``sync`` (intake,
apply, drift), ``validation``, ``flows`` and ``documents``, and ``findings``.
"""

__version__ = "0.1.0"
