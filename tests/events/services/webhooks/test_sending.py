import base64
import hashlib
import hmac
from datetime import timedelta
from itertools import pairwise

import pytest
from standardwebhooks import WebhookVerificationError

from events.models import Event, WebhookDelivery, WebhookEndpoint
from events.services.webhooks import endpoints, sending
from events.tasks import prune_webhook_deliveries
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_tenant
from tests.receiving import receiver

pytestmark = pytest.mark.django_db(transaction=True)
SECOND, MINUTE, HOUR, DAY = (
    timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days")
)


@pytest.fixture(autouse=True)
def _no_jitter(monkeypatch):
    monkeypatch.setattr(sending, "_JITTER", 0)


def states():
    return list(WebhookDelivery.objects.order_by("event").values_list("state", flat=True))


def test_what_happened_is_sent_signed_as_receivers_check_it(there, listening, deliver):
    endpoint = listening(there)
    license = issue().license
    assert deliver() == {"queued": 1, "taken_back": 0, "delivered": 1, "failed": 0}
    (message,) = there.verified(endpoint.plain)
    event = Event.objects.get(type="license.issued")
    assert message["type"] == "license.issued"
    assert message["data"]["license_id"] == str(license.pk)
    headers = {name.lower(): value for name, value in there.got[0][0].items()}
    assert headers["webhook-id"] == message["data"]["id"] == str(event.event_id)
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        there.verified("whsec_" + "A" * 44)


def test_the_signature_is_the_standards_own_sum(there, listening, deliver):

    endpoint = listening(there)
    issue()
    deliver()
    headers, body = there.got[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(endpoint.plain.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_after_a_rotation_either_secret_checks(there, listening, deliver):
    endpoint = listening(there)
    _, new = endpoints.rotate_secret(endpoint_id=endpoint.pk, at=NOW, origin=STAFF)
    issue()
    deliver()
    assert there.verified(endpoint.plain) == there.verified(new)
    issue(at=NOW + DAY)
    deliver(NOW + DAY)
    del there.got[0]
    assert len(there.verified(new)) == 1
    with pytest.raises(WebhookVerificationError):
        there.verified(endpoint.plain)


def test_each_endpoint_hears_what_it_asked_for_and_what_is_its_own(listening, deliver):
    tenant, other = make_tenant(), make_tenant()
    with receiver() as all_of_it, receiver() as own, receiver() as seats:
        listening(all_of_it, "*")
        listening(own, "license.*", tenant_id=tenant.pk)
        listening(seats, "activation.created", "license.revoked")
        for each in (tenant, other):
            activate(issue(tenant=each).key)
        deliver()
        assert all_of_it.types.count("license.issued") == 2
        assert {"webhook_endpoint.created"} < set(all_of_it.types)
        assert {message["data"]["tenant_id"] for message in own.messages} == {str(tenant.pk)}
        assert set(own.types) == {"license.issued", "license.activated"} & set(own.types)
        assert seats.types == ["activation.created"] * 2


def test_nothing_secret_and_no_whole_key_is_sent(there, listening, deliver):
    endpoint = listening(there, "*")
    issued = issue()
    deliver()
    sent = b"".join(body for _, body in there.got).decode()
    assert issued.key not in sent
    assert endpoint.plain not in sent


def test_what_was_written_before_it_listened_is_not_told(there, listening, deliver):
    issue(at=NOW - SECOND)
    listening(there)
    deliver()
    assert there.got == []


def test_what_fails_is_tried_for_three_days_and_then_given_up(listening, deliver):
    with receiver(status=500, says=b"out of order") as there:
        listening(there)
        issue()
        at, tried = NOW, [NOW]
        for _ in range(len(sending.WAITS)):
            deliver(at)
            at = WebhookDelivery.objects.get().due_at
            deliver(at - SECOND)
            tried.append(at)
        deliver(at)
        assert len(there.got) == len(tried) == 10
        assert len({headers["webhook-id"] for headers, _ in there.got}) == 1
        deliver(at + DAY)
        assert len(there.got) == 10
    waits = tuple(later - earlier for earlier, later in pairwise(tried))
    assert waits == sending.WAITS
    assert 2.9 * DAY < tried[-1] - NOW < 3.1 * DAY
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("FAILED", 10)
    assert (delivery.response_status, delivery.error) == (500, "STATUS")
    assert delivery.response_excerpt == "out of order"


def test_each_wait_is_a_little_longer_than_stated(listening, deliver, monkeypatch):
    monkeypatch.setattr(sending, "_JITTER", 0.1)
    with receiver(status=500) as there:
        listening(there)
        issue()
        deliver()
    wait = WebhookDelivery.objects.get().due_at - NOW
    assert 5 * SECOND <= wait <= 5.5 * SECOND


@pytest.mark.parametrize(("said", "wait"), [
    ("120", 2 * MINUTE), ("2", 5 * SECOND), ("999999999999", DAY), ("soon", 5 * SECOND),
    ("Sat, 14 Mar 2026 10:26:53 GMT", HOUR), ("Sat, 14 Mar 2020 10:26:53 GMT", 5 * SECOND),
    ("-5", 5 * SECOND), ("²", 5 * SECOND),
])  # fmt: skip
def test_who_asks_to_be_left_alone_is(said, wait, listening, deliver):
    with receiver(status=503, headers={"Retry-After": said}) as there:
        listening(there)
        issue()
        deliver()
    assert WebhookDelivery.objects.get().due_at == NOW + wait
    assert WebhookEndpoint.objects.get().resting_until == NOW + wait


def test_who_is_gone_is_switched_off_at_once(listening, deliver):
    with receiver(status=410) as there:
        endpoint = listening(there)
        issue()
        issue()
        deliver()
        deliver(NOW + DAY)
        assert len(there.got) == 1
    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.disabled_because) == (False, "GONE")
    assert states() == ["FAILED", "WAITING"]
    event = Event.objects.get(type="webhook_endpoint.disabled")
    assert (event.actor_kind, event.reason) == ("system", "GONE")


def test_who_fails_for_five_days_is_switched_off_and_who_works_in_between_is_not(
    listening, deliver
):
    with receiver(status=500) as there:
        endpoint = listening(there)
        for day in range(7):
            at = NOW + day * DAY
            there.status = 200 if day == 1 else 500
            issue(at=at)
            deliver(at)
            endpoint.refresh_from_db()
            assert endpoint.active
        deliver(NOW + 7 * DAY)
    endpoint.refresh_from_db()
    assert endpoint.disabled_because == "STEADY_FAILURE"
    assert Event.objects.filter(type="webhook_endpoint.disabled").count() == 1


def test_who_fails_rests_whatever_else_waits(listening, deliver):
    with receiver(status=500) as there, receiver() as other:
        listening(there)
        listening(other)
        for _ in range(3):
            issue()
        deliver()
        assert (len(there.got), len(other.got)) == (1, 3)
        deliver(NOW + 4 * SECOND)
        assert len(there.got) == 1
        there.status = 200
        deliver(NOW + 6 * SECOND)
        assert len(there.got) == 4
    assert WebhookEndpoint.objects.filter(failures=0, resting_until=None).count() == 2


def test_what_a_receiver_echoes_of_our_secrets_is_masked(listening, deliver):
    with receiver(status=500) as there:
        endpoint = listening(there)
        there.says = (
            f"\x00bad {endpoint.plain} {endpoint.plain[6:]}\r\n<b>".encode() + b"\xff" * 600
        )
        issue()
        deliver()
    excerpt = WebhookDelivery.objects.get().response_excerpt
    assert excerpt.startswith(" bad *** ***  <b>\ufffd")
    assert len(excerpt) == 500


def test_a_message_that_cannot_be_written_stops_no_other(there, listening, deliver, monkeypatch):
    listening(there)
    broken, fine = issue().license, issue().license
    real = sending.told

    def told(event):
        if event.license_id == broken.pk:
            raise ZeroDivisionError
        return real(event)

    monkeypatch.setattr(sending, "told", told)
    deliver()
    deliver(NOW + MINUTE)
    assert [m["data"]["license_id"] for m in there.messages] == [str(fine.pk)]
    assert WebhookDelivery.objects.get(license_id=broken.pk).error == "NOT_COMPOSED"


def test_a_claim_that_was_left_behind_is_sent_again(there, listening, deliver):
    listening(there)
    issue()
    deliver()
    WebhookDelivery.objects.update(state="SENDING", claimed_at=NOW, delivered_at=None)
    deliver(NOW + MINUTE)
    assert len(there.got) == 1
    assert deliver(NOW + 2 * MINUTE)["taken_back"] == 1
    assert len(there.got) == 2
    assert states() == ["DELIVERED"]


def test_who_comes_back_late_takes_nothing_from_who_took_over(there, listening, deliver):
    endpoint = listening(there)
    issue()
    deliver()
    WebhookDelivery.objects.update(state="WAITING", delivered_at=None)
    late = sending._claim(endpoint.pk, at=NOW)
    WebhookDelivery.objects.update(state="SENDING", attempts=late.attempts + 1)
    sending._note(late, sending.Answer("TIMEOUT"), at=NOW)
    assert states() == ["SENDING"]
    endpoint.refresh_from_db()
    assert endpoint.failures == 0


def test_a_test_is_sent_at_once_and_leaves_nothing(there, listening):
    endpoint = listening(there, "order.*")
    before = Event.objects.count()
    assert sending.send_test(endpoint_id=endpoint.pk, at=NOW).taken
    (message,) = there.verified(endpoint.plain)
    assert message["type"] == message["data"]["type"] == "webhook.test"
    assert Event.objects.count() == before
    assert not WebhookDelivery.objects.exists()


def test_the_log_is_kept_for_thirty_days(there, listening, deliver):
    listening(there)
    issue()
    deliver()
    assert prune_webhook_deliveries((NOW + 30 * DAY).isoformat()) == {"deliveries": 0}
    assert prune_webhook_deliveries((NOW + 31 * DAY).isoformat()) == {"deliveries": 1}
    assert states() == []
