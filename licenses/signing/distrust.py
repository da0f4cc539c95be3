"""Why a document is not believed."""


class Distrusted(Exception):
    """
    A document is not what it should be.

    `code` is one of MALFORMED, TYPE_MISMATCH, KEY_UNKNOWN, KEY_REVOKED, CERT_INVALID,
    SIGNATURE_INVALID, PRODUCT_MISMATCH, NOT_YET_VALID and FILE_EXPIRED, as clients name them too.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
