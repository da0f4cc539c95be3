"""Signing keys: one when it is needed, the next in time."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from events.models import Event
from events.refusals import Refusal
from events.trail import SYSTEM
from licenses.models import KeyState, RootKey, SigningKey
from licenses.selectors import signers
from licenses.services import signing_keys
from licenses.services.signing_keys import (
    PUBLISHED_AHEAD,
    SIGNS_FOR,
    keep_ahead,
    signer_for,
)
from licenses.signing import Distrusted, Kind, Purpose, certified, opened, signed
from licenses.tasks import keep_signing_keys
from tests.clock import NOW
from tests.factories import make_product

pytestmark = pytest.mark.django_db


def test_the_first_document_of_a_product_makes_its_key_and_the_root() -> None:
    product = make_product()
    made = signer_for(product_id=product.pk, at=NOW, origin=SYSTEM)
    row = SigningKey.objects.get()
    assert (row.kid, row.state_at(NOW)) == (made.kid, KeyState.ACTIVE)
    assert certified(made.certificate, roots=signers.roots()).product_id == product.product_id
    assert signer_for(product_id=product.pk, at=NOW, origin=SYSTEM) == made
    types = list(Event.objects.order_by("pk").values_list("type", flat=True))
    assert types == ["root_key.trusted", "signing_key.created"]


def test_no_private_key_stands_readable_in_the_database_or_the_file(
    settings: LazySettings,
) -> None:
    made = signer_for(product_id=make_product().pk, at=NOW, origin=SYSTEM)
    raw = made.key.private_bytes_raw()
    stored = SigningKey.objects.get().private_ciphertext
    kept = settings.ROOTS_DIR / f"{RootKey.objects.get().kid}.key"
    assert raw.hex() not in stored
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text().startswith("gAAAA")


def test_the_next_key_is_published_a_week_before_it_signs() -> None:
    product = make_product()
    first = signer_for(product_id=product.pk, at=NOW, origin=SYSTEM)
    end = NOW + SIGNS_FOR
    early = end - PUBLISHED_AHEAD - timedelta(seconds=1)
    assert keep_ahead(product_id=product.pk, at=early, origin=SYSTEM) is None
    in_time = end - PUBLISHED_AHEAD
    following = keep_ahead(product_id=product.pk, at=in_time, origin=SYSTEM)
    assert following is not None
    assert following.state_at(in_time) == KeyState.NEXT
    assert keep_ahead(product_id=product.pk, at=in_time, origin=SYSTEM) is None
    last_moment = end - timedelta(seconds=1)
    assert signer_for(product_id=product.pk, at=last_moment, origin=SYSTEM).kid == first.kid
    assert signer_for(product_id=product.pk, at=end, origin=SYSTEM).kid == following.kid


def test_a_document_of_a_retired_key_is_believed_to_its_end() -> None:
    product = make_product()
    first = signer_for(product_id=product.pk, at=NOW, origin=SYSTEM)
    last = NOW + SIGNS_FOR - timedelta(seconds=1)
    text = signed(
        Kind.LICENSE_FILE,
        {"aud": product.product_id},
        signer=first,
        issued_at=last,
        expires_at=last + timedelta(days=400),
    )
    late = last + timedelta(days=399)
    assert opened(text, Kind.LICENSE_FILE, roots=signers.roots(), at=late)
    with pytest.raises(Distrusted, match="FILE_EXPIRED"):
        opened(text, Kind.LICENSE_FILE, roots=signers.roots(), at=last + timedelta(days=400))


def test_without_a_root_here_no_key_is_made(settings: LazySettings) -> None:
    settings.SIGNING_ROOT = "offline"
    with pytest.raises(Refusal, match="SIGNING_ROOT_ABSENT"):
        signer_for(product_id=make_product().pk, at=NOW, origin=SYSTEM)
    assert not SigningKey.objects.exists()


def test_the_job_makes_the_next_key_of_whatever_has_one_and_for_list_and_answers() -> None:
    product, without = make_product(), make_product()
    signer_for(product_id=product.pk, at=NOW, origin=SYSTEM)
    assert keep_signing_keys(at=NOW.isoformat()) == {"made": 2, "without_root": 0, "failed": 0}
    assert keep_signing_keys(at=NOW.isoformat()) == {"made": 0, "without_root": 0, "failed": 0}
    in_time = NOW + SIGNS_FOR - PUBLISHED_AHEAD
    assert keep_signing_keys(at=in_time.isoformat())["made"] == 3
    assert keep_signing_keys(at=in_time.isoformat())["made"] == 0
    states = {key.state_at(in_time) for key in SigningKey.objects.all()}
    assert states == {KeyState.ACTIVE, KeyState.NEXT}
    assert SigningKey.objects.filter(product=product).count() == 2
    assert not SigningKey.objects.filter(product=without).exists()


def test_a_key_of_each_purpose_signs_what_is_its_own_and_nothing_else() -> None:
    product = make_product()
    may = {}
    for purpose in Purpose:
        of = product.pk if purpose == Purpose.PRODUCT else None
        made = signer_for(product_id=of, purpose=purpose, at=NOW, origin=SYSTEM)
        may[purpose] = certified(made.certificate, roots=signers.roots()).kinds
    assert may[Purpose.REVOCATIONS] == {Kind.REVOCATIONS}
    assert may[Purpose.ANSWERS] == {Kind.ANSWER}
    assert not may[Purpose.PRODUCT] & (may[Purpose.REVOCATIONS] | may[Purpose.ANSWERS])


def test_the_job_counts_what_lacks_a_root_and_goes_on(settings: LazySettings) -> None:
    product = make_product()
    signer_for(product_id=product.pk, at=NOW, origin=SYSTEM)
    settings.SIGNING_ROOT = "offline"
    told = keep_signing_keys(at=NOW.isoformat())
    assert told == {"made": 0, "without_root": 2, "failed": 0}
    assert SigningKey.objects.get().product == product


def test_one_product_that_fails_stops_none_of_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = make_product(), make_product()
    for product in (good, bad):
        signer_for(product_id=product.pk, at=NOW, origin=SYSTEM)
    make = signing_keys.make_key

    def fail_once(purpose: Purpose, product_id: object, **given: Any) -> SigningKey:
        if product_id == bad.pk:
            raise RuntimeError("a fault of this product's own")
        return make(purpose, product_id, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(signing_keys, "make_key", fail_once)
    in_time = NOW + SIGNS_FOR - PUBLISHED_AHEAD
    told = keep_signing_keys(at=in_time.isoformat())
    assert told == {"made": 3, "without_root": 0, "failed": 1}
    assert SigningKey.objects.filter(product=good).count() == 2
    assert SigningKey.objects.filter(product=bad).count() == 1
    assert "No key was made" in caplog.text


def test_a_gap_between_two_keys_is_closed_by_the_later_one() -> None:
    product = make_product()
    first = signer_for(product_id=product.pk, at=NOW, origin=SYSTEM)
    in_time = NOW + SIGNS_FOR - PUBLISHED_AHEAD
    following = keep_ahead(product_id=product.pk, at=in_time, origin=SYSTEM)
    assert following is not None
    SigningKey.objects.filter(kid=first.kid).update(signs_until=in_time)
    signers.look_again()
    assert signer_for(product_id=product.pk, at=in_time, origin=SYSTEM).kid == following.kid
