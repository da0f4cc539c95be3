"""Keys that are made, replaced and taken back while everybody asks for what they sign."""

import hashlib
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from events.trail import SYSTEM
from licenses.models import Activation, RevocationList, RootKey, SigningKey
from licenses.selectors import signers
from licenses.services import replacing_keys, revoking, signing_keys
from licenses.services.signing_keys import signer_for
from licenses.signing import Kind, Purpose, base64url, opened
from licenses.tasks import keep_signing_keys
from tests.factories import STAFF, issue, make_product
from tests.races.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
API = "/api/licensing"


def answered(path: str, body: dict[str, Any], number: int) -> Any:
    """What one client is told, and believes only if it is signed."""
    nonce = f"nonce-of-{number:03}"
    sent = body | {"nonce": nonce}
    told = Client().post(f"{API}/{path}", sent, content_type="application/json")
    assert told.status_code in (200, 201), told.content
    claims = opened(
        told["X-Signature"], Kind.ANSWER, roots=signers.roots(), at=timezone.now()
    ).claims
    assert claims["nonce"] == nonce
    assert claims["sha256"] == base64url(hashlib.sha256(told.content).digest())
    return claims


def rotate() -> Any:
    key = SigningKey.objects.of(Purpose.ANSWERS).signing(timezone.now()).first()
    assert key is not None
    return replacing_keys.rotate_now(
        key_id=key.pk, reason="Drill.", at=timezone.now(), origin=STAFF
    )


def test_attack_20_keys_are_replaced_while_50_clients_activate_and_validate() -> None:
    issued = issue(max_activations=50)
    signer_for(purpose=Purpose.ANSWERS, at=timezone.now(), origin=SYSTEM)
    key = {"license_key": issued.key}
    clients = [
        partial(answered, "activations", key | {"device_fingerprint": f"device-{n}"}, n)
        if n % 2
        else partial(answered, "validate", key, n)
        for n in range(50)
    ]
    results = at_once(*clients[:15], rotate, *clients[15:30], rotate, *clients[30:], rotate)
    assert len(results) == 53
    assert Activation.objects.live().count() == 25
    # Some of the three may have found the same key, which is replaced once.
    keys = SigningKey.objects.of(Purpose.ANSWERS)
    assert 2 <= keys.count() <= 4
    assert keys.signing(timezone.now()).count() == 1
    cache.clear()


def test_the_first_20_who_ask_at_once_make_one_root_and_one_key() -> None:
    issued = issue()
    clients = [partial(answered, "validate", {"license_key": issued.key}, n) for n in range(20)]
    at_once(*clients)
    assert RootKey.objects.count() == 1
    assert SigningKey.objects.get().purpose == Purpose.ANSWERS


def test_the_job_in_many_processes_and_documents_that_need_a_key_make_one_each() -> None:
    product = make_product()
    now = timezone.now()
    first = partial(signer_for, product_id=product.pk, at=now, origin=SYSTEM)
    job = partial(keep_signing_keys, at=now.isoformat())
    at_once(*[first] * 4, *[job] * 4)
    kept = SigningKey.objects.values_list("purpose", flat=True)
    assert sorted(kept) == ["ANSWERS", "PRODUCT", "REVOCATIONS"]
    late = now + signing_keys.SIGNS_FOR - signing_keys.PUBLISHED_AHEAD
    at_once(*[partial(keep_signing_keys, at=late.isoformat())] * 6)
    assert SigningKey.objects.count() == 6


def test_a_key_taken_back_by_two_at_once_has_one_successor_and_is_in_the_next_list() -> None:
    product, now = make_product(), timezone.now()
    signer_for(product_id=product.pk, at=now, origin=SYSTEM)
    key = SigningKey.objects.get()
    take_back = partial(
        replacing_keys.compromise, key_id=key.pk, reason="Stolen.", at=now, origin=STAFF
    )
    publish = partial(revoking.current_list, at=now, origin=SYSTEM)
    at_once(take_back, publish, take_back, publish, take_back, publish)
    assert SigningKey.objects.of(Purpose.PRODUCT, product.pk).signing(now).count() == 1
    shown = opened(publish().document, Kind.REVOCATIONS, roots=signers.roots(), at=now)
    assert list(shown.claims["keys"]) == [key.kid]


def test_ten_who_ask_for_the_list_at_once_are_shown_one() -> None:
    publish = partial(revoking.current_list, at=timezone.now(), origin=SYSTEM)
    shown = at_once(*[publish] * 10)
    assert len({row.document for row in shown}) == 1
    assert RevocationList.objects.count() == 1
