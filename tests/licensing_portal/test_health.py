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


@pytest.fixture
def numbers(client, settings):
    """What Prometheus reads."""
    settings.METRICS_TOKEN = "scrape-0123456789"

    def read():
        return client.get("/metrics", headers={"Authorization": "Bearer scrape-0123456789"})

    return read


def test_metrics_count_requests_by_route(client, numbers):
    client.get("/healthz")
    text = numbers().content.decode()
    assert 'portal_requests_total{method="GET",route="healthz",status="200"}' in text


def test_an_invented_method_makes_no_series_of_its_own(client, numbers):
    client.generic("BREW", "/healthz")
    text = numbers().content.decode()
    assert 'method="OTHER"' in text
    assert "BREW" not in text


@pytest.mark.parametrize("sent", [{}, {"Authorization": ""}, {"Authorization": "Bearer other"}])
def test_server_21_metrics_are_told_to_who_holds_the_token(client, numbers, sent):
    answer = client.get("/metrics", headers=sent)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert b"portal_requests" not in answer.content


def test_without_a_token_there_are_metrics_with_debug_only(client, settings):
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    settings.DEBUG = True
    assert client.get("/metrics").status_code == 200
