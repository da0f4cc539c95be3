import pytest
from django.utils import timezone

from licensing_portal.celery import BEAT
from licensing_portal.models import JobRun


def test_healthz_needs_nothing(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_readyz_names_every_job_of_the_beat_table(client, monkeypatch):
    monkeypatch.setitem(BEAT, "tick", {"task": "tests.tick", "schedule": 60})
    assert client.get("/readyz").json()["jobs"]["tests.tick"] == {"state": "never ran"}
    JobRun.objects.create(name="tests.tick", started_at=timezone.now(), ok=False)
    assert client.get("/readyz").json()["jobs"]["tests.tick"]["state"] == "failed"


@pytest.mark.django_db
def test_readyz_shows_redis_away_and_stays_ready(client, settings, redis_url):
    settings.REDIS_URL = redis_url
    assert client.get("/readyz").json()["redis"] == "ok"
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["redis"]) == (200, "away")


def test_metrics_count_requests_by_route(client):
    client.get("/healthz")
    text = client.get("/metrics").content.decode()
    assert 'portal_requests_total{method="GET",route="healthz",status="200"}' in text


def test_an_invented_method_makes_no_series_of_its_own(client):
    client.generic("BREW", "/healthz")
    text = client.get("/metrics").content.decode()
    assert 'method="OTHER"' in text
    assert "BREW" not in text
