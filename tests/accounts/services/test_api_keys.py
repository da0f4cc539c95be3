from datetime import timedelta

import pytest

from accounts.access import Credential
from accounts.models import ApiKey
from accounts.services.api_keys import create_api_key, find_api_key, revoke_api_key
from events.models import Event
from events.refusals import Refusal
from tests import factories
from tests.clock import NOW
from tests.factories import STAFF

pytestmark = pytest.mark.django_db


def make(**given):
    asked = {"name": "crm", "scopes": ["licenses:read"], "at": NOW, "origin": STAFF} | given
    return create_api_key(**asked)


def test_a_key_is_found_again_by_its_plain_form_only():
    key, plain = make()
    assert find_api_key(plain=plain, at=NOW) == key
    with pytest.raises(Refusal, match="INVALID_API_KEY"):
        find_api_key(plain=plain + "x", at=NOW)


def test_the_plain_key_is_kept_nowhere():
    key, plain = make()
    kept = [*ApiKey.objects.values(), *Event.objects.values()]
    assert plain.startswith("lp_")
    assert len(plain) == 46
    assert plain not in str(kept)
    assert key.key_hint.endswith(plain[-4:])


@pytest.mark.parametrize("given", [
    {"name": "  "},
    {"scopes": []},
    {"scopes": ["licenses:fly"]},
    {"expires_at": NOW},
])  # fmt: skip
def test_an_impossible_key_is_not_made(given):
    with pytest.raises(Refusal, match="VALIDATION_ERROR") as refused:
        make(**given)
    assert refused.value.details.keys() == given.keys()
    assert not ApiKey.objects.exists()
    assert not Event.objects.exists()


def test_a_key_ends_at_its_time():
    _, plain = make(expires_at=NOW + timedelta(days=1))
    find_api_key(plain=plain, at=NOW + timedelta(hours=23))
    with pytest.raises(Refusal, match="INVALID_API_KEY"):
        find_api_key(plain=plain, at=NOW + timedelta(days=1))


def test_a_revoked_key_ends_for_good_and_once():
    key, plain = make(tenant=factories.make_tenant())
    revoke_api_key(key_id=key.pk, at=NOW, origin=STAFF)
    revoke_api_key(key_id=key.pk, at=NOW + timedelta(days=1), origin=STAFF)
    with pytest.raises(Refusal, match="INVALID_API_KEY"):
        find_api_key(plain=plain, at=NOW)
    assert [event.type for event in Event.objects.order_by("sequence")] == [
        "api_key.created",
        "api_key.revoked",
    ]


def test_keys_of_a_tenant_that_was_switched_off_do_not_work():
    tenant = factories.make_tenant()
    _, plain = make(tenant=tenant)
    tenant.active = False
    tenant.save()
    with pytest.raises(Refusal, match="INVALID_API_KEY"):
        find_api_key(plain=plain, at=NOW)


def test_use_is_noted_now_and_then(django_assert_num_queries):
    key, plain = make()
    find_api_key(plain=plain, at=NOW)
    with django_assert_num_queries(1):
        find_api_key(plain=plain, at=NOW + timedelta(minutes=4))
    find_api_key(plain=plain, at=NOW + timedelta(minutes=6))
    key.refresh_from_db()
    assert key.last_used_at == NOW + timedelta(minutes=6)


def test_a_key_may_no_more_than_its_maker():
    maker = Credential.of_api_key(make(scopes=["events:read", "api_keys:write"])[0])
    for wanted in ("licenses:read", "*"):
        with pytest.raises(Refusal) as refused:
            make(scopes=["events:read", wanted], maker=maker)
        assert (refused.value.code, refused.value.details) == ("SCOPE_REQUIRED", {"scope": wanted})
    assert ApiKey.objects.count() == 1
    assert make(scopes=["events:read"], maker=maker)[0].scopes == ["events:read"]
