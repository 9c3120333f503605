"""detect_drift: compare live flows with their documents and report drift."""

from appflow_gitops.cold_start import import_handler

import_handler("detect_drift.handler", use_case="detector")
