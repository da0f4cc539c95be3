"""A device that has a network for a moment collects what its request was answered with."""

from datetime import datetime
from uuid import UUID

from events import vault
from events.refusals import Refusal
from licenses.models import OfflineRequest
from licenses.selectors import signers, snapshots
from licenses.selectors.offline_requests import Wish
from licenses.selectors.snapshots import KEY
from licenses.services.activation import Activated
from licenses.services.tokens import token_for
from licenses.signing import Distrusted, Kind, opened, pasted


def collect(*, wish: Wish, response_code: str, at: datetime) -> Activated:
    """
    Return the activation that a request was answered with, and its token; nothing is written.

    :raises DOCUMENT_INVALID: if the response is none, or not believed
    :raises REPLAYED: if it answers another request
    :raises OFFLINE_REQUEST_EXPIRED: if the response or the request is over
    :raises LICENSE_NOT_FOUND: if the licence's key was replaced meanwhile
    :raises ACTIVATION_DEACTIVATED: if the device was let go meanwhile
    """
    claims = _believed(response_code, at=at)
    if claims.get("nonce") != wish.nonce:
        raise Refusal("REPLAYED")
    answered = (
        OfflineRequest.objects.select_related("license", "activation")
        .filter(
            activation=UUID(str(claims["dev"])), license=UUID(str(claims["sub"])), nonce=wish.nonce
        )
        .first()
    )
    if answered is None or at >= answered.expires_at:
        raise Refusal("OFFLINE_REQUEST_EXPIRED")
    if not wish.is_what_had(answered.digest):
        raise Refusal("REPLAYED")
    if bytes(answered.license.key_digest) not in vault.digests(KEY, wish.license_key):
        raise Refusal("LICENSE_NOT_FOUND")
    row = answered.activation
    if not row.live:
        raise Refusal("ACTIVATION_DEACTIVATED", next_action="use_offline")
    found = snapshots.by_token(bytes(row.token_digest))
    assert found is not None  # noqa: S101 - its row is there
    token = token_for(row.pk, generation=row.token_generation, version=row.token_key_version)
    return Activated(found, token, is_new=False)


def _believed(response_code: str, *, at: datetime) -> dict[str, object]:
    try:
        return opened(
            pasted(response_code),
            Kind.ACTIVATION_RESPONSE,
            roots=signers.roots(),
            at=at,
            revoked=signers.compromised(),
        ).claims
    except Distrusted as distrust:
        if distrust.code == "FILE_EXPIRED":
            raise Refusal("OFFLINE_REQUEST_EXPIRED") from None
        raise Refusal("DOCUMENT_INVALID", reason=distrust.code) from None
