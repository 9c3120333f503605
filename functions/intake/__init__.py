"""intake: validate dropped documents and requests, and queue their changes."""

from appflow_gitops.cold_start import import_handler

import_handler("intake.handler", use_case="intake")
