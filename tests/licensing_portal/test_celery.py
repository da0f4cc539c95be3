"""The whole table of what runs when."""

import pytest
from celery.schedules import crontab

from licensing_portal.celery import BEAT, app

app.autodiscover_tasks(force=True)
OURS = {name for name in app.tasks if name.partition(".")[0] not in {"celery", "tests"}}
# Tasks that are started by what happened, not by the clock.
CALLED = {"events.tasks.send_notice", "orders.tasks.fulfil_order"}


def test_every_task_stands_in_the_beat_table():
    assert {entry["task"] for entry in BEAT.values()} == OURS - CALLED


@pytest.mark.parametrize("name", BEAT)
def test_every_row_names_a_task_that_is_there_and_a_time(name):
    entry = BEAT[name]
    assert entry["task"] in app.tasks
    assert isinstance(entry["schedule"], crontab) or 0 < entry["schedule"] <= 86_400


@pytest.mark.parametrize("name", BEAT)
def test_every_job_can_be_told_the_time(name):
    assert "at" in app.tasks[BEAT[name]["task"]].run.__code__.co_varnames
