"""What devices used, as answers show it."""

import json

import pytest

from accounts.services.api_keys import create_api_key
from licenses.models import Activation
from licenses.selectors.usage import metrics_of
from licenses.services import heartbeat
from tests.clock import NOW
from tests.factories import STAFF, activate, issue

pytestmark = pytest.mark.django_db


def test_counters_show_their_sum_and_gauges_what_they_last_were(client) -> None:
    found = activate(issue().key).snapshot
    for users, calls in ((9, 4), (3, 6)):
        told = {
            "api_calls_count": calls,
            "feature_usage": {"export": calls / 2},
            "peak_concurrent_users": users,
            "active_users": users,
            "last_used_at": "2026-03-14T09:00:00Z",
        }
        heartbeat.record(found, heartbeat.read_metrics(told), at=NOW)
    heartbeat.flush(at=NOW)

    assert metrics_of(Activation.objects.get().usage_totals.all()) == {
        "api_calls_count": 6,
        "data_processed_mb": 0,
        "total_runtime_hours": 0,
        "feature_usage": {"export": 3},
        "peak_concurrent_users": 9,
        "active_users": 3,
        "last_used_at": NOW.replace(minute=0, second=0),
    }
    _, key = create_api_key(name="ops", scopes=["activations:read"], at=NOW, origin=STAFF)
    answer = client.get(
        f"/api/licensing/activations/{found.device.id}", headers={"Authorization": f"Bearer {key}"}
    )
    shown = json.loads(answer.content)["data"]
    assert shown["usage_metrics"]["feature_usage"] == {"export": 3}
    assert shown["usage_metrics"]["last_used_at"] == "2026-03-14T09:00:00Z"
    assert shown["last_heartbeat"] == "2026-03-14T09:26:53Z"


def test_a_device_that_told_a_part_shows_the_rest_as_nothing_used() -> None:
    found = activate(issue().key).snapshot
    rows = Activation.objects.get().usage_totals
    assert metrics_of(rows.all()) == {}

    heartbeat.record(found, heartbeat.read_metrics({"storage_used": 5}), at=NOW)
    heartbeat.flush(at=NOW)

    assert metrics_of(rows.all()) == {
        "api_calls_count": 0,
        "data_processed_mb": 0,
        "total_runtime_hours": 0,
        "feature_usage": {},
        "last_used_at": NOW,
        "storage_used": 5,
    }
