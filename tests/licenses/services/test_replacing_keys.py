"""Signing keys that go before their time."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from events.models import Event
from events.refusals import Refusal
from events.trail import SYSTEM
from licenses.models import KeyState, Product, SigningKey
from licenses.selectors import signers
from licenses.services.replacing_keys import compromise, rotate_now
from licenses.services.signing_keys import (
    PUBLISHED_AHEAD,
    SIGNS_FOR,
    keep_ahead,
    signer_for,
)
from licenses.signing import Distrusted, Kind, Purpose, certified, opened, signed
from tests.clock import NOW
from tests.factories import STAFF, make_product

pytestmark = pytest.mark.django_db
SOON = NOW + SIGNS_FOR - PUBLISHED_AHEAD
DAY = timedelta(days=1)


def first_of(product: Product) -> SigningKey:
    signer = signer_for(product_id=product.pk, at=NOW, origin=SYSTEM)
    return SigningKey.objects.get(kid=signer.kid)


def events() -> list[str]:
    return list(Event.objects.order_by("sequence").values_list("type", flat=True))


def test_rotating_now_lets_the_next_key_sign_and_the_old_one_verify() -> None:
    product = make_product()
    key = first_of(product)
    text = signed(
        Kind.LICENSE_FILE,
        {"aud": product.product_id},
        signer=signer_for(product_id=product.pk, at=NOW, origin=SYSTEM),
        issued_at=NOW,
        expires_at=NOW + DAY,
    )
    following = keep_ahead(product_id=product.pk, at=SOON, origin=SYSTEM)
    assert following is not None
    signing = rotate_now(key_id=key.pk, reason="Drill.", at=SOON, origin=STAFF)
    key.refresh_from_db()
    assert signing == following
    assert (key.state_at(SOON), signing.state_at(SOON)) == (KeyState.RETIRED, KeyState.ACTIVE)
    signers.look_again()
    assert signer_for(product_id=product.pk, at=SOON, origin=SYSTEM).kid == following.kid
    assert opened(text, Kind.LICENSE_FILE, roots=signers.roots(), at=NOW)
    # Its own certificate lets the next one sign early.
    assert certified(following.certificate, roots=signers.roots()).not_before == SOON


def test_rotating_now_makes_the_key_that_does_not_wait_yet() -> None:
    product = make_product()
    key = first_of(product)
    signing = rotate_now(key_id=key.pk, reason="Drill.", at=NOW, origin=STAFF)
    assert signing.pk != key.pk
    assert SigningKey.objects.of(Purpose.PRODUCT, product.pk).signing(NOW).get() == signing
    assert events()[-2:] == ["signing_key.created", "signing_key.rotated"]
    assert Event.objects.order_by("sequence").last().reason == "Drill."


def test_rotating_a_key_that_signs_no_more_changes_nothing() -> None:
    key = first_of(make_product())
    signing = rotate_now(key_id=key.pk, reason="Drill.", at=NOW + DAY, origin=STAFF)
    before = list(SigningKey.objects.order_by("pk").values()), events()
    assert rotate_now(key_id=key.pk, reason="Again.", at=NOW + 2 * DAY, origin=STAFF) == signing
    assert (list(SigningKey.objects.order_by("pk").values()), events()) == before


def test_a_compromised_key_verifies_nothing_and_the_next_one_signs_at_once() -> None:
    product = make_product()
    key = first_of(product)
    text = signed(
        Kind.LICENSE_FILE,
        {"aud": product.product_id},
        signer=signer_for(product_id=product.pk, at=NOW, origin=SYSTEM),
        issued_at=NOW,
        expires_at=NOW + DAY,
    )
    told = compromise(key_id=key.pk, reason="Stolen.", at=NOW, origin=STAFF)
    assert (told.state_at(NOW), told.compromise_reason) == (KeyState.COMPROMISED, "Stolen.")
    signers.look_again()
    successor = signer_for(product_id=product.pk, at=NOW, origin=SYSTEM)
    assert successor.kid != key.kid
    with pytest.raises(Distrusted, match="KEY_REVOKED"):
        opened(
            text,
            Kind.LICENSE_FILE,
            roots=signers.roots(),
            at=NOW,
            revoked=signers.compromised(),
        )
    assert events()[-2:] == ["signing_key.compromised", "signing_key.created"]


def test_compromised_twice_is_once_and_the_first_reason_stands() -> None:
    key = first_of(make_product())
    compromise(key_id=key.pk, reason="Stolen.", at=NOW, origin=STAFF)
    before = list(SigningKey.objects.order_by("pk").values()), events()
    again = compromise(key_id=key.pk, reason="Again.", at=NOW + DAY, origin=STAFF)
    assert (again.compromised_at, again.compromise_reason) == (NOW, "Stolen.")
    assert (list(SigningKey.objects.order_by("pk").values()), events()) == before


def test_the_next_key_compromised_leaves_the_one_that_signs() -> None:
    product = make_product()
    key = first_of(product)
    following = keep_ahead(product_id=product.pk, at=SOON, origin=SYSTEM)
    assert following is not None
    compromise(key_id=following.pk, reason="Stolen.", at=SOON, origin=STAFF)
    assert SigningKey.objects.of(Purpose.PRODUCT, product.pk).signing(SOON).get() == key
    # And the job makes another one in time.
    another = keep_ahead(product_id=product.pk, at=SOON, origin=SYSTEM)
    assert another is not None
    assert another.active_from == key.signs_until


def test_without_a_root_here_the_waiting_key_steps_in_and_no_other_can(
    settings: LazySettings,
) -> None:
    product = make_product()
    key = first_of(product)
    following = keep_ahead(product_id=product.pk, at=SOON, origin=SYSTEM)
    assert following is not None
    settings.SIGNING_ROOT = "offline"
    compromise(key_id=key.pk, reason="Stolen.", at=SOON, origin=STAFF)
    assert SigningKey.objects.of(Purpose.PRODUCT, product.pk).signing(SOON).get() == following
    with pytest.raises(Refusal, match="SIGNING_ROOT_ABSENT"):
        rotate_now(key_id=following.pk, reason="Drill.", at=SOON, origin=STAFF)
    following.refresh_from_db()
    assert following.state_at(SOON) == KeyState.ACTIVE
    # Not to be believed is not to be believed, whether or not another can sign.
    compromise(key_id=following.pk, reason="Stolen.", at=SOON, origin=STAFF)
    signers.look_again()
    with pytest.raises(Refusal, match="SIGNING_ROOT_ABSENT"):
        signer_for(product_id=product.pk, at=SOON, origin=SYSTEM)


@pytest.mark.parametrize("act", [rotate_now, compromise])
def test_no_reason_and_no_key_are_refused_and_change_nothing(act: object) -> None:
    key = first_of(make_product())
    before = list(SigningKey.objects.values()), events()
    for key_id, reason, code in [
        (key.pk, " ", "VALIDATION_ERROR"),
        (make_product().pk, "Drill.", "SIGNING_KEY_NOT_FOUND"),
    ]:
        with pytest.raises(Refusal) as refused:
            act(key_id=key_id, reason=reason, at=NOW, origin=STAFF)  # type: ignore[operator]
        assert refused.value.code == code
    assert (list(SigningKey.objects.values()), events()) == before
