"""What everybody may know: the keys that sign, and what is not believed any more."""

import base64
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.test import Client
from time_machine import travel

from licenses.models import License, RevocationList, SigningKey
from licenses.selectors import revocations, signers
from licenses.services import lifecycle, replacing_keys
from licenses.services.signing_keys import PUBLISHED_AHEAD, SIGNS_FOR, keep_ahead, signer_for
from licenses.signing import Distrusted, Kind, Purpose, opened, public_key_in, signed, thumbprint
from tests.clock import NOW
from tests.factories import STAFF, issue, make_product

pytestmark = pytest.mark.django_db
KEYS, LIST = "/.well-known/jwks.json", "/.well-known/revocations"
MINUTE = timedelta(minutes=1)


def get(url: str, at: datetime = NOW, **extra: Any) -> Any:
    with travel(at, tick=False):
        return Client(raise_request_exception=False).get(url, **extra)


def kids(at: datetime = NOW) -> list[str]:
    return [jwk["kid"] for jwk in get(KEYS, at).json()["keys"]]


def told(at: datetime = NOW) -> dict[str, Any]:
    answer = get(LIST, at)
    assert answer.status_code == 200, answer.content
    document = opened(
        answer.content.decode(),
        Kind.REVOCATIONS,
        roots=signers.roots(),
        at=at,
        revoked=signers.compromised(),
    )
    return document.claims


def test_a_key_set_is_one_that_libraries_read_and_verify_by() -> None:
    product = make_product()
    signer = signer_for(product_id=product.pk, at=NOW, origin=STAFF)
    answer = get(KEYS)
    assert answer["Content-Type"] == "application/jwk-set+json"
    assert answer["Cache-Control"] == "public, max-age=60"
    (jwk,) = answer.json()["keys"]
    assert {"kty", "crv", "x", "kid", "use", "alg"} == set(jwk)
    assert (jwk["use"], jwk["alg"], jwk["kid"]) == ("sig", "EdDSA", signer.kid)
    assert thumbprint(public_key_in(jwk)) == signer.kid
    text = jwt.encode({"a": 1}, signer.key, algorithm="EdDSA")
    key = jwt.PyJWKSet.from_dict(answer.json())[signer.kid]
    assert jwt.decode(text, key, algorithms=["EdDSA"]) == {"a": 1}


def test_next_active_and_retired_keys_are_published_and_no_others() -> None:
    product = make_product()
    first = signer_for(product_id=product.pk, at=NOW, origin=STAFF).kid
    soon = NOW + SIGNS_FOR - PUBLISHED_AHEAD
    following = keep_ahead(product_id=product.pk, at=soon, origin=STAFF)
    assert following is not None
    assert kids(soon) == kids(NOW + SIGNS_FOR) == [first, following.kid]
    SigningKey.objects.filter(kid=first).update(compromised_at=soon)
    assert kids(soon) == [following.kid]
    SigningKey.objects.filter(kid=following.kid).update(certificate="")
    assert kids(soon) == []


def test_a_key_is_published_until_its_last_document_has_ended() -> None:
    signer_for(product_id=make_product().pk, at=NOW, origin=STAFF)
    end = SigningKey.objects.get().expires_at
    assert len(kids(end - MINUTE)) == 1
    assert kids(end) == []


@pytest.mark.parametrize("url", [KEYS, LIST])
def test_anybody_may_read_and_nobody_write(url: str) -> None:
    signer_for(purpose=Purpose.REVOCATIONS, at=NOW, origin=STAFF)
    with travel(NOW, tick=False):
        client = Client()
        assert client.head(url).status_code == 200
        assert client.head(url).content == b""
        assert client.get(url, headers={"accept": "text/html"}).status_code == 200
        assert client.get(url, headers={"authorization": "Bearer nonsense"}).status_code == 200
        for method in ("post", "put", "delete", "patch", "options"):
            answer = getattr(client, method)(url)
            assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
            assert answer["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("url", [KEYS, LIST])
def test_with_the_database_away_it_says_come_again(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any, **given: Any) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(SigningKey.objects, "believed", away)
    monkeypatch.setattr(RevocationList.objects, "first", away)
    answer = get(url)
    assert (answer.status_code, answer.json()["code"]) == (503, "TRY_AGAIN")


def test_the_list_names_revoked_licences_and_keys_not_believed_and_when() -> None:
    issued, other = issue(), issue()
    lifecycle.revoke_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    signer_for(product_id=issued.license.product_id, at=NOW, origin=STAFF)
    key = SigningKey.objects.get()
    replacing_keys.compromise(key_id=key.pk, reason="A disk was stolen.", at=NOW, origin=STAFF)
    claims = told()
    second = int(NOW.timestamp())
    assert claims["licenses"] == {str(issued.license.pk): second}
    assert str(other.license.pk) not in claims["licenses"]
    assert claims["keys"] == {key.kid: {"since": second, "reason": "A disk was stolen."}}
    assert (claims["devices"], claims["complete"]) == ({}, True)
    assert claims["iat"] < claims["next_update"] < claims["exp"]
    assert get(LIST)["Content-Type"] == "application/jose"


def test_what_can_hold_no_document_any_more_is_named_no_longer() -> None:
    issued = issue()
    lifecycle.revoke_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    assert told()["licenses"]
    assert told(NOW + revocations.LONGEST_DOCUMENT)["licenses"] == {}


def test_the_version_stays_while_nothing_changes_and_only_grows() -> None:
    first = told()
    again = told(NOW + MINUTE)
    assert (again["version"], again["iat"] - first["iat"]) == (first["version"], 60)
    issued = issue()
    lifecycle.revoke_license(
        license_id=issued.license.pk, reason="x", at=NOW + MINUTE, origin=STAFF
    )
    assert told(NOW + MINUTE) == again
    later = told(NOW + 2 * MINUTE)
    assert later["version"] > again["version"]
    # What is taken off the list changes it as well: the version grows, never goes back.
    License.objects.update(revoked_at=None)
    assert told(NOW + 3 * MINUTE)["version"] > later["version"]


def test_a_restored_database_goes_on_from_the_clock_and_not_back() -> None:
    told()
    RevocationList.objects.update(version=1, contents_digest=b"another", stale=True)
    assert told()["version"] >= int(NOW.timestamp())
    # Nor does a clock that went back take the version along.
    high = int(NOW.timestamp()) + 1000
    RevocationList.objects.update(version=high, contents_digest=b"another", stale=True)
    assert told()["version"] == high + 1


def test_a_key_not_believed_is_named_at_once() -> None:
    signer_for(product_id=make_product().pk, at=NOW, origin=STAFF)
    before = told()
    key = SigningKey.objects.get(purpose=Purpose.PRODUCT)
    replacing_keys.compromise(key_id=key.pk, reason="x", at=NOW, origin=STAFF)
    now = told()
    assert (before["keys"], list(now["keys"])) == ({}, [key.kid])
    assert now["version"] > before["version"]


def test_the_lists_own_key_not_believed_is_named_by_its_successor() -> None:
    told()
    key = SigningKey.objects.get(purpose=Purpose.REVOCATIONS)
    replacing_keys.compromise(key_id=key.pk, reason="x", at=NOW, origin=STAFF)
    assert list(told()["keys"]) == [key.kid]


def test_a_list_too_long_names_the_newest_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revocations, "MOST_NAMED", 1)
    licenses = [issue().license for _ in range(2)]
    for number, license in enumerate(licenses):
        when = NOW - MINUTE * (2 - number)
        lifecycle.revoke_license(license_id=license.pk, reason="x", at=when, origin=STAFF)
    claims = told()
    assert (list(claims["licenses"]), claims["complete"]) == ([str(licenses[1].pk)], False)


def test_the_longest_list_fits_what_readers_take() -> None:
    entry = len('"0197a1b2-0000-7000-8000-000000000000":1773480413,')
    claims = 2 * revocations.MOST_NAMED * entry
    assert claims * 4 / 3 < 2_097_152 - 400_000


def test_without_a_root_the_last_list_is_shown_while_it_holds(settings: LazySettings) -> None:
    settings.SIGNING_ROOT = "offline"
    answer = get(LIST)
    assert (answer.status_code, answer.json()["code"]) == (503, "SIGNING_ROOT_ABSENT")
    assert answer["Cache-Control"] == "no-store"
    assert kids() == []
    settings.SIGNING_ROOT = "embedded"
    shown = told()
    settings.SIGNING_ROOT = "offline"
    SigningKey.objects.update(certificate="")
    signers.look_again()
    assert told(NOW + MINUTE) == shown
    week = timedelta(days=7)
    assert get(LIST, NOW + week).json()["code"] == "SIGNING_ROOT_ABSENT"


def test_attack_18_a_key_marked_compromised_while_a_client_is_offline() -> None:
    product = make_product()
    signer = signer_for(product_id=product.pk, at=NOW, origin=STAFF)
    text = signed(
        Kind.LICENSE_FILE,
        {"aud": product.product_id},
        signer=signer,
        issued_at=NOW,
        expires_at=NOW + timedelta(days=14),
    )
    roots = signers.roots()
    # What the client knows is what the list said that it was last given.
    known = told()["keys"]
    key = SigningKey.objects.get(kid=signer.kid)
    replacing_keys.compromise(key_id=key.pk, reason="x", at=NOW, origin=STAFF)
    assert opened(text, Kind.LICENSE_FILE, roots=roots, at=NOW, revoked=known)
    known = told()["keys"]
    with pytest.raises(Distrusted, match="KEY_REVOKED"):
        opened(text, Kind.LICENSE_FILE, roots=roots, at=NOW, revoked=known)


def test_attack_19_an_old_list_served_again_or_frozen_past_its_end() -> None:
    issued = issue()
    old = get(LIST).content.decode()
    lifecycle.revoke_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    later = NOW + MINUTE
    highest = told(later)["version"]
    again = opened(old, Kind.REVOCATIONS, roots=signers.roots(), at=later)
    assert again.claims["version"] < highest
    with pytest.raises(Distrusted, match="FILE_EXPIRED"):
        opened(old, Kind.REVOCATIONS, roots=signers.roots(), at=NOW + timedelta(days=7))
    # Nor can a product's key publish one that leaves something out.
    header = jwt.get_unverified_header(old)
    assert header["kid"] == SigningKey.objects.get(purpose=Purpose.REVOCATIONS).kid
    assert base64.urlsafe_b64decode(old.split(".")[0] + "==")
