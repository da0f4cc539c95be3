"""
The examples of docs/vectors/documents.json, made from fixed secrets.

`python -m tests.licenses.signing.examples` writes them anew. Ed25519 draws no random number, so
that the same code always makes the same file.
"""

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from licenses.signing import Kind, Signer, jwk_of, kinds, signed_by_device, thumbprint
from tests.clock import NOW
from tests.licenses.signing.forged import (
    CLAIMS,
    base64url,
    header_of,
    plain,
    put_together,
    sealed_by_hmac,
    with_claims,
)
from tests.licenses.signing.trusted import (
    ANOTHER_ROOT,
    CERTIFIED_UNTIL,
    DEVICE,
    PRODUCT,
    ROOT,
    ROOTS,
    SIGNING,
    SIGNS_UNTIL,
    STRANGER,
    certificate,
    document,
    signer,
)

FILE = Path(__file__).resolve().parents[3] / "docs" / "vectors" / "documents.json"
SECOND = timedelta(seconds=1)
SKEW = timedelta(minutes=5)
TERM = timedelta(days=14)
ISSUED = int(NOW.timestamp())
SECRETS = {
    "root": ROOT,
    "another_root": ANOTHER_ROOT,
    "signing": SIGNING,
    "stranger": STRANGER,
    "device": DEVICE,
}


def case(
    name: str,
    text: str,
    code: str = "",
    kind: Kind = Kind.LICENSE_FILE,
    at: datetime = NOW,
    **more: Any,
) -> dict[str, Any]:
    """One example: what is read as what and when, and the code of the refusal if there is one."""
    when = int(at.timestamp())
    return {"name": name, "kind": kind.value, "at": when, **more, "text": text, "code": code}


# The body that the answer's signature vouches for, byte for byte.
ANSWERED = '{"data":{"nonce":"b2f1c0de-7a","valid":true,"code":"VALID"}}'


def answer(by: Signer) -> str:
    """What vouches for a body that was answered to a question with a nonce."""
    return document(
        Kind.ANSWER,
        by=by,
        aud="",
        nonce="b2f1c0de-7a",
        sha256=base64url(hashlib.sha256(ANSWERED.encode()).digest()),
        method="POST",
        path="/api/licensing/validate",
        status=200,
    )


def genuine() -> list[dict[str, Any]]:
    of_list = signer(product_id="", kinds=kinds.OF_THE_LIST)
    of_answers = signer(product_id="", kinds=kinds.OF_ANSWERS)
    device = jwk_of(DEVICE.public_key())
    return [
        case("certificate", certificate(), kind=Kind.CERTIFICATE),
        *(
            case(kind.name.lower(), document(kind, seats=3), kind=kind, product_id=PRODUCT)
            for kind in sorted(kinds.OF_PRODUCTS)
        ),
        case(
            "revocations",
            document(
                Kind.REVOCATIONS,
                by=of_list,
                aud="",
                version=ISSUED,
                next_update=ISSUED + 86_400,
                keys={thumbprint(STRANGER.public_key()): {"since": ISSUED, "reason": "Stolen."}},
                licenses={"0197a1b2-0000-7000-8000-000000000001": ISSUED},
                devices={},
                complete=True,
            ),
            kind=Kind.REVOCATIONS,
        ),
        case("answer", answer(by=of_answers), kind=Kind.ANSWER, body=ANSWERED),
        *(
            case(
                kind.name.lower(),
                signed_by_device(kind, {"jti": "0197", "iat": ISSUED}, key=DEVICE),
                kind=kind,
                device_key=device,
            )
            for kind in sorted(kinds.OF_DEVICES)
        ),
        case("words of every script", document(note="Zürich, 東京, \N{KEY}")),
        case("an unknown claim and an unknown header", with_claims(CLAIMS | {"x": 1}, y=2)),
        case("the reader's clock five minutes behind", document(), at=NOW - SKEW),
        case("the last second", document(), at=NOW + TERM - SECOND),
        case(
            "signed in its key's last second, read after it",
            with_claims(CLAIMS | {"iat": int(SIGNS_UNTIL.timestamp()), "exp": 2_000_000_000}),
            at=CERTIFIED_UNTIL - SECOND,
        ),
    ]


def distrusted() -> list[dict[str, Any]]:
    return [*_of_signatures(), *_of_certificates(), *_of_times(), *_of_form()]


def _of_signatures() -> list[dict[str, Any]]:
    text = document(seats=3)
    header, claims, signature = text.split(".")
    raised = base64url(plain(claims).replace(b'"seats":3', b'"seats":9'))
    brought = header_of(text) | {"jwk": jwk_of(STRANGER.public_key())}
    device_file = case("a licence file as a device file", text, "TYPE_MISMATCH")
    by_device = signed_by_device(Kind.USAGE_BUNDLE, {"jti": "0197"}, key=STRANGER)
    code = "SIGNATURE_INVALID"
    return [
        case("a raised limit", f"{header}.{raised}.{signature}", code),
        case("another key's signature", put_together(header_of(text), CLAIMS, STRANGER), code),
        case("a key in the header", put_together(brought, CLAIMS, STRANGER), code),
        case("no algorithm", with_claims(CLAIMS, alg="none"), code),
        case("no algorithm and no signature", f"{header}.{claims}.", code),
        case(
            "HMAC by the public key", sealed_by_hmac(SIGNING.public_key().public_bytes_raw()), code
        ),
        case("RSA by name", with_claims(CLAIMS, alg="RS256"), code),
        case("claims said not to be encoded", with_claims(CLAIMS, b64=False), code),
        case(
            "another device's bundle",
            by_device,
            code,
            kind=Kind.USAGE_BUNDLE,
            device_key=jwk_of(DEVICE.public_key()),
        ),
        device_file | {"kind": Kind.DEVICE_FILE.value},
        case("a certificate as a licence file", certificate(), "TYPE_MISMATCH"),
    ]


def _of_certificates() -> list[dict[str, Any]]:
    theirs = signer(STRANGER, root=ANOTHER_ROOT)
    beside = signer()._replace(kid=thumbprint(STRANGER.public_key()), key=STRANGER)
    early = signer(not_before=NOW + SECOND)
    late = signer(signs_until=NOW - SECOND)
    code = "CERT_INVALID"
    return [
        case("another root", document(by=theirs), "KEY_UNKNOWN"),
        case("a certificate of another root", theirs.certificate, "KEY_UNKNOWN", Kind.CERTIFICATE),
        case("a key taken back", document(), "KEY_REVOKED", revoked=[signer().kid]),
        case("another product", document(), "PRODUCT_MISMATCH", product_id="borealis"),
        case("a genuine certificate beside another key", document(by=beside), code),
        case("no certificate", with_claims(CLAIMS, cert=""), code),
        case("a document as certificate", with_claims(CLAIMS, cert=document()), code),
        case("a kind that the key may not sign", document(by=signer(kinds=[Kind.ANSWER])), code),
        case("an answer by a product's key", document(Kind.ANSWER), code, kind=Kind.ANSWER),
        case("a list by a product's key", document(Kind.REVOCATIONS), code, kind=Kind.REVOCATIONS),
        case("a product that the key may not sign for", document(aud="borealis"), code),
        case("issued before its key's time", document(by=early), code),
        case("issued after its key's time", document(by=late), code),
        case("a certificate at its end", document(by=signer(expires_at=NOW)), code),
    ]


def _of_times() -> list[dict[str, Any]]:
    later = with_claims(CLAIMS | {"nbf": ISSUED + 301})
    endless = {name: value for name, value in CLAIMS.items() if name != "exp"}
    return [
        case("issued in the future", document(), "NOT_YET_VALID", at=NOW - SKEW - SECOND),
        case("a start in the future", later, "NOT_YET_VALID"),
        case("the second of its end", document(), "FILE_EXPIRED", at=NOW + TERM),
        case("ten years later", document(), "FILE_EXPIRED", at=NOW + timedelta(days=3660)),
        case("no end", with_claims(endless), "MALFORMED"),
        case("an end in words", with_claims(CLAIMS | {"exp": "never"}), "MALFORMED"),
        case("an end that is true", with_claims(CLAIMS | {"exp": True}), "MALFORMED"),
        case("half a second", with_claims(CLAIMS | {"exp": ISSUED + 60.5}), "MALFORMED"),
        case("a negative end", with_claims(CLAIMS | {"exp": -1}), "MALFORMED"),
        case("an end after the year 9999", with_claims(CLAIMS | {"exp": 10**12}), "MALFORMED"),
    ]


def _of_form() -> list[dict[str, Any]]:
    text = document()
    said = json.dumps(CLAIMS)[:-1].encode()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare = text[:-1] + alphabet[alphabet.index(text[-1]) + 1]
    # A key under which one signature fits every message: the neutral point.
    neutral = {"kty": "OKP", "crv": "Ed25519", "x": base64url(b"\x01" + bytes(31))}
    weak = {"alg": "EdDSA", "typ": Kind.USAGE_BUNDLE.value, "jwk": neutral}
    wrong = {
        "nothing": "",
        "a page of the network's own": "<!DOCTYPE html><title>Sign in</title>",
        "two parts": text.rpartition(".")[0],
        "four parts": f"{text}.",
        "padding": f"{text}==",
        "a line's end": f"{text}\n",
        "a byte order mark": f"\ufeff{text}",
        "wrapped lines": f"{text[:200]}\r\n{text[200:]}",
        "spare bits": spare,
        "a name twice": with_claims(said + b',"aud":"borealis"}'),
        "not a number": with_claims(said + b',"seats":NaN}'),
        "bad UTF-8": with_claims(said + b',"note":"\xff"}'),
        "nine levels": with_claims(said + b',"a":' + b'{"a":' * 8 + b"1" + b"}" * 9),
        "a list": with_claims(b"[]"),
        "an extension to be understood": with_claims(CLAIMS, crit=["x"], x=1),
    }
    key = put_together(weak, {"jti": "0197"}, DEVICE)
    return [
        *(case(name, made, "MALFORMED") for name, made in wrong.items()),
        case("a key of small order", key, "MALFORMED", kind=Kind.USAGE_BUNDLE),
    ]


def everything() -> dict[str, Any]:
    """Return what the file says."""
    return {
        "about": "Signed documents, made with secrets that everybody may know. No server's own.",
        "secrets": {name: key.private_bytes_raw().hex() for name, key in SECRETS.items()},
        "roots": {name: jwk_of(key) for name, key in ROOTS.items()},
        "genuine": genuine(),
        "distrusted": distrusted(),
    }


def written() -> str:
    """Return the file, byte for byte."""
    return json.dumps(everything(), indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(written())
