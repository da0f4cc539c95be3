import html
import re

import pytest
import time_machine
from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from events.models import Event, WebhookEndpoint
from events.services.webhooks import endpoints, signing
from tests import factories
from tests.clock import NOW
from tests.receiving import receiver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def there():
    with receiver() as told:
        yield told


@pytest.fixture
def tenant():
    return factories.make_tenant()


@pytest.fixture
def owner(tenant):
    return signed_in(tenant)


def signed_in(tenant, *, lately=True):
    client, member = Client(), factories.make_member(tenant)
    client.force_login(member)
    if lately:
        request = HttpRequest()
        request.session = client.session
        record_authentication(request, member, "password", reauthenticated=True)
        request.session.save()
    return client


def make(tenant, there):
    return endpoints.create_endpoint(
        url=there.url,
        event_types=["license.*"],
        tenant_id=tenant.pk,
        at=NOW,
        origin=factories.STAFF,
    )[0]


def address(name, tenant, endpoint=None, **ids):
    given = {"code": tenant.code, **ids} | ({"endpoint_id": endpoint.pk} if endpoint else {})
    return reverse(f"portal:{name}", kwargs=given)


def shown_secret(answer):
    return html.unescape(re.search(r"(whsec_[^<]+)<", answer.content.decode())[1])


def test_an_address_is_added_and_its_secret_shown_once(owner, tenant, there):
    form = {"url": there.url, "description": "CRM", "event_types": ["license.*", "order.*"]}
    answer = owner.post(address("webhook-add", tenant), form)
    endpoint = WebhookEndpoint.objects.get()
    assert signing.secrets_of(endpoint, NOW) == [shown_secret(answer)]
    assert "no-store" in answer["Cache-Control"]
    assert (endpoint.tenant, endpoint.event_types) == (tenant, ["license.*", "order.*"])
    for page in (address("webhooks", tenant), address("webhook", tenant, endpoint)):
        text = owner.get(page).content.decode()
        assert "CRM" in text
        assert "whsec_" not in text


def test_who_has_not_shown_the_password_lately_is_asked_before_a_secret_is_made(tenant, there):
    client = signed_in(tenant, lately=False)
    answer = client.post(address("webhook-add", tenant), {"url": there.url, "event_types": ["*"]})
    assert answer.status_code == 302
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize(("field", "value", "words"), [
    ("url", "https://192.168.1.9/", "private network"), ("url", "", "required"),
    ("url", "ftp://x/", "An address as https://"), ("event_types", [], "required"),
    ("event_types", ["nonsense"], "not one of the available choices"),
], ids=str)  # fmt: skip
def test_what_is_refused_stands_at_its_field(field, value, words, owner, tenant, there):
    form = {"url": there.url, "event_types": ["*"]} | {field: value}
    answer = owner.post(address("webhook-add", tenant), form)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_more_than_there_may_be_are_refused_in_words(owner, tenant, there, monkeypatch):
    monkeypatch.setattr(endpoints, "MOST_PER_TENANT", 0)
    answer = owner.post(address("webhook-add", tenant), {"url": there.url, "event_types": ["*"]})
    assert answer.status_code == 400
    assert "There are as many as there may be" in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_types_that_were_asked_for_elsewhere_survive_a_change(owner, tenant, there):
    endpoint = make(tenant, there)
    WebhookEndpoint.objects.update(event_types=["license.renewed", "order.*"])
    page = address("webhook-change", tenant, endpoint)
    assert "license.renewed" in owner.get(page).content.decode()
    form = {"url": there.url, "description": "x", "event_types": ["license.renewed"]}
    assert owner.post(page, form).status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.event_types, endpoint.description) == (["license.renewed"], "x")


def test_a_test_is_sent_and_told_in_words(owner, tenant, there):
    page = address("webhook", tenant, make(tenant, there))
    answer = owner.post(page, {"act": "test"}, follow=True)
    assert "The test arrived: answer 200." in answer.content.decode()
    there.status = 500
    answer = owner.post(page, {"act": "test"}, follow=True)
    assert "It answered with an error. (500)" in answer.content.decode()


def test_it_is_switched_off_and_on(owner, tenant, there):
    endpoint = make(tenant, there)
    page = address("webhook", tenant, endpoint)
    for act, words in (("off", "Switched off"), ("on", "Listens"), ("nonsense", "Listens")):
        assert words in owner.post(page, {"act": act}, follow=True).content.decode()
    acts = Event.objects.filter(type__startswith="webhook_", actor_kind="member")
    assert list(acts.order_by("sequence").values_list("type", flat=True)) == [
        "webhook_endpoint.disabled", "webhook_endpoint.enabled",
    ]  # fmt: skip


def test_a_new_secret_is_shown_once(owner, tenant, there):
    endpoint = make(tenant, there)
    secret = shown_secret(owner.post(address("webhook-secret", tenant, endpoint)))
    endpoint.refresh_from_db()
    assert signing.secrets_of(endpoint, NOW)[0] == secret


def test_what_it_was_told_is_listed_and_sent_again(owner, tenant, there):
    endpoint = make(tenant, there)
    factories.issue(tenant=tenant)
    delivery = endpoint.deliveries.create(
        event=Event.objects.get(type="license.issued"), queued_at=NOW, due_at=NOW,
        state="FAILED", attempts=10, error="TLS",
    )  # fmt: skip
    text = owner.get(address("webhook", tenant, endpoint)).content.decode()
    assert "license.issued" in text
    assert "Its certificate is not valid." in text
    again = address("webhook-again", tenant, endpoint, delivery_id=delivery.pk)
    assert "Send it again?" in owner.get(again).content.decode()
    assert "sent again within seconds" in owner.post(again, follow=True).content.decode()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("WAITING", 0)
    WebhookEndpoint.objects.update(disabled_at=NOW, disabled_because="GONE")
    assert "switch it on first" in owner.post(again, follow=True).content.decode()
