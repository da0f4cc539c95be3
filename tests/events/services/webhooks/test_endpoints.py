from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from events import vault
from events.models import DeliveryState, Event, WebhookEndpoint, WebhookFeed
from events.refusals import Refusal
from events.services.webhooks import endpoints, signing
from tests.clock import NOW
from tests.factories import STAFF, issue, make_tenant

pytestmark = pytest.mark.django_db(transaction=True)
URL = "https://8.8.8.8/hook/T0KEN?for=us"


def create(**given):
    fields = {"url": URL, "event_types": ["license.*"], "at": NOW, "origin": STAFF} | given
    return endpoints.create_endpoint(**fields)


def change(endpoint, **fields):
    return endpoints.change_endpoint(endpoint_id=endpoint.pk, fields=fields, at=NOW, origin=STAFF)


def told():
    return list(Event.objects.filter(type__startswith="webhook_").order_by("sequence"))


def test_a_secret_is_given_once_and_stands_nowhere_in_clear():
    endpoint, secret = create(description=" CRM ")
    assert secret.startswith("whsec_")
    assert vault.decrypt(endpoint.secret_sealed) == secret
    assert secret not in str(WebhookEndpoint.objects.values().get())
    assert endpoint.description == "CRM"


def test_the_trail_tells_of_an_endpoint_no_more_than_its_host():
    tenant = make_tenant()
    create(tenant_id=tenant.pk)
    event = told()[0]
    assert (event.type, event.tenant_id) == ("webhook_endpoint.created", tenant.pk)
    assert event.changes["url"]["after"] == "https://8.8.8.8"
    assert "T0KEN" not in str(event.changes)


@pytest.mark.parametrize("types", [
    [], ["license"], ["license."], [".x"], ["*.*"], ["License.issued"], ["license.issued.x"],
    ["x" * 99], ["license.*", "a b"], [f"a.b{c}" for c in map(chr, range(97, 123))] * 1 + ["1.1"],
], ids=str)  # fmt: skip
def test_what_is_no_type_of_event_is_refused(types):
    with pytest.raises(Refusal) as caught:
        create(event_types=types)
    assert (caught.value.code, list(caught.value.details)) == ("VALIDATION_ERROR", ["event_types"])
    assert not WebhookEndpoint.objects.exists()
    assert not told()


def test_an_address_inside_a_private_network_is_refused_at_creation_already():
    endpoint, _ = create()
    for act in (
        lambda: create(url="https://10.1.2.3/"),
        lambda: change(endpoint, url="https://[::1]/"),
    ):
        with pytest.raises(Refusal) as caught:
            act()
        assert caught.value.details["url"]
    assert WebhookEndpoint.objects.get().url == URL
    assert [event.type for event in told()] == ["webhook_endpoint.created"]


def test_a_tenant_has_so_many_endpoints_and_no_more(monkeypatch):
    monkeypatch.setattr(endpoints, "MOST_PER_TENANT", 2)
    tenant = make_tenant()
    for number in range(2):
        create(tenant_id=tenant.pk, description=str(number))
    with pytest.raises(Refusal) as caught:
        create(tenant_id=tenant.pk)
    assert (caught.value.code, caught.value.details) == ("WEBHOOK_ENDPOINT_LIMIT", {"limit": 2})
    assert WebhookEndpoint.objects.count() == 2
    create()
    assert WebhookFeed.objects.count() == 1


def test_a_change_tells_what_changed_and_no_change_tells_nothing():
    endpoint, _ = create()
    change(endpoint, url=URL, event_types=["license.*"], description="", active=True)
    assert len(told()) == 1
    change(endpoint, event_types=["*"], description="All")
    event = told()[-1]
    assert event.type == "webhook_endpoint.updated"
    assert event.changes["event_types"] == {"before": ["license.*"], "after": ["*"]}
    assert set(event.changes) == {"id", "event_types", "description"}


def test_switched_off_and_on_it_is_forgiven():
    endpoint, _ = create()
    WebhookEndpoint.objects.update(failures=3, failing_since=NOW, resting_until=NOW)
    off = change(endpoint, active=False)
    assert (off.active, off.disabled_because) == (False, "BY_HAND")
    on = change(endpoint, active=True)
    assert (on.active, on.failures, on.failing_since, on.resting_until) == (True, 0, None, None)
    assert [event.type for event in told()[1:]] == [
        "webhook_endpoint.disabled", "webhook_endpoint.enabled",
    ]  # fmt: skip
    assert told()[1].reason == "BY_HAND"


def test_for_a_day_after_a_rotation_both_secrets_sign():
    endpoint, old = create()
    endpoint, new = endpoints.rotate_secret(endpoint_id=endpoint.pk, at=NOW, origin=STAFF)
    assert signing.secrets_of(endpoint, NOW + timedelta(hours=23)) == [new, old]
    assert signing.secrets_of(endpoint, NOW + timedelta(hours=24)) == [new]
    assert told()[-1].changes["secret"] == {"before": "***", "after": "***"}


def test_secrets_move_to_the_newest_key():
    endpoint, _ = create()
    endpoint, secret = endpoints.rotate_secret(endpoint_id=endpoint.pk, at=NOW, origin=STAFF)
    before = endpoint.secret_sealed
    assert endpoints.seal_anew() == 1
    endpoint.refresh_from_db()
    assert endpoint.secret_sealed != before
    before = endpoint.secret_sealed
    call_command("rotate_keys", stdout=StringIO())
    endpoint.refresh_from_db()
    assert endpoint.secret_sealed != before
    assert signing.secrets_of(endpoint, NOW)[0] == secret


def test_an_unknown_endpoint_is_refused():
    unknown = {"endpoint_id": make_tenant().pk, "at": NOW, "origin": STAFF}
    for act in (
        lambda: endpoints.rotate_secret(**unknown),
        lambda: endpoints.change_endpoint(fields={}, **unknown),
    ):
        with pytest.raises(Refusal, match="WEBHOOK_ENDPOINT_NOT_FOUND"):
            act()


@pytest.mark.parametrize("fields", [
    {"disabled_at": NOW}, {"disabled_because": "GONE"}, {"previous_until": NOW},
], ids=str)  # fmt: skip
def test_the_database_keeps_no_half_truth(fields):
    create()
    with pytest.raises(IntegrityError), transaction.atomic():
        WebhookEndpoint.objects.update(**fields)


def test_what_waits_when_it_is_switched_off_is_sent_when_it_is_on_again(there, listening, deliver):
    endpoint = listening(there)
    issue()
    there.status = 500
    deliver()
    change(endpoint, active=False)
    there.status = 200
    deliver(NOW + timedelta(hours=1))
    assert len(there.got) == 1
    issue(at=NOW + timedelta(hours=1))
    endpoints.change_endpoint(
        endpoint_id=endpoint.pk, fields={"active": True}, at=NOW + timedelta(hours=2), origin=STAFF
    )
    deliver(NOW + timedelta(hours=2))
    assert there.types == ["license.issued"] * 2
    assert endpoint.deliveries.get().state == DeliveryState.DELIVERED
