import pytest

from licensing_portal.celery import BEAT, app
from licensing_portal.models import JobRun

pytestmark = pytest.mark.django_db


@app.task(name="tests.tick")
def tick(fail=False):
    if fail:
        raise ValueError("the clock is wrong")
    return {"found": 3}


@pytest.fixture
def _tick_in_beat_table(monkeypatch):
    monkeypatch.setitem(BEAT, "tick", {"task": "tests.tick", "schedule": 60})


@pytest.mark.usefixtures("_tick_in_beat_table")
def test_a_job_writes_down_what_it_did():
    tick.delay()
    run = JobRun.objects.get(name="tests.tick")
    assert (run.ok, run.report, run.error) == (True, {"found": 3}, "")
    assert run.started_at <= run.finished_at


@pytest.mark.usefixtures("_tick_in_beat_table")
def test_a_failed_job_writes_down_why_and_the_next_run_replaces_it():
    tick.apply(kwargs={"fail": True}, throw=False)
    run = JobRun.objects.get(name="tests.tick")
    assert (run.ok, run.error) == (False, "ValueError: the clock is wrong")
    tick.delay()
    assert JobRun.objects.get().ok


def test_a_task_outside_the_beat_table_leaves_no_row():
    tick.delay()
    assert not JobRun.objects.exists()
