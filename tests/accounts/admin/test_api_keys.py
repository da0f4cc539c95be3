import re

import pytest
from django.urls import reverse

from accounts.models import ApiKey
from accounts.services.api_keys import create_api_key, find_api_key
from events.models import Event
from events.refusals import Refusal
from tests.clock import NOW
from tests.factories import STAFF, make_tenant
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
ADD = "/admin/accounts/apikey/add/"


def test_a_key_is_shown_once_in_an_answer_that_nobody_stores():
    client = signed_in(superuser=True)
    tenant = make_tenant()
    form = {"name": "Billing", "tenant": tenant.pk, "scopes": ["licenses:read", "orders:write"]}
    answer = client.post(ADD, form)
    plain = re.search(r'key--open">([^<]+)<', answer.content.decode())[1]
    assert "no-store" in answer["Cache-Control"]
    key = find_api_key(plain=plain, at=NOW)
    assert (key.name, key.tenant, key.scopes) == ("Billing", tenant, form["scopes"])
    for page in ("changelist", "change"):
        args = [key.pk] if page == "change" else []
        html = client.get(reverse(f"admin:accounts_apikey_{page}", args=args)).content.decode()
        assert key.key_hint in html
        assert plain not in html


def test_nobody_gives_a_key_more_than_they_hold():
    client = signed_in("api_keys:write", "licenses:read")
    for scopes in (["licenses:reveal"], ["*"]):
        answer = client.post(ADD, {"name": "Billing", "scopes": scopes})
        assert answer.status_code == 200
    assert not ApiKey.objects.exists()
    client.post(ADD, {"name": "Billing", "scopes": ["licenses:read"]})
    assert ApiKey.objects.get().scopes == ["licenses:read"]


def test_an_end_that_has_passed_is_refused_in_words():
    client = signed_in(superuser=True)
    form = {
        "name": "Billing",
        "scopes": ["licenses:read"],
        "expires_at_0": "2020-01-01",
        "expires_at_1": "00:00",
    }
    assert "already passed" in client.post(ADD, form).content.decode()
    assert not ApiKey.objects.exists()


def test_a_revoked_key_works_never_again():
    client = signed_in(superuser=True)
    key, plain = create_api_key(name="Billing", scopes=["licenses:read"], at=NOW, origin=STAFF)
    revoke = reverse("admin:accounts_apikey_revoke", args=[key.pk])
    assert client.get(revoke).status_code == 405
    client.post(revoke)
    with pytest.raises(Refusal):
        find_api_key(plain=plain, at=NOW)
    assert Event.objects.latest("sequence").type == "api_key.revoked"
    page = client.get(reverse("admin:accounts_apikey_change", args=[key.pk])).content.decode()
    assert "Revoke this key" not in page


def test_a_key_that_does_not_exist_is_told_of():
    client = signed_in(superuser=True)
    answer = client.post(reverse("admin:accounts_apikey_revoke", args=[make_tenant().pk]))
    assert answer.status_code == 302
