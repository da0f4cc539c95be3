"""The Celery application, and the whole table of what runs when."""

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "licensing_portal.settings")

app = Celery("licensing_portal", task_cls="licensing_portal.jobs:RecordedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# name -> {"task": dotted name, "schedule": seconds or crontab}. Every job is safe late, twice and
# in parallel, so the times below are about load and promptness, never about correctness.
BEAT: dict[str, dict[str, Any]] = {}
app.conf.beat_schedule = BEAT
