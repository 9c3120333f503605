"""Amazon AppFlow flows kept in Git: the library behind every function and the command.

Read it from the outside in: ``aws`` (the only place with boto3) serves the ports of ``sync`` (plan and apply),
which stands on ``status`` (events), ``rules`` (findings across fields), ``flows`` (the request, its canonical form
and diff), ``documents`` (bytes to values with positions) and ``findings``.
"""

__version__ = "0.1.0"
