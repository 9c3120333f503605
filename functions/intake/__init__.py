"""intake: what arrives is checked and becomes changes on the queue, or one rejection."""

from appflow_gitops.cold_start import import_handler

import_handler("intake.handler", ports="intake")
