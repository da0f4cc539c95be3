"""Asking a root elsewhere to vouch for keys: one JSON text goes there, one comes back."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from licenses.signing.certificates import certify
from licenses.signing.compact import object_in
from licenses.signing.distrust import Distrusted
from licenses.signing.jwk import jwk_of, public_key_in, thumbprint
from licenses.signing.kinds import Purpose
from licenses.signing.times import moment, seconds

_REQUEST, _CERTIFICATES = "signing-key-request/1", "signing-key-certificates/1"
# A root vouches for no key beyond that, whatever it is asked.
LONGEST = timedelta(days=5 * 366)


class Wanted(NamedTuple):
    """A key that waits for a root's word, and what that has to say."""

    key: Ed25519PublicKey
    purpose: Purpose
    # Empty: of the whole installation.
    product_id: str
    not_before: datetime
    signs_until: datetime
    expires_at: datetime


def request_for(wanted: Iterable[Wanted]) -> str:
    """Return the text that goes to the root."""
    keys = [
        {
            "jwk": jwk_of(one.key),
            "purpose": one.purpose.value,
            "product_id": one.product_id,
            "not_before": seconds(one.not_before),
            "signs_until": seconds(one.signs_until),
            "expires_at": seconds(one.expires_at),
        }
        for one in wanted
    ]
    return json.dumps({"format": _REQUEST, "keys": keys}, indent=1)


def wanted_in(text: str) -> list[Wanted]:
    """
    Return what a request asks for.

    :raises Distrusted: MALFORMED if it is none, or asks for what no root gives
    """
    return [_wanted(one) for one in _listed(text, _REQUEST, "keys")]


def certificates_for(wanted: Iterable[Wanted], *, root: Ed25519PrivateKey) -> str:
    """Return the text that goes back: a root's word for each key."""
    made = [
        certify(
            one.key,
            root=root,
            product_id=one.product_id,
            # What a purpose may sign is known here, and not for the asking machine to say.
            kinds=one.purpose.kinds,
            not_before=one.not_before,
            signs_until=one.signs_until,
            expires_at=one.expires_at,
        )
        for one in wanted
    ]
    return json.dumps({"format": _CERTIFICATES, "certificates": made}, indent=1)


def certificates_in(text: str) -> list[str]:
    """
    Return the certificates that came back, unverified.

    :raises Distrusted: MALFORMED if the text is none of those
    """
    listed = _listed(text, _CERTIFICATES, "certificates")
    if not all(isinstance(one, str) for one in listed):
        raise Distrusted("MALFORMED")
    return listed


def check_words(wanted: Iterable[Wanted]) -> str:
    """Return what two people compare, one at each machine: that it is the same request."""
    canonical = json.dumps(json.loads(request_for(wanted)), sort_keys=True)
    digest = hashlib.sha256(canonical.encode()).hexdigest()[:24]
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


def _wanted(one: Any) -> Wanted:
    if not isinstance(one, dict):
        raise Distrusted("MALFORMED")
    try:
        purpose = Purpose(str(one.get("purpose")))
    except ValueError:
        raise Distrusted("MALFORMED") from None
    product_id = one.get("product_id")
    wanted = Wanted(
        key=public_key_in(one.get("jwk")),
        purpose=purpose,
        product_id=product_id if isinstance(product_id, str) else "",
        not_before=moment(one.get("not_before")),
        signs_until=moment(one.get("signs_until")),
        expires_at=moment(one.get("expires_at")),
    )
    if bool(wanted.product_id) != (purpose == Purpose.PRODUCT):
        raise Distrusted("MALFORMED")
    if not wanted.not_before < wanted.signs_until <= wanted.expires_at:
        raise Distrusted("MALFORMED")
    if wanted.expires_at - wanted.not_before > LONGEST:
        raise Distrusted("MALFORMED")
    return wanted


def _listed(text: str, form: str, name: str) -> list[Any]:
    read = object_in(text.encode())
    listed = read.get(name)
    if read.get("format") != form or not isinstance(listed, list):
        raise Distrusted("MALFORMED")
    return listed


def in_words(one: Wanted) -> str:
    """Return what a root is asked to vouch for, as whoever holds it reads it."""
    whose = one.product_id or one.purpose.value
    return (
        f"{thumbprint(one.key)}  {whose}"
        f"  signs until {one.signs_until:%Y-%m-%d}, believed until {one.expires_at:%Y-%m-%d}"
    )
