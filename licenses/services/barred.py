"""Signing barred devices out, wherever they hold a seat: in chunks, however many those are."""

from datetime import datetime

from django.db import transaction

from events import trail
from events.trail import Origin
from licenses.models import BlacklistedDevice, License
from licenses.services import freeing
from licenses.services.forgetting import forget

BLACKLISTED = "BLACKLISTED"
CHUNK = 200
# Chunks that whoever bars a device waits for; the job does the rest.
AT_ONCE = 50
_FORGOTTEN_TOGETHER = 1_000


def forget_copies(bar: BlacklistedDevice) -> None:
    """Let no copy say any more that the device is live: before any of its rows says so."""
    rows = list(bar.devices_left().only("revision"))
    for row in rows:
        # As signing it out will raise it.
        row.revision += 1
    for start in range(0, len(rows), _FORGOTTEN_TOGETHER):
        forget(*rows[start : start + _FORGOTTEN_TOGETHER])


def sign_out(
    bar: BlacklistedDevice, *, at: datetime, origin: Origin, chunk: int = CHUNK, most: int = AT_ONCE
) -> None:
    """
    Sign out every device that a bar ends, an event each; what is left is for `sign_out_all`.

    Outside of any transaction: each chunk is its own, and the bar is committed before. No answer
    waits for the last of them, since every copy was forgotten with the bar.
    """
    for _ in range(most):
        if not _sign_out_chunk(bar, at=at, origin=origin, chunk=chunk):
            return


def sign_out_all(*, at: datetime) -> int:
    """
    Sign out what bars in force have left, as when a process died over it; return how many bars.

    Safe late, twice and in parallel; no answer depends on it.
    """
    bars = list(BlacklistedDevice.objects.in_force(at).with_devices_left().order_by("pk"))
    for bar in bars:
        forget_copies(bar)
        sign_out(bar, at=at, origin=trail.SYSTEM)
    return len(bars)


@transaction.atomic
def _sign_out_chunk(bar: BlacklistedDevice, *, at: datetime, origin: Origin, chunk: int) -> bool:
    """Sign out of so many licences, and return whether there were any."""
    ids = bar.devices_left().order_by("license_id").values_list("license_id", flat=True)[:chunk]
    found = License.objects.filter(pk__in=list(ids)).order_by("pk")
    # The licences' rows first, as everywhere.
    licenses = list(found.select_for_update())
    # Where it was lifted meanwhile, what the device holds it may hold.
    still = BlacklistedDevice.objects.in_force(at).filter(pk=bar.pk).exists()
    if not (licenses and still):
        return False
    rows = bar.devices_left().filter(license__in=licenses)
    live = list(rows.select_for_update(of=("self",)).order_by("pk"))
    freeing.release_across(licenses, live, reason=BLACKLISTED, at=at, origin=origin)
    return True
