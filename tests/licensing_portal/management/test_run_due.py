"""`run_due` runs every job once, and moves time only when that is meant."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from events.models import Event
from licenses.models import License
from licensing_portal.celery import BEAT, app
from licensing_portal.models import JobRun
from tests.factories import issue

pytestmark = pytest.mark.django_db


@app.task(name="tests.broken")
def broken(at: str | None = None) -> None:
    raise ValueError("the clock is wrong")


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("run_due", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_every_job_of_the_table_runs_and_leaves_a_row() -> None:
    said = run()
    assert [line.partition(":")[0] for line in said.splitlines()] == list(BEAT)
    assert set(JobRun.objects.values_list("name", "ok")) == {
        (entry["task"], True) for entry in BEAT.values()
    }


def test_licences_that_ran_out_are_written_down() -> None:
    license = issue(at=timezone.now() - timedelta(days=366)).license
    assert "catch up statuses: 1 licenses" in run()
    license.refresh_from_db()
    assert license.status == "EXPIRED"


def test_a_dry_run_tells_and_takes_it_all_back() -> None:
    issue(at=timezone.now() - timedelta(days=366))
    assert "catch up statuses: 1 licenses" in run("--dry-run")
    assert License.objects.get().status == "ACTIVE"
    assert not Event.objects.filter(type="license.expired").exists()
    assert not JobRun.objects.exists()


def test_time_is_moved_only_when_that_is_meant(settings: Settings) -> None:
    settings.DEBUG = False
    issue(at=timezone.now())
    future = (timezone.now() + timedelta(days=366)).isoformat()
    with pytest.raises(CommandError, match="--yes-move-time"):
        run("--at", future)
    assert "1 licenses" in run("--at", future, "--dry-run")
    assert License.objects.get().status == "ACTIVE"
    run("--at", future, "--yes-move-time")
    assert License.objects.get().status == "EXPIRED"


def test_debug_moves_time_without_being_asked_twice(settings: Settings) -> None:
    settings.DEBUG = True
    issue(at=timezone.now())
    run("--at", (timezone.now() + timedelta(days=366)).isoformat())
    assert License.objects.get().status == "EXPIRED"


def test_a_broken_job_stops_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "licensing_portal.management.commands.run_due.BEAT",
        {"broken": {"task": "tests.broken", "schedule": 60}, **BEAT},
    )
    issue(at=timezone.now() - timedelta(days=366))
    with pytest.raises(CommandError, match=r"Failed: broken\."):
        run()
    assert License.objects.get().status == "EXPIRED"


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "25:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="no time"):
        run("--at", text)
