"""What people bring for a device without a network, and what it was answered with."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from django.core.files.uploadedfile import UploadedFile
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from events import vault
from events.refusals import Refusal
from licenses.facts import LicenseFacts
from licenses.models import Activation, License, OfflineRequest
from licenses.restrictions.matching import hint
from licenses.selectors import offline_requests, snapshots
from licenses.selectors.offline_requests import Wish
from licenses.selectors.snapshots import FINGERPRINT, KEY
from licenses.signing.compact import MOST_CHARACTERS
from licenses.terms import DECLARED, LicenseModel

# The most bytes that one drawing holds, at the lowest of its safeties.
_MOST_DRAWN = 2_953


@dataclass(frozen=True, slots=True)
class Brought:
    """A request as people are asked about it, before anything is taken."""

    wish: Wish
    license: License
    # The device holds a seat already and takes none.
    holder: Activation | None
    answered: bool
    # Until when it would run; None where its licence's time has not begun.
    lasts_until: datetime | None

    @property
    def hint(self) -> str:
        """As much of the fingerprint as people compare."""
        return hint(self.wish.device_fingerprint)

    @property
    def units(self) -> int:
        """How many units it takes."""
        if self.holder is not None:
            return 0
        declared = DECLARED.get(LicenseModel(self.license.license_model))
        counted = getattr(self.wish, declared) if declared else None
        return counted or 1

    @property
    def left_after(self) -> int | None:
        """Units that are free afterwards; None where they never fill."""
        left = self.license.seats_left
        return None if left is None else max(0, left - self.units)

    @property
    def fits(self) -> bool:
        """Whether there is room as far as can be told without taking it."""
        left = self.license.seats_left
        return left is None or left >= self.units or self.license.held_by_names


def text_of(typed: str, file: UploadedFile | None) -> str:
    """
    Return what was pasted, or else what stands in the file.

    :raises DOCUMENT_INVALID: if the file is too large, or no text
    """
    if typed or file is None:
        return typed
    if (file.size or 0) > MOST_CHARACTERS:
        raise Refusal("DOCUMENT_INVALID", reason="TOO_LARGE")
    try:
        return str(file.read(), "utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal("DOCUMENT_INVALID", reason="MALFORMED") from None


def brought(text: str, *, among: Any, at: datetime) -> Brought:
    """
    Return what a request asks for, and of which of the licences `among` those that one may see.

    :raises DOCUMENT_INVALID OFFLINE_REQUEST_EXPIRED INVALID_LICENSE_KEY_FORMAT: if it cannot be
    :raises LICENSE_NOT_FOUND: if it names none of those licences
    """
    wish = offline_requests.read(text, at=at)
    license = among.filter(key_digest__in=vault.digests(KEY, wish.license_key)).first()
    if license is None:
        raise Refusal("LICENSE_NOT_FOUND")
    known = vault.digests(FINGERPRINT, wish.device_fingerprint)
    holder = license.activations.live().filter(fingerprint_digest__in=known).first()
    answers = license.offline_requests.filter(nonce=wish.nonce, expires_at__gt=at)
    facts = facts_of(license)
    return Brought(
        wish=wish,
        license=license,
        holder=holder,
        answered=answers.exists(),
        lasts_until=None if facts.pending_cause else facts.offline_until(at),
    )


def facts_of(license: License) -> LicenseFacts:
    """Return a licence as rules look at it."""
    return found_of(license).license


def found_of(license: License) -> snapshots.Snapshot:
    """
    Return what is known of a licence, with none of its devices.

    :raises LICENSE_NOT_FOUND: if its key was replaced a moment ago
    """
    found = snapshots.load_by_key(bytes(license.key_digest), fingerprint=None)
    if found is None:
        raise Refusal("LICENSE_NOT_FOUND")
    return found


def answer_to(wish: Wish, license_id: uuid.UUID) -> OfflineRequest:
    """Return the row of a request that has just been answered."""
    return OfflineRequest.objects.get(license_id=license_id, nonce=wish.nonce)


def answer_of(
    license: License, answer_id: uuid.UUID, *, devices: Any, at: datetime
) -> OfflineRequest | None:
    """
    Return one request of a licence that was answered and is not forgotten.

    `devices`: those that one may see.
    """
    kept = license.offline_requests.filter(expires_at__gt=at, activation__in=devices)
    return kept.select_related("activation").filter(pk=answer_id).first()


def last_answer(activation: Activation, *, at: datetime) -> OfflineRequest | None:
    """Return the latest request of a device that was answered and is not forgotten."""
    kept = activation.offline_requests.filter(expires_at__gt=at)
    return kept.order_by("-answered_at", "-id").first()


def response_in(answer: OfflineRequest) -> str:
    """Return the response that a device is to be brought."""
    return vault.decrypt(answer.response_ciphertext)


def drawn(text: str) -> SafeString | None:
    """Return a text as a QR code in SVG, or None if no such code holds it."""
    if len(text.encode()) > _MOST_DRAWN:
        return None
    code = segno.make_qr(text, error="l", boost_error=False)
    svg = code.svg_inline(
        omitsize=True, border=4, light="#fff", svgclass="qr qr--large", lineclass=None
    )
    return mark_safe(svg)  # noqa: S308 - dots, whatever the text


def file_name(device: Activation | None, license: License, ending: str) -> str:
    """Return what a file is called that is carried to a device: `press-4.rsp`."""
    name = "" if device is None else slugify(device.machine_name)
    if not name:
        name = slugify(str(license.product_name) if device is None else f"device {device}")
    return f"{name or 'licence'}.{ending}"
