"""Whether a licence was tampered with, asked by whoever holds its key."""

import hashlib

from django.http import HttpResponse
from msgspec import UNSET

from accounts.access import Credential, rows_of
from accounts.services.api_keys import PREFIX, find_api_key
from events.refusals import Refusal, invalid
from licenses.device_api import answers, payloads, shapes
from licenses.device_api.door import DeviceView, key_in
from licenses.device_api.schema import DeviceSchema
from licenses.models import License
from licenses.selectors import entry, guesses
from licenses.selectors.snapshots import Snapshot
from licenses.services.integrity import UNKNOWN_KEY, check_integrity
from licenses.signing import pasted

SCOPE = "security:read"


class _ToldMore(DeviceSchema):
    """The key in the body lets in; an API key beside it is told what differs."""

    def get_description(self) -> str:
        return (
            "The licence key in the body lets it in. An API key beside it, of scope"
            " `security:read` and of the licence's tenant or the vendor, is told what differs; any"
            " other is ignored."
        )

    def get_auth(self) -> list[dict[str, list[str]]]:
        return [{}, {"apiKey": []}]


class CheckIntegrity(DeviceView):
    """Say whether key, signed file, row and trail of a licence agree; what differs, to API keys."""

    payload = payloads.IntegrityQuestion
    told = shapes.Integrity
    schema = _ToldMore()

    def reply(self, body: payloads.IntegrityQuestion) -> HttpResponse:
        key = key_in(body.license_key)
        signature = _signature_in(body)
        found = self.let_in(entry.by_key(key, address=self.address, at=self.at))
        report = UNKNOWN_KEY
        if found is not None:
            report = check_integrity(license_id=found.license.id, signature=signature, at=self.at)
        told = shapes.Integrity(integrity_check=report.intact, tampering_detected=not report.intact)
        if self._is_told(found):
            told.differences = tuple(
                shapes.Difference(code=one.code, field=one.field or UNSET)
                for one in report.differences
            )
        return answers.answer(told, body)

    def _is_told(self, found: Snapshot | None) -> bool:
        """Whether an API key came along that may know what differs of this licence."""
        credential = self._credential()
        if credential is None or not credential.may(SCOPE):
            return False
        if found is None:
            return credential.vendor_wide
        return bool(rows_of(credential, License).filter(pk=found.license.id).exists())

    def _credential(self) -> Credential | None:
        kind, _, plain = self.request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
        plain = plain.strip()
        if kind.lower() != "bearer" or not plain.startswith(PREFIX):
            return None
        try:
            return Credential.of_api_key(find_api_key(plain=plain, at=self.at))
        except (Refusal, UnicodeEncodeError):
            # Unknown here is none; but it is a guess, and costs what a guess costs.
            digest = hashlib.sha256(plain.encode("utf-8", "surrogatepass")).digest()
            guesses.charge(digest, address=self.address, at=self.at)
            return None


def _signature_in(body: payloads.IntegrityQuestion) -> str:
    """
    Return the document in a body, as it was before somebody pasted it, or an empty text.

    :raises VALIDATION_ERROR: if it has not the three parts that such a document has
    """
    text = pasted(body.signature or "")
    if text and text.count(".") != 2:
        raise invalid(signature="A licence file: three parts between two dots.")
    return text
