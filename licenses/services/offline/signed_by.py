"""Who signed what a device without a network sends: known by the key that it came with."""

import uuid
from typing import Any, NamedTuple

import msgspec

from events.refusals import Refusal
from licenses.models import OfflineDevice
from licenses.signing import Distrusted, Kind, claims_by_device, pasted, public_key_in
from licenses.signing.compact import MOST_CHARACTERS, exactly


class Sent(NamedTuple):
    """What a device said, and what is known of it."""

    device: OfflineDevice
    claims: dict[str, Any]


def believed(text: str, kind: Kind) -> Sent:
    """
    Return what a device signed, if it is the one that it says.

    :raises DOCUMENT_INVALID: if it is no such document, or signed by another key than the device's
        own; nobody learns by it which devices there are
    """
    if len(text) > MOST_CHARACTERS:
        raise Refusal("DOCUMENT_INVALID", reason="MALFORMED")
    code = pasted(text)
    try:
        claims = claims_by_device(code, kind)
        header = msgspec.json.decode(exactly(code.partition(".")[0]))
        key = public_key_in(header["jwk"]).public_bytes_raw()
        named = uuid.UUID(str(claims.get("dev")))
    except Distrusted as distrust:
        raise Refusal("DOCUMENT_INVALID", reason=distrust.code) from None
    except ValueError:
        raise Refusal("DOCUMENT_INVALID", reason="MALFORMED") from None
    device = (
        OfflineDevice.objects.select_related("activation__license")
        .filter(pk=named, public_key=key)
        .first()
    )
    if device is None:
        raise Refusal("DOCUMENT_INVALID", reason="KEY_UNKNOWN")
    license = device.activation.license
    ended, came = device.activation.deactivated_at, license.tenant_since
    if ended is not None and came is not None and ended <= came:
        # What was its licence is a stranger's now.
        raise Refusal("DOCUMENT_INVALID", reason="KEY_UNKNOWN")
    return Sent(device, claims)
