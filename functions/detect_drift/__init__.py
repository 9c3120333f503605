"""detect_drift: what is live is compared with what the documents say, and what differs is told."""

from appflow_gitops.cold_start import import_handler

import_handler("detect_drift.handler", ports="detector")
