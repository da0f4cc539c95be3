"""Reminding people that licences and trials end: some days before, each step once."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from accounts.selectors.addressees import About, addressees
from events.models import Mark
from events.notifications import Topic
from events.services.owing import Owed, queue_many
from licenses import terms
from licenses.models import License
from licenses.models.license_queries import LicenseQuerySet

NAME = "reminders"
ENDS, TRIAL_ENDS = "license_ends", "trial_ends"
# How many days before its end people hear of it, the last step first.
STEPS = {ENDS: (1, 3, 7, 14, 30), TRIAL_ENDS: (1, 7)}
CHUNK = 500
# As the status sweep: covers whoever began to write before a round and committed after it.
OVERLAP = timedelta(hours=1)
# How far back one looks for whom nobody has looked before, or on a day that is merely tried.
_FIRST_LOOK = timedelta(days=1)


def remind(*, at: datetime, is_now: bool = True, chunk: int = CHUNK) -> int:
    """
    Owe a reminder for every licence that came nearer to its end by a step; return how many.

    Who reached several steps since the last round is told of the nearest alone. Each step is found
    by its dates, from the mark of the last round on: what is not due costs nothing. The mark moves
    once all are owed; with `is_now` false it is only read, and only if it lies in that day's past.
    """
    mark = Mark.objects.filter(pk=NAME).first()
    known = mark.moment if mark is not None and mark.moment else None
    since = at - _FIRST_LOOK
    if is_now and known is not None and known <= at:
        since = known - OVERLAP
    owed = 0
    for kind, days, licenses in _due(since, at):
        ids = list(licenses.order_by("expiry_date", "pk").values_list("pk", flat=True))
        for start in range(0, len(ids), chunk):
            rows = License.objects.filter(pk__in=ids[start : start + chunk])
            owed += queue_many(_owed(rows, kind, days), at=at)
    if is_now:
        Mark.objects.update_or_create(name=NAME, defaults={"moment": at})
    return owed


def occasion_at(license: License, at: datetime) -> str:
    """Return what a reminder would be about at that instant; empty where none is due any more."""
    if license.expiry_date is None or license.expiry_date <= at:
        return ""
    left = license.expiry_date - at
    kind = TRIAL_ENDS if license.on_trial else ENDS
    reached = [days for days in STEPS[kind] if left <= timedelta(days)]
    return _occasion(license, reached[0]) if reached else ""


def _due(since: datetime, at: datetime) -> Iterator[tuple[str, int, LicenseQuerySet]]:
    """Yield the licences of each step, those left out that have reached the next as well."""
    rows = License.objects.ending_in_earnest()
    trials = rows.filter(license_type__in=terms.TRIALS)
    others = rows.exclude(license_type__in=terms.TRIALS)
    for kind, licenses in ((ENDS, others), (TRIAL_ENDS, trials)):
        nearer = 0
        for days in STEPS[kind]:
            step = timedelta(days)
            ending = licenses.reached_since(since, step=step)
            yield kind, days, ending.ending(at + timedelta(nearer), at + step)
            nearer = days


def _owed(rows: Sequence[License] | LicenseQuerySet, kind: str, days: int) -> list[Owed]:
    licenses = list(rows)
    found = addressees(map(_about, licenses), topic=Topic.REMINDERS)
    return [
        Owed(
            kind=kind,
            occasion=f"{_occasion(license, days)}:{who.mark}",
            recipient=who.email,
            tenant_id=license.tenant_id,
            customer_id=who.customer_id,
            membership_id=who.membership_id,
            license_id=license.pk,
        )
        for license in licenses
        for who in found.get(_about(license), [])
    ]


def _about(license: License) -> About:
    return license.tenant_id, license.customer_id


def _occasion(license: License, days: int) -> str:
    # Renewed, it ends on another date and is reminded of anew.
    return f"{license.pk}:{license.expiry_date:%Y%m%dT%H%M%SZ}:{days}"
