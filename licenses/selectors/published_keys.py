"""The public halves of the keys that sign, as everybody may know them."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from licenses.models import SigningKey
from licenses.signing import jwk_of


def key_set(at: datetime) -> dict[str, list[dict[str, str]]]:
    """
    Return the keys of which a document may be believed, or soon will be (RFC 7517).

    The next ones too, so that who asks weekly knows each before it signs; none that waits for
    its root's word, or is not believed any more.
    """
    rows = SigningKey.objects.believed(at).order_by("active_from", "id")
    return {
        "keys": [
            {
                **jwk_of(Ed25519PublicKey.from_public_bytes(bytes(raw))),
                "kid": kid,
                "use": "sig",
                "alg": "EdDSA",
            }
            for kid, raw in rows.values_list("kid", "public_key")
        ]
    }
