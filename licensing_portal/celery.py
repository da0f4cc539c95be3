"""The Celery application, and the whole table of what runs when."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab

from licensing_portal import folder_queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "licensing_portal.settings")

folder_queue.install()
app = Celery("licensing_portal", task_cls="licensing_portal.jobs:RecordedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# name -> {"task": dotted name, "schedule": seconds or crontab}. Every job is safe late, twice and
# in parallel, so the times below are about load and promptness, never about correctness.
BEAT: dict[str, dict[str, Any]] = {
    # Expiry and the end of grace. Answers never wait for it: every door asks the clock.
    "catch up statuses": {"task": "licenses.tasks.catch_up_statuses", "schedule": 60},
    "catch up every status": {
        "task": "licenses.tasks.catch_up_every_status",
        "schedule": crontab(hour=3, minute=5),
    },
    # Without Redis heartbeats are written at once and there is nothing to do.
    "flush heartbeats": {
        "task": "licenses.tasks.flush_heartbeats",
        "schedule": 2,
        "options": {"expires": 2},
    },
    # Whoever needs a seat takes back what has lapsed without waiting for it.
    "reap leases": {"task": "licenses.tasks.reap_leases", "schedule": 60},
    # Whoever bars a device signs it out; this takes up what was left, and no answer waits for it.
    "sign out barred devices": {"task": "licenses.tasks.sign_out_barred", "schedule": 60},
    # Rows know what of them is rolled up; the hours and days they fall into are those of their use.
    "roll up usage": {"task": "licenses.tasks.roll_up_usage", "schedule": 600},
    # 30, 14, 7, 3 and 1 days before; the mark of the last round says what is due since.
    "remind of ends": {"task": "licenses.tasks.remind_of_ends", "schedule": 600},
    # What happened to licences, from the trail: whoever did it, and the clock.
    "tell of events": {"task": "accounts.tasks.tell_of_events", "schedule": 60},
    # Each is sent as it is written; this takes up what was left, and what is to be tried again.
    "send due notices": {"task": "events.tasks.send_due_notices", "schedule": 60},
    # A week ahead: late by days it is still in time, and documents make the key that they lack.
    "keep signing keys": {
        "task": "licenses.tasks.keep_signing_keys",
        "schedule": crontab(minute=35),
    },
    # Each is fulfilled as it becomes ready; this takes up what was left.
    "fulfil ready orders": {"task": "orders.tasks.fulfil_ready_orders", "schedule": 300},
    # Each is applied as it comes; this takes up what was left, and what waited for another.
    "apply gateway events": {"task": "orders.tasks.apply_gateway_events", "schedule": 60},
    "fulfil orders by night": {
        "task": "orders.tasks.fulfil_batch",
        "schedule": crontab(hour=2, minute=5),
    },
    # A round ends after five seconds; whatever is left is taken up by the next.
    "deliver webhooks": {
        "task": "events.tasks.deliver_webhooks",
        "schedule": 5,
        "options": {"expires": 5},
    },
    "prune webhook deliveries": {
        "task": "events.tasks.prune_webhook_deliveries",
        "schedule": crontab(hour=3, minute=30),
    },
    "tell of mail trouble": {
        "task": "accounts.tasks.tell_of_mail_trouble",
        "schedule": crontab(hour=6, minute=0),
    },
    # Devices whose licence asks for heartbeats; by page, since no index may name what each moves.
    "note silent devices": {
        "task": "licenses.tasks.note_silent_devices",
        "schedule": crontab(hour=3, minute=30),
    },
    "prune key links": {
        "task": "licenses.tasks.prune_key_links",
        "schedule": crontab(hour=3, minute=35),
    },
    "prune notices": {
        "task": "events.tasks.prune_notices",
        "schedule": crontab(hour=3, minute=40),
    },
    "prune usage hours": {
        "task": "licenses.tasks.prune_usage_hours",
        "schedule": crontab(hour=3, minute=25),
    },
    "prune applied batches": {
        "task": "licenses.tasks.prune_applied_batches",
        "schedule": crontab(hour=3, minute=10),
    },
    # An old one is treated as forgotten whether or not this has run.
    "prune offline requests": {
        "task": "licenses.tasks.prune_offline_requests",
        "schedule": crontab(hour=3, minute=30),
    },
    "prune stored answers": {
        "task": "accounts.tasks.prune_stored_answers",
        "schedule": crontab(hour=3, minute=15),
    },
    "prune sessions": {
        "task": "licensing_portal.tasks.prune_sessions",
        "schedule": crontab(hour=3, minute=20),
    },
}
app.conf.beat_schedule = BEAT


def jobs() -> list[str]:
    """Return the tasks of the beat table, each once, by name."""
    return sorted({entry["task"] for entry in BEAT.values()})
