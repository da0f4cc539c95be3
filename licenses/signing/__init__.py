"""
Signed documents, by which a device trusts us without a network, and how they are made and read.

Every document is a compact JWS. A root key, which need not be on the server, signs the
certificates of signing keys; signing keys sign the documents, each with its certificate in its
header, so that whoever holds the root's public half can check any of them alone. Devices sign
what they send with a key of their own.
"""

from licenses.signing.certificates import Certificate, certified, certify
from licenses.signing.compact import encoded as base64url
from licenses.signing.distrust import Distrusted
from licenses.signing.documents import (
    Document,
    Signer,
    claims_by_device,
    opened,
    signed,
    signed_by_device,
)
from licenses.signing.jwk import jwk_of, public_key_in, thumbprint
from licenses.signing.kinds import Kind, Purpose
from licenses.signing.pasting import pasted

__all__ = [
    "Certificate",
    "Distrusted",
    "Document",
    "Kind",
    "Purpose",
    "Signer",
    "base64url",
    "certified",
    "certify",
    "claims_by_device",
    "jwk_of",
    "opened",
    "pasted",
    "public_key_in",
    "signed",
    "signed_by_device",
    "thumbprint",
]
