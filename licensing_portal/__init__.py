"""The composition root: settings, URLs, the beat table, API conventions."""

import gc

# What a process loads stays. To seek garbage in it, again and again, is a sixth of each start; once
# everything is loaded, `apps` has it sought again.
gc.disable()

from licensing_portal.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
