"""apply: carry out the changes on the queue and report their outcomes."""

from appflow_gitops.cold_start import import_handler

import_handler("apply.handler", use_case="attempts")
