"""Signing keys: one when it is needed, the next in time."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from events.models import Event
from events.refusals import Refusal
from events.trail import SYSTEM
from licenses.models import KeyState, RootKey, SigningKey
from licenses.selectors import signers
from licenses.services.signing_keys import (
    PUBLISHED_AHEAD,
    SIGNS_FOR,
    keep_ahead,
    signer_for,
)
from licenses.signing import Distrusted, Kind, certified, opened, signed
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
