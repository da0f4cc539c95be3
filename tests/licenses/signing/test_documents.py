"""What is believed of a document, and what is not."""

from datetime import datetime, timedelta

import pytest

from licenses.signing import (
    Distrusted,
    Kind,
    claims_by_device,
    jwk_of,
    opened,
    public_key_in,
    signed_by_device,
    thumbprint,
)
from tests.clock import NOW
from tests.licenses.signing.forged import distrust
from tests.licenses.signing.trusted import (
    DEVICE,
    PRODUCT,
    ROOTS,
    SIGNING,
    STRANGER,
    document,
    signer,
)

SECOND = timedelta(seconds=1)


def test_a_genuine_document_is_believed_with_all_it_says() -> None:
    found = opened(document(seats=3), Kind.LICENSE_FILE, roots=ROOTS, at=NOW, product_id=PRODUCT)
    assert found.claims["seats"] == 3
    assert found.certificate.kid == thumbprint(SIGNING.public_key())


def test_a_document_of_one_kind_never_passes_as_another() -> None:
    for made in Kind:
        for wanted in Kind:
            if made != wanted:
                assert distrust(document(made), wanted) == "TYPE_MISMATCH"


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (NOW - timedelta(minutes=5), ""),
        (NOW - timedelta(minutes=5) - SECOND, "NOT_YET_VALID"),
        (NOW + timedelta(days=14) - SECOND, ""),
        (NOW + timedelta(days=14), "FILE_EXPIRED"),
    ],
)
def test_a_document_holds_from_its_issue_to_the_second_before_its_end(
    at: datetime, code: str
) -> None:
    assert distrust(document(), at=at) == code


def test_another_products_document_is_refused_whoever_signed_it() -> None:
    assert distrust(document(), product_id="borealis") == "PRODUCT_MISMATCH"
    assert distrust(document(aud="borealis"), product_id="borealis") == "CERT_INVALID"


def test_a_document_of_a_revoked_key_is_refused() -> None:
    assert distrust(document(), revoked={signer().kid}) == "KEY_REVOKED"


def test_a_device_signs_with_its_own_key_and_with_nothing_else() -> None:
    text = signed_by_device(Kind.ACTIVATION_REQUEST, {"nonce": "n-1"}, key=DEVICE)
    claims = claims_by_device(text, Kind.ACTIVATION_REQUEST, key=DEVICE.public_key())
    assert claims == {"nonce": "n-1"}
    assert claims_by_device(text, Kind.ACTIVATION_REQUEST) == claims
    with pytest.raises(Distrusted, match="SIGNATURE_INVALID"):
        claims_by_device(text, Kind.ACTIVATION_REQUEST, key=STRANGER.public_key())
    with pytest.raises(Distrusted, match="TYPE_MISMATCH"):
        claims_by_device(text, Kind.USAGE_BUNDLE)


def test_a_key_is_named_by_its_thumbprint_as_rfc_8037_has_it() -> None:
    """The example of RFC 8037, appendix A.3."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert thumbprint(public_key_in(jwk)) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert jwk_of(public_key_in(jwk)) == jwk
