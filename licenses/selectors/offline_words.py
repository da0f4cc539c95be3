"""What refusals mean to people who carry codes and files, each with the way out first."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.refusals import Refusal
from licenses.selectors.reasons import REASONS

_WORDS: dict[str, Any] = {
    "DOCUMENT_INVALID": gettext_lazy(
        "Copy it again to its last line: it is cut off, changed, or something else."
    ),
    "OFFLINE_REQUEST_EXPIRED": gettext_lazy(
        "Make a new request on the device: this one is more than 30 days old."
    ),
    "REPLAYED": gettext_lazy(
        "Make a new request on the device: another one came under the same number before."
    ),
    "ACTIVATION_DEACTIVATED": gettext_lazy(
        "Make a new request on the device: this one was answered, and the device let go since."
    ),
    "INVALID_LICENSE_KEY_FORMAT": gettext_lazy(
        "Type the licence key into the device again and make a new request: it names no key."
    ),
    "LICENSE_NOT_FOUND": gettext_lazy(
        "Check which key the device was given: it is of no licence here, or it was replaced."
    ),
    "PRODUCT_MISMATCH": gettext_lazy(
        "Bring the request of this licence’s product: the device runs another."
    ),
    "ACTIVATION_NOT_FOUND": gettext_lazy(
        "Open the licence that the device is of: it is none of this licence’s."
    ),
    "USER_IDENTITY_REQUIRED": gettext_lazy(
        "Sign in to the software and make a new request: it did not say who uses the device."
    ),
    "ACTIVATION_LIMIT_EXCEEDED": gettext_lazy(
        "Free a device that is no longer used, or ask for more seats: every seat is taken."
    ),
    "DEVICE_MISMATCH": gettext_lazy("Check the fingerprint: it is another device’s."),
    "DEVICE_NOT_ACTIVATED": gettext_lazy("Activate the device again: it was let go."),
    "LEASE_EXPIRED": gettext_lazy(
        "Let the device call home, or activate it again: its lease ran out."
    ),
    "HEARTBEAT_OVERDUE": gettext_lazy("Let the device call home: it was silent for too long."),
    "EMERGENCY_ENDED": gettext_lazy("Activate the device: its emergency code ran out."),
    "STALE_SEQUENCE": gettext_lazy(
        "Free the device by hand if it is no longer used: it was activated anew after this receipt."
    ),
    "SIGNING_ROOT_ABSENT": gettext_lazy("Try again later: nothing can be signed here now."),
    "FILE_TOO_LARGE": gettext_lazy("Write to the vendor: the licence says more than a file holds."),
}


def of(refusal: Refusal) -> str:
    """Return what a refusal means, and that nothing came of it; empty where no words are known."""
    said = _said(refusal)
    return f"{said} {_('Nothing was changed.')}" if said else ""


def _said(refusal: Refusal) -> str:
    if refusal.details.get("reason") == "TOO_LARGE":
        return _("Bring a smaller file: such a file has at most 64 KB.")
    texts = [text for value in refusal.details.values() for text in _texts(value)]
    if refusal.code == "VALIDATION_ERROR" and texts:
        return " ".join(texts)
    known = _WORDS.get(refusal.code) or REASONS.get(refusal.code)
    return str(known) if known else ""


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
