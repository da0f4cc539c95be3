"""Whether a licence is what was issued: its key, a signed file, its row and its trail agree."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from events import vault
from events.models import Event
from licenses import keys, states
from licenses.models import License
from licenses.selectors import signers
from licenses.selectors.numbers import with_wrong_seats
from licenses.services.key_seals import LicenseProof
from licenses.services.keyring import PURPOSE
from licenses.services.retelling import Retold, contradicted, retold
from licenses.signing import Distrusted, Kind, opened
from licenses.signing.compact import taken_apart

_FILES = (Kind.LICENSE_FILE, Kind.DEVICE_FILE)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was issued; `field` names a column where it is about one."""

    code: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What was found; nothing means that all agrees."""

    differences: tuple[Difference, ...]

    @property
    def intact(self) -> bool:
        return not self.differences


UNKNOWN_KEY = Report((Difference("KEY_UNKNOWN"),))


@transaction.atomic
def check_integrity(*, license_id: uuid.UUID, at: datetime, signature: str = "") -> Report:
    """
    Compare a licence's key, row, counters, holds and trail, and a file that names it.

    Nothing is written. The row is held meanwhile, so that nobody's half-done act is taken for a
    forger's.
    """
    rows = License.objects.select_related("product", "customer").select_for_update(of=("self",))
    license = rows.filter(pk=license_id).first()
    if license is None:
        return UNKNOWN_KEY
    said = retold(license)
    found = [
        *_key(license, said),
        *_row(license, at=at),
        *_devices(license),
        *_trail(license, said),
        *(_signature(license, signature, at=at) if signature else ()),
    ]
    return Report(tuple(found))


def _key(license: License, said: Retold) -> Iterator[Difference]:
    try:
        key = vault.decrypt(license.key_ciphertext)
    except vault.VaultError:
        yield Difference("KEY_UNREADABLE")
        return
    if bytes(license.key_digest) not in vault.digests(PURPOSE, key):
        yield Difference("KEY_OF_ANOTHER")
        return
    try:
        shown = keys.head_of(license.key_scheme, key), keys.hint_of(license.key_scheme, key)
        genuine = said.key_brought or keys.is_genuine(license.key_scheme, key, LicenseProof())
    except (ValueError, IndexError):
        # It has not even the form of the scheme that the row names.
        yield Difference("KEY_NOT_GENUINE")
        return
    if not genuine:
        yield Difference("KEY_NOT_GENUINE")
    if shown != (license.key_head, license.key_hint):
        yield Difference("KEY_SHOWN_WRONGLY")


def _row(license: License, *, at: datetime) -> Iterator[Difference]:
    """The status may lag behind the clock, never differ from where the clock leads it."""
    steps = states.steps_missed(license.status, license, at)
    status = steps[-1][0].value if steps else license.status
    if status != license.status_at(at).value:
        yield Difference("STATUS_IMPOSSIBLE", "status")
    holds = dict(license.holds.filter(lifted_at=None).values_list("code", "reason"))
    gravest = states.gravest(list(holds))
    if (license.hold_code, license.hold_reason) != (gravest, holds.get(gravest, "")):
        yield Difference("HOLDS_DISAGREE", "hold_code")
    if with_wrong_seats().filter(pk=license.pk).exists():
        yield Difference("SEATS_MISCOUNTED", "current_activations")


def _devices(license: License) -> Iterator[Difference]:
    live = set(license.activations.live().values_list("pk", flat=True))
    made = Event.objects.of_license(license.pk).filter(type="activation.created")
    if live - set(made.values_list("activation_id", flat=True)):
        yield Difference("DEVICE_UNTOLD")


def _trail(license: License, said: Retold) -> Iterator[Difference]:
    if said.issued != 1:
        yield Difference("ISSUE_UNTOLD")
    for name in sorted(said.broken):
        yield Difference("TRAIL_BROKEN", name)
    if said.lifted:
        yield Difference("TRAIL_AFTER_REVOCATION")
    for name in contradicted(said, license):
        yield Difference("ROW_NOT_AS_TOLD", name)


def _signature(license: License, text: str, *, at: datetime) -> Iterator[Difference]:
    """A file that has ended is genuine still; one of another licence is not this one's."""
    try:
        parts = taken_apart(text)
        kind = parts.header.get("typ")
        opened(
            text,
            Kind(str(kind)) if kind in _FILES else Kind.LICENSE_FILE,
            roots=signers.roots(),
            at=at,
            product_id=license.product.product_id,
            revoked=signers.compromised(),
        )
    except Distrusted as distrust:
        if distrust.code != "FILE_EXPIRED":
            yield Difference("SIGNATURE_DISTRUSTED", distrust.code)
            return
    if parts.claims.get("sub") != str(license.pk):
        yield Difference("SIGNATURE_OF_ANOTHER")
