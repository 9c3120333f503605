"""The use case of ``watch_runs``: the health of each managed flow, from what AppFlow records of its runs."""
