from datetime import timedelta

import pytest

from events.models import Event, WebhookDelivery
from events.refusals import Refusal
from events.services.webhooks import endpoints, replaying
from tests.clock import NOW
from tests.factories import STAFF, issue, make_tenant

pytestmark = pytest.mark.django_db(transaction=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def since(endpoint, moment, at=NOW + DAY):
    return replaying.replay_since(endpoint_id=endpoint.pk, since=moment, at=at, origin=STAFF)


def one(endpoint, delivery_id, at=NOW + HOUR):
    return replaying.replay_one(
        endpoint_id=endpoint.pk, delivery_id=delivery_id, at=at, origin=STAFF
    )


def test_one_delivery_is_sent_again_as_the_same_message(there, listening, deliver):
    endpoint = listening(there)
    issue()
    deliver()
    one(endpoint, WebhookDelivery.objects.get().pk)
    deliver(NOW + HOUR)
    ids = [headers["webhook-id"] for headers, _ in there.got]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    told = Event.objects.get(type="webhook_endpoint.replayed")
    assert told.changes["delivery"]["after"] == str(WebhookDelivery.objects.get().pk)


def test_what_is_given_up_has_all_its_tries_again(there, listening, deliver):
    endpoint = listening(there)
    issue()
    deliver()
    WebhookDelivery.objects.update(state="FAILED", attempts=10)
    there.status = 500
    one(endpoint, WebhookDelivery.objects.get().pk)
    deliver(NOW + HOUR)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("WAITING", 1)


def test_what_is_just_being_sent_is_not_sent_twice(there, listening, deliver):
    endpoint = listening(there)
    issue()
    deliver()
    WebhookDelivery.objects.update(state="SENDING", claimed_at=NOW)
    assert one(endpoint, WebhookDelivery.objects.get().pk).state == "SENDING"
    assert not Event.objects.filter(type="webhook_endpoint.replayed").exists()


def test_all_since_a_moment_is_sent_again_and_what_was_missed_as_well(there, listening, deliver):
    tenant = make_tenant()
    issue(tenant=tenant, at=NOW - 5 * DAY)
    missed = issue(tenant=tenant, at=NOW - 2 * HOUR).license
    issue(at=NOW - HOUR)
    endpoint = listening(there, "license.issued", tenant_id=tenant.pk)
    heard = issue(tenant=tenant, at=NOW + HOUR).license
    deliver(NOW + HOUR)
    assert len(there.got) == 1
    assert since(endpoint, NOW - DAY) == 2
    deliver(NOW + DAY)
    told = [message["data"]["license_id"] for message in there.messages]
    assert told == [str(heard.pk), str(heard.pk), str(missed.pk)] or told == [
        str(heard.pk), str(missed.pk), str(heard.pk),
    ]  # fmt: skip
    assert WebhookDelivery.objects.count() == 2
    assert Event.objects.get(type="webhook_endpoint.replayed").changes["deliveries"]["after"] == 2


@pytest.mark.parametrize("moment", [NOW - 31 * DAY, NOW + 2 * DAY], ids=["too old", "to come"])
def test_a_moment_that_cannot_be_is_refused(moment, there, listening):
    endpoint = listening(there)
    with pytest.raises(Refusal) as caught:
        since(endpoint, moment)
    assert (caught.value.code, list(caught.value.details)) == ("VALIDATION_ERROR", ["since"])
    assert not WebhookDelivery.objects.exists()


def test_more_than_is_sent_at_a_time_is_refused(there, listening, monkeypatch):
    monkeypatch.setattr(replaying, "MOST", 2)
    endpoint = listening(there)
    for _ in range(3):
        issue()
    with pytest.raises(Refusal) as caught:
        since(endpoint, NOW)
    assert "more than 2 deliveries" in caught.value.details["since"][0]
    assert not WebhookDelivery.objects.exists()


def test_nothing_is_replayed_to_who_is_switched_off_or_to_another(there, listening, deliver):
    endpoint, other = listening(there), listening(there)
    issue()
    deliver()
    foreign = other.deliveries.get()
    with pytest.raises(Refusal, match="WEBHOOK_DELIVERY_NOT_FOUND"):
        one(endpoint, foreign.pk)
    endpoints.change_endpoint(
        endpoint_id=endpoint.pk, fields={"active": False}, at=NOW, origin=STAFF
    )
    for act in (lambda: since(endpoint, NOW), lambda: one(endpoint, endpoint.deliveries.get().pk)):
        with pytest.raises(Refusal, match="WEBHOOK_ENDPOINT_DISABLED"):
            act()
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"DELIVERED"}
    assert not Event.objects.filter(type="webhook_endpoint.replayed").exists()


def test_the_first_event_since_a_moment_is_found_by_halving(there, listening):
    for hours in range(20):
        issue(at=NOW + hours * HOUR)
    for hours in (0, 7, 19):
        first = Event.objects.filter(recorded_at__gte=NOW + hours * HOUR).earliest("sequence")
        before = Event.objects.filter(sequence__lt=first.sequence).last()
        found = replaying._first_since(NOW + hours * HOUR)
        assert (before.sequence if before else -1) < found <= first.sequence
    assert replaying._first_since(NOW + 99 * HOUR) <= Event.objects.latest("sequence").sequence
