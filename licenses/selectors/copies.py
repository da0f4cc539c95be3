"""What is known, as the hot store keeps it: a document each, and what it is found by."""

import hashlib

import msgspec

from licenses.facts import DeviceFacts, FeatureFacts, LicenseFacts, ReleaseFacts, version_mark
from licenses.hot.protocol import Document
from licenses.restrictions import RestrictionFacts
from licenses.selectors.snapshots import Snapshot


def documents(found: Snapshot) -> list[Document]:
    """Return a licence and, where there is one, its device as they are kept."""
    license, device = found.license, found.device
    seats = seats_counted(license)
    # Where versions are decided on, the store learns of which product, and which one.
    of_product = "" if license.maintenance_expiry is None else f":{license.product_id}"
    kept = [
        Document(
            f"l:{license.id}",
            license.revision,
            _encode(license),
            seats=-1 if seats is None else seats,
            found_by=((f"k:{license.key_digest.hex()}", f"{license.id}{of_product}"),),
        )
    ]
    if device is not None:
        fingerprint = device.fingerprint_digest.hex()
        runs = f"{of_product}:{version_mark(device.version)}" if of_product else ""
        kept.append(
            Document(
                f"a:{device.id}",
                device.revision,
                _encode(device),
                found_by=(
                    (f"t:{device.token_digest.hex()}", f"{license.id}:{device.id}{runs}"),
                    (f"d:{license.id}:{fingerprint}", str(device.id)),
                ),
            )
        )
    return kept


def document_of(release: ReleaseFacts) -> Document:
    """Return a release as it is kept; it is found by its name."""
    return Document(release.name, release.revision, _encode(release))


def seats_counted(license: LicenseFacts) -> int | None:
    """Return the seats that a licence's limit of calls grows with; None where they never fill."""
    return None if license.capacity is None else license.max_activations


def license_in(body: bytes | None) -> LicenseFacts | None:
    """Return the licence in a document, or None if another release of the portal kept it."""
    return _unpacked_license(body[8:]) if body and body.startswith(_SHAPE) else None


def device_in(body: bytes | None) -> DeviceFacts | None:
    """Return the device in a document, likewise."""
    return _unpacked_device(body[8:]) if body and body.startswith(_SHAPE) else None


def release_in(body: bytes | None) -> ReleaseFacts | None:
    """Return the release in a document, likewise."""
    return _unpacked_release(body[8:]) if body and body.startswith(_SHAPE) else None


def _shape() -> bytes:
    """Return the mark of what facts consist of today: another release's copies are not read."""
    kinds = (LicenseFacts, FeatureFacts, RestrictionFacts, DeviceFacts, ReleaseFacts)
    fields = [
        (field.name, str(field.type)) for kind in kinds for field in msgspec.structs.fields(kind)
    ]
    return hashlib.sha256(repr(fields).encode()).digest()[:8]


_SHAPE = _shape()
_packed = msgspec.msgpack.Encoder().encode
_unpacked_license = msgspec.msgpack.Decoder(LicenseFacts).decode
_unpacked_device = msgspec.msgpack.Decoder(DeviceFacts).decode
_unpacked_release = msgspec.msgpack.Decoder(ReleaseFacts).decode


def _encode(facts: LicenseFacts | DeviceFacts | ReleaseFacts) -> bytes:
    return _SHAPE + _packed(facts)
