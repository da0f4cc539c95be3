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
    }
)
# The list that takes trust back is signed by a key that signs nothing else, so that a stolen
# product's key cannot publish one that leaves itself out.
OF_THE_LIST = frozenset({Kind.REVOCATIONS})
# Answers are signed by every process that serves devices, many of them of no known product. Their
# key makes no document that outlives a few minutes.
OF_ANSWERS = frozenset({Kind.ANSWER})
OF_LICENSE_KEYS = frozenset({Kind.LICENSE_KEY})
# What devices sign with a key of their own.
OF_DEVICES = frozenset({Kind.ACTIVATION_REQUEST, Kind.USAGE_BUNDLE, Kind.DEACTIVATION_RECEIPT})


class Purpose(StrEnum):
    """What a signing key is for; each key has one."""

    PRODUCT = "PRODUCT"
    REVOCATIONS = "REVOCATIONS"
    ANSWERS = "ANSWERS"

    @property
    def kinds(self) -> frozenset[Kind]:
        """What such a key may sign, as its certificate says."""
        return _MAY_SIGN[self]


_MAY_SIGN = {
    Purpose.PRODUCT: OF_PRODUCTS,
    Purpose.REVOCATIONS: OF_THE_LIST,
    Purpose.ANSWERS: OF_ANSWERS,
}
