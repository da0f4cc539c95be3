"""Counters: what the trail is told of them, and what counting costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event
from licenses.services import quotas
from tests.clock import NOW

pytestmark = pytest.mark.django_db


def marks(license):
    rows = Event.objects.of_license(license.pk).filter(type="usage.at").order_by("sequence")
    return [row.changes["percent"]["after"] for row in rows]


def test_without_a_limit_no_share_is_ever_reached(metered):
    world = metered(limit=None)
    world.consume(10**12)
    assert marks(world.license) == []


def test_each_share_of_a_quota_that_is_reached_is_told_once(metered):
    world = metered(limit=100)
    for amount in (74, 1, 14, 1, 9):
        world.consume(amount)
    assert marks(world.license) == [75, 90]
    world.consume(1)
    world.refusal()
    assert marks(world.license) == [75, 90, 100]
    event = Event.objects.of_license(world.license.pk).get(changes__percent__after=90)
    assert event.changes == {
        "feature_id": {"before": None, "after": "exports"},
        "limit": {"before": None, "after": "100"},
        "percent": {"before": None, "after": 90},
        "used": {"before": "89", "after": "90"},
    }
    assert (event.tenant_id, event.ip_address_sealed) == (world.license.tenant_id, "")


def test_one_step_over_several_shares_tells_the_gravest(metered):
    world = metered(limit=4)
    world.consume(4)
    assert marks(world.license) == [100]


def test_a_share_that_is_reached_again_is_told_again(metered):
    world = metered(limit=4, period="DAY")
    world.consume(3)
    world.consume(3, at=NOW + timedelta(days=1))
    assert marks(world.license) == [75, 75]


def test_consuming_what_is_known_is_one_statement_where_the_engine_has_one(metered):
    world = metered(limit=100)
    counted = []
    for amount in (73, 1, 1, 1):
        asked = world._asked(amount, NOW, "exports")
        with CaptureQueriesContext(connection) as ran:
            quotas.consume(**asked)
        counted.append(len(ran))
    # One more where a share of the limit is reached, which the trail is told.
    assert counted == [1, 1, 2, 1] or connection.vendor == "sqlite"
    assert marks(world.license) == [75]
