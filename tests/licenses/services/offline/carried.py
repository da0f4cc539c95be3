"""Devices without a network: what they write, who carries it, and what comes back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from events.refusals import Refusal
from licenses.models import Activation, IssuedFile, License, OfflineDevice, OfflineRequest
from licenses.selectors import entry, offline_requests, signers, snapshots
from licenses.selectors.snapshots import Snapshot
from licenses.services import offline
from licenses.services.offline import AnsweredRequest
from licenses.signing import Kind, opened, signed_by_device
from licenses.signing.times import seconds
from licenses.validation import Asked, Verdict
from tests.clock import NOW
from tests.factories import STAFF

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
KEY = Ed25519PrivateKey.from_private_bytes(b"d" * 32)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"e" * 32)
NONCE = "n" * 22


def request(
    key: str,
    fingerprint: str = "device-1",
    *,
    by: Ed25519PrivateKey = KEY,
    nonce: str = NONCE,
    at: datetime = NOW,
    **says: Any,
) -> str:
    """A request code as a device signs it."""
    claims = {
        "license_key": key,
        "device_fingerprint": fingerprint,
        "nonce": nonce,
        "iat": seconds(at),
    }
    return signed_by_device(Kind.ACTIVATION_REQUEST, claims | says, key=by)


def answer(
    license: License, code: str, *, at: datetime = NOW, origin: Any = STAFF
) -> AnsweredRequest:
    """Somebody pastes a request code."""
    wish = offline_requests.read(code, at=at)
    return offline.answer_request(license_id=license.pk, wish=wish, at=at, origin=origin)


def claims_of(text: str, kind: Kind = Kind.ACTIVATION_RESPONSE, *, at: datetime = NOW) -> Any:
    """What a device reads in a document, with the public keys alone."""
    return opened(text, kind, roots=signers.roots(), at=at).claims


def unwritten() -> tuple[Any, ...]:
    """All that an answer would have changed."""
    return (
        list(License.objects.values()),
        list(Activation.objects.values()),
        list(OfflineRequest.objects.values()),
        list(IssuedFile.objects.values()),
        list(OfflineDevice.objects.values()),
    )


def code_of(act: Any, *args: Any, **kwargs: Any) -> str:
    """The code by which something is refused."""
    with pytest.raises(Refusal) as refused:
        act(*args, **kwargs)
    return refused.value.code


def known(row: Activation) -> Snapshot:
    found = snapshots.by_token(bytes(row.token_digest))
    assert found is not None
    return found


def verdict(row: Activation, *, at: datetime = NOW) -> Verdict:
    caller: Any = lambda _: None  # noqa: E731 - nothing is restricted
    return entry.judged(known(row), Asked(device=True), caller=caller, at=at)[1]
