"""Calls about devices without a network: files, requests and their responses."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from msgspec import UNSET

from events import vault
from events.refusals import Refusal
from licenses.device_api import answers, payloads, shapes
from licenses.device_api.door import DeviceView, as_address, key_in, known
from licenses.selectors import entry, offline_requests, snapshots
from licenses.selectors.offline_requests import Wish, checked_key, checked_nonce
from licenses.selectors.snapshots import FINGERPRINT, Snapshot
from licenses.services import offline
from licenses.services.claims import Device, check_fingerprint, check_numbers


class CheckOut(DeviceView):
    """Check a licence out into a signed file: for any device by key, for one by its token."""

    payload = payloads.CheckOut
    told = shapes.CheckedOut

    def reply(self, body: payloads.CheckOut) -> HttpResponse:
        fingerprint = body.device_fingerprint or ""
        made = offline.checkout(
            found=self._found(body, fingerprint),
            fingerprint=fingerprint,
            ttl_days=offline.DEFAULT_DAYS if body.ttl_days is UNSET else body.ttl_days,
            address=as_address(self.address),
            at=self.at,
            origin=self.origin,
        )
        told = shapes.CheckedOut(license_file=made.text, expires_at=made.expires_at, kid=made.kid)
        return answers.answer(told, body)

    def _found(self, body: payloads.CheckOut, fingerprint: str) -> Snapshot:
        if body.license_key is UNSET:
            return known(self.let_in(self.by_token(body)))
        digest = vault.digest(FINGERPRINT, fingerprint) if fingerprint else b""
        key = key_in(body.license_key)
        found = self.let_in(entry.by_key(key, fingerprint=digest, address=self.address, at=self.at))
        if found is None:
            raise Refusal("LICENSE_NOT_FOUND")
        return found


class AskOffline(DeviceView):
    """Write the request code of a device that has no network, for whoever may activate it."""

    payload = payloads.AskOffline
    told = shapes.OfflineRequestCode

    def reply(self, body: payloads.AskOffline) -> HttpResponse:
        check_fingerprint(body.device_fingerprint)
        key = key_in(body.license_key)
        if self.let_in(entry.by_key(key, address=self.address, at=self.at)) is None:
            raise Refusal("LICENSE_NOT_FOUND")
        code, expires_at = offline_requests.written(self._wish(body, key), at=self.at)
        told = shapes.OfflineRequestCode(
            request_code=code, instructions=_instructions(), expires_at=expires_at
        )
        return answers.answer(told, body)

    def _wish(self, body: payloads.AskOffline, key: str) -> Wish:
        nonce, public_key = body.nonce, body.public_key
        cpu_count = None if body.cpu_count is UNSET else body.cpu_count
        core_count = None if body.core_count is UNSET else body.core_count
        # Whoever carries it cannot mend it.
        check_numbers(Device(fingerprint="", cpu_count=cpu_count, core_count=core_count))
        return Wish(
            license_key=key,
            device_fingerprint=body.device_fingerprint,
            nonce=offline.new_nonce() if nonce is UNSET else checked_nonce(nonce),
            public_key="" if public_key is UNSET else checked_key(public_key),
            machine_name=body.machine_name or "",
            hardware_id=body.hardware_id or "",
            mac_address=body.mac_address or "",
            operating_system=body.operating_system or "",
            application_version=body.application_version or "",
            user_identity=body.user_identity or "",
            domain=body.domain or "",
            country=body.country or "",
            cpu_count=cpu_count,
            core_count=core_count,
        )


class ActivateOffline(DeviceView):
    """Return the activation that a request was answered with; it takes no seat."""

    payload = payloads.ActivateOffline
    told = shapes.Activation

    def reply(self, body: payloads.ActivateOffline) -> HttpResponse:
        wish = offline_requests.read(body.request_code, at=self.at)
        done = offline.collect(wish=wish, response_code=body.response_code, at=self.at)
        return answers.answer(answers.activated(done, wish, at=self.at), body)


class DeactivateOffline(DeviceView):
    """Free the seat of a device that says, signed, that it runs no more; twice is once."""

    payload = payloads.OfflineReceipt
    told = shapes.Activation

    def reply(self, body: payloads.OfflineReceipt) -> HttpResponse:
        row = offline.accept_receipt(text=body.receipt, at=self.at, origin=self.origin)
        found = snapshots.by_token(bytes(row.token_digest))
        return answers.answer(answers.deactivated(known(found), at=self.at), body)


class ReportOfflineUsage(DeviceView):
    """Count what a device used without a network; what was counted before counts no more."""

    payload = payloads.OfflineUsage
    told = shapes.OfflineUsageTaken

    def reply(self, body: payloads.OfflineUsage) -> HttpResponse:
        taken = offline.accept_bundle(text=body.bundle, at=self.at, origin=self.origin)
        told = shapes.OfflineUsageTaken(accepted=taken.accepted, entries=taken.entries)
        return answers.answer(told, body)


def _instructions() -> str:
    return _(
        "Carry this code to a machine with a network: paste it on the licence's page in the"
        " customer portal, or send it to your vendor. Bring the response back to the device."
    )
