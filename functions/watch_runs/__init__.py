"""watch_runs: watch the runs of flows and report changes of their health."""

from appflow_gitops.cold_start import import_handler

import_handler("watch_runs.handler", use_case="watcher")
