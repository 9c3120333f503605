"""apply: changes from the queue are made live and reported."""

from appflow_gitops.cold_start import import_handler

import_handler("apply.handler", ports="attempts")
