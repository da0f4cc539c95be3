"""Many who send at once send each event once, and who dies over one lets it be sent again."""

from datetime import timedelta

import pytest
from django.db import connection

from events.models import WebhookDelivery
from events.services.webhooks import endpoints, feeding, sending
from events.services.webhooks.sending import Outcome
from events.tasks import deliver_webhooks
from licenses.services import lifecycle
from tests.clock import NOW
from tests.factories import STAFF, issue
from tests.races.killed import killed_while
from tests.races.threads import at_once
from tests.receiving import receiver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def there():
    with receiver() as told:
        yield told


def listen(there, *types):
    asked = types or ["license.*"]
    return endpoints.create_endpoint(url=there.url, event_types=asked, at=NOW, origin=STAFF)[0]


def parked_and_unparked(times):
    license = issue().license
    for _ in range(times):
        for act in (lifecycle.park_license, lifecycle.unpark_license):
            act(license_id=license.pk, reason="x", at=NOW, origin=STAFF)
    return license


def test_many_senders_send_each_event_once_and_each_licences_in_order(there):
    there.waits = 0.01
    endpoint = listen(there)
    licenses = [str(parked_and_unparked(3).pk) for _ in range(4)]
    feeding.feed_next(at=NOW)

    def send():
        # Whoever finds every licence taken looks again: one of its events is being sent.
        while WebhookDelivery.objects.filter(state__in=["WAITING", "SENDING"]).exists():
            sending.send_next(endpoint_id=endpoint.pk, at=NOW)
            connection.close()

    at_once(*[send] * 4)
    assert len(there.got) == 4 * 7
    ids = [headers["webhook-id"] for headers, _ in there.got]
    assert len(set(ids)) == len(ids)
    for license in licenses:
        told = [m["type"] for m in there.messages if m["data"]["license_id"] == license]
        assert told == ["license.issued"] + ["license.parked", "license.unparked"] * 3
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"DELIVERED"}


def test_of_many_who_claim_one_delivery_one_sends_it(there):
    endpoint = listen(there)
    issue()
    feeding.feed_next(at=NOW)
    results = at_once(*[lambda: sending.send_next(endpoint_id=endpoint.pk, at=NOW)] * 8)
    assert results.count(Outcome.DELIVERED) == 1
    assert len(there.got) == 1
    assert WebhookDelivery.objects.get().attempts == 1


# Where the process dies: before anything left, and after it was taken but before that was noted.
MOMENTS = {
    "before it is sent": ("posting.post = die", 0),
    "after it was taken": ("sending._note = die", 1),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_a_killed_sender_held_is_delivered_all_the_same(moment, there, redis_url):
    where, already = MOMENTS[moment]
    endpoint = listen(there)
    issue()
    feeding.feed_next(at=NOW)
    killed_while(
        f"""
        import uuid
        from datetime import datetime
        from django.conf import settings
        from events.services.webhooks import posting, sending
        settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
        {where}
        sending.send_next(
            endpoint_id=uuid.UUID("{endpoint.pk}"), at=datetime.fromisoformat("{NOW.isoformat()}")
        )
        """,
        redis_url=redis_url,
    )
    assert len(there.got) == already
    assert WebhookDelivery.objects.get().state == "SENDING"
    deliver_webhooks((NOW + timedelta(minutes=1)).isoformat())
    assert len(there.got) == already
    deliver_webhooks((NOW + timedelta(minutes=2)).isoformat())
    assert len(there.got) == already + 1
    assert len({headers["webhook-id"] for headers, _ in there.got}) == 1
    assert WebhookDelivery.objects.get().state == "DELIVERED"


def test_of_many_who_add_endpoints_at_once_none_passes_the_limit(there, monkeypatch):
    monkeypatch.setattr(endpoints, "MOST_PER_TENANT", 3)
    results = at_once(*[lambda: listen(there)] * 8)
    assert [str(found) for found in results].count("WEBHOOK_ENDPOINT_LIMIT") == 5
