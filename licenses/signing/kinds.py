"""The kinds of signed document; each has a `typ` that its reader demands."""

from enum import StrEnum


class Kind(StrEnum):
    """What a document is, as the `typ` of its header says (RFC 8725, 3.11)."""

    CERTIFICATE = "signing-certificate+jwt"
    LICENSE_FILE = "license-file+jwt"
    DEVICE_FILE = "device-file+jwt"
    ACTIVATION_REQUEST = "activation-request+jwt"
    ACTIVATION_RESPONSE = "activation-response+jwt"
    EMERGENCY_CODE = "emergency-code+jwt"
    USAGE_BUNDLE = "usage-bundle+jwt"
    DEACTIVATION_RECEIPT = "deactivation-receipt+jwt"
    REVOCATIONS = "revocations+jwt"
    ANSWER = "answer+jws"
    # Licence keys of the TOKEN scheme; SIGNED ones are no JWS and are signed by the same keys.
    LICENSE_KEY = "license-key+jwt"


# What a product's signing key may sign.
OF_PRODUCTS = frozenset(
    {
        Kind.LICENSE_FILE,
        Kind.DEVICE_FILE,
        Kind.ACTIVATION_RESPONSE,
        Kind.EMERGENCY_CODE,
        Kind.ANSWER,
    }
)
# The list that takes trust back is signed by a key that signs nothing else, so that a stolen
# product's key cannot publish one that leaves itself out.
OF_THE_LIST = frozenset({Kind.REVOCATIONS})
OF_LICENSE_KEYS = frozenset({Kind.LICENSE_KEY})
# What devices sign with a key of their own.
OF_DEVICES = frozenset({Kind.ACTIVATION_REQUEST, Kind.USAGE_BUNDLE, Kind.DEACTIVATION_RECEIPT})
