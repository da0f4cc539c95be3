"""The calls themselves: one service call each."""

from functools import partial

import msgspec
from django.http import HttpResponse
from msgspec import UNSET, UnsetType

from events import vault
from events.refusals import Refusal, invalid
from licenses import validation, ways_out
from licenses.device_api import answers, payloads, shapes
from licenses.device_api.door import DeviceView, as_address, key_in, known
from licenses.restrictions import Whereabouts
from licenses.selectors import entry, whereabouts
from licenses.selectors.snapshots import FINGERPRINT, Snapshot
from licenses.services import activation, heartbeat, holding, redeeming
from licenses.services.claims import Device, check_borrow_days, check_fingerprint
from licenses.validation import Asked


class ActivateDevice(DeviceView):
    """Give a device a seat; the same device asking again gets its seat and token again."""

    payload = payloads.Activate
    told = shapes.Activation
    statuses = (201, 200)

    def reply(self, body: payloads.Activate) -> HttpResponse:
        in_emergency = _asks_in_emergency(body)
        key = key_in(body.license_key)
        found = self.let_in(
            entry.by_key(
                key,
                fingerprint=vault.digest(FINGERPRINT, body.device_fingerprint),
                device_needed=False,
                address=self.address,
                at=self.at,
                version=_version(body.application_version),
            )
        )
        if found is None:
            raise Refusal("LICENSE_NOT_FOUND")
        act = activation.activate_found
        if in_emergency:
            act = partial(redeeming.redeem, code=body.emergency_code or "")
        done = act(found=found, device=self._device(body), at=self.at, origin=self.origin)
        shown = answers.activated(done, body, at=self.at)
        return answers.answer(shown, body, 201 if done.is_new else 200)

    def _device(self, body: payloads.Activate) -> Device:
        return Device(
            fingerprint=body.device_fingerprint,
            machine_name=body.machine_name or "",
            hardware_id=body.hardware_id or "",
            mac_address=body.mac_address or "",
            operating_system=body.operating_system or "",
            application_version=body.application_version or "",
            user_agent=self.request.META.get("HTTP_USER_AGENT", ""),
            ip_address=as_address(self.address),
            domain=body.domain or "",
            country=body.country or "",
            metadata=body.metadata or {},
            cpu_count=_stated(body.cpu_count),
            core_count=_stated(body.core_count),
            borrow_days=_stated(body.borrow_days),
            user_identity=body.user_identity or "",
            replace_token=body.replace_token or "",
        )


class ValidateActivation(DeviceView):
    """Tell a device whether its seat is good; an unknown token is a verdict, not an error."""

    payload = payloads.ValidateActivation
    told = shapes.Validation

    def reply(self, body: payloads.ValidateActivation) -> HttpResponse:
        version = _version(body.application_version)
        found = self.let_in(self.by_token(body, version=version))
        if found is None:
            verdict = validation.unknown("INVALID_ACTIVATION_TOKEN")
        else:
            found, verdict = self.judged(found, version=version)
        return answers.answer(answers.token_verdict(found, verdict, body, at=self.at), body)


class Heartbeat(DeviceView):
    """Note that a device lives and what it did; a dead licence is told, not refused."""

    payload = payloads.Heartbeat
    told = shapes.HeartbeatAnswer

    def reply(self, body: payloads.Heartbeat) -> HttpResponse:
        metrics = heartbeat.read_metrics(body.metrics or {})
        borrow_days = check_borrow_days(_stated(body.borrow_days))
        version = _version(body.application_version)
        got = self.by_token(body, beat=heartbeat.tail(metrics, at=self.at), version=version)
        found = known(self.let_in(got))
        heartbeat.record(
            found,
            metrics,
            kept=got.beat_kept,
            application_version=body.application_version or "",
            operating_system=body.operating_system or "",
            at=self.at,
        )
        judge = partial(self.judged, version=version)
        found, verdict = holding.keep_heard(
            *judge(found),
            borrow_days=borrow_days,
            judge=judge,
            boot=got.boot,
            at=self.at,
            origin=self.origin,
        )
        return answers.answer(answers.heartbeat(found, verdict, body, at=self.at), body)


class Deactivate(DeviceView):
    """Take a device's seat back, whatever the licence's state; twice is once."""

    payload = payloads.Deactivate
    told = shapes.Activation

    def reply(self, body: payloads.Deactivate) -> HttpResponse:
        found = known(self.let_in(self.by_token(body)))
        assert found.device is not None  # noqa: S101 - found by its token
        row = activation.deactivate(
            activation_id=found.device.id,
            reason=body.reason or "",
            at=self.at,
            origin=self.origin,
        )
        device = msgspec.structs.replace(
            found.device,
            deactivated_at=row.deactivated_at,
            deactivation_reason=row.deactivation_reason,
        )
        shown = answers.deactivated(found._replace(device=device), at=self.at)
        return answers.answer(shown, body)


class ValidateKey(DeviceView):
    """Say what a licence key is good for; an unknown key is a verdict, not an error."""

    payload = payloads.ValidateKey
    told = shapes.KeyValidation

    def reply(self, body: payloads.ValidateKey) -> HttpResponse:
        key = key_in(body.license_key)
        fingerprint = b""
        if body.device_fingerprint is not UNSET:
            check_fingerprint(body.device_fingerprint)
            fingerprint = vault.digest(FINGERPRINT, body.device_fingerprint)
        version = _version(body.product_version)
        found = self.let_in(
            entry.by_key(
                key, fingerprint=fingerprint, address=self.address, at=self.at, version=version
            )
        )
        asked = Asked(
            product_id=body.product_id or None,
            product_version=version or None,
            device=bool(fingerprint),
            barred=found is not None and found.barred_at(self.at),
            barred_until=None if found is None else found.barred_until,
            features=tuple(body.features or ()),
        )
        if found is None:
            verdict = validation.unknown("LICENSE_NOT_FOUND")
        else:
            found, verdict = entry.judged(
                found, asked, caller=partial(self._caller, body), at=self.at
            )
        return answers.answer(answers.key_verdict(found, verdict, at=self.at), body)

    def _caller(self, body: payloads.ValidateKey, found: Snapshot) -> Whereabouts:
        """Return where the caller says it is: who asks by key is taken at its word alone."""
        return whereabouts.of_caller(
            address=as_address(self.address),
            country=body.country or "",
            domain=body.domain or "",
            mac_address=body.mac_address or "",
            hardware_id=body.hardware_id or "",
            fingerprint=body.device_fingerprint or "",
        )


class AskStatus(DeviceView):
    """Say how a known licence stands, whatever its state."""

    payload = payloads.AskStatus
    told = shapes.Status

    def reply(self, body: payloads.AskStatus) -> HttpResponse:
        found = self.by_key_or_token(body)
        if found.left_behind:
            # What was its licence is a stranger's now.
            code = "ACTIVATION_DEACTIVATED"
            raise Refusal(code, **ways_out.way_out_of(found.license, code, at=self.at))
        return answers.answer(answers.status(found.license, at=self.at), body)


def _stated(number: int | UnsetType) -> int | None:
    return None if number is UNSET else number


def _version(version: payloads.Text) -> str:
    """Return the version that a caller names, or an empty text."""
    return (version or "").strip()


def _asks_in_emergency(body: payloads.Activate) -> bool:
    """
    Return whether a device brings an emergency code instead of asking for a seat.

    :raises USE_OFFLINE: if it wants to activate offline, which has routes of its own
    :raises VALIDATION_ERROR: if it names the code or the emergency without the other
    """
    if body.activation_type == "OFFLINE":
        raise Refusal("USE_OFFLINE")
    in_emergency, code = body.activation_type == "EMERGENCY", body.emergency_code or ""
    if in_emergency and not code:
        raise invalid(emergency_code="The type EMERGENCY goes with a code.")
    if body.emergency_code is not UNSET and not in_emergency:
        raise invalid(activation_type="A code goes with the type EMERGENCY.")
    return in_emergency
