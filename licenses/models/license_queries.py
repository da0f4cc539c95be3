"""Which licences: every filter that needs an instant takes it as an argument."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from licenses.states import HoldCode, PendingCause, Status
from licenses.terms import UNLIMITED_MODELS, Overage

if TYPE_CHECKING:
    from licenses.models.license import License  # noqa: F401 - named in a string

RUNNING = [Status.PENDING.value, Status.ACTIVE.value, Status.INACTIVE.value]
_HAD_GRACE = Q(grace_ends_at__gt=F("expiry_date"))


class LicenseQuerySet(models.QuerySet["License"]):
    """Which licences; whatever asks for a status takes the instant at which it is meant."""

    def in_status(self, status: str, at: datetime) -> Self:
        """Licences of which `status_at(at)` is `status`."""
        return self.filter(_status_condition(Status(status), at))

    def expiring_between(self, start: datetime, end: datetime) -> Self:
        return self.filter(expiry_date__gte=start, expiry_date__lt=end)

    def without_versions_of(self, moment: datetime) -> Self:
        """Licences that cover no version released at that moment or later."""
        return self.filter(maintenance_expiry__lte=moment)

    def ending(self, at: datetime, last: datetime) -> Self:
        """Licences that end after `at`, at the latest when `last` has come, unless stopped."""
        return self.filter(expiry_date__gt=at, expiry_date__lte=last, hold_code="", revoked_at=None)

    def ending_in_earnest(self) -> Self:
        """Licences that somebody has: neither unpaid, unapproved, held nor revoked."""
        waits = (PendingCause.PAYMENT, PendingCause.APPROVAL)
        return self.filter(hold_code="", revoked_at=None).exclude(pending_cause__in=waits)

    def reached_since(self, since: datetime, *, step: timedelta) -> Self:
        """Licences that came so near to their end after `since`, and were longer when issued."""
        issued_before = Q(issued_date__lte=F("expiry_date") - step)
        return self.filter(issued_before, expiry_date__gt=since + step)

    def in_grace(self, at: datetime) -> Self:
        """Licences of which `in_grace_at(at)` is true: expired, and yet they work."""
        return self.in_status(Status.EXPIRED, at).filter(
            grace_ends_at__gt=at, parked=False, pending_cause=""
        )

    def closed_in_emergency(self) -> Self:
        """Licences that an emergency code opens to nobody, though it has let a device in."""
        unexcused = ~Q(hold_code__in=("", HoldCode.PAYMENT_FAILED))
        return self.filter(Q(revoked_at__isnull=False) | Q(parked=True) | unexcused)

    def run_out(self, at: datetime) -> Self:
        """Licences that have expired and no longer work."""
        works_on = Q(grace_ends_at__gt=at, parked=False, pending_cause="")
        no_grace = Q(grace_ends_at__isnull=True)
        return self.in_status(Status.EXPIRED, at).filter(no_grace | ~works_on)

    def full(self) -> Self:
        """Licences of which every seat is taken; whole division rounds down as `capacity` does."""
        sold = F("max_activations")
        capacity = {
            Overage.NONE: sold,
            Overage.PLUS_QUARTER: sold * 5 / 4,
            Overage.PLUS_HALF: sold * 3 / 2,
            Overage.DOUBLE: sold * 2,
        }
        reached = Q()
        for overage, seats in capacity.items():
            reached |= Q(overage=overage, current_activations__gte=seats)
        return self.filter(reached).exclude(license_model__in=UNLIMITED_MODELS)

    def matching(self, text: str, otherwise: Q | None = None) -> Self:
        """Licences that people find by these words: product, holder or the end of the key."""
        named = Q(product_name__icontains=text) | Q(issued_to__icontains=text)
        return self.filter(named | key_ends_in(text) | (otherwise or Q()))

    def behind_the_clock(self, at: datetime, *, since: datetime | None = None) -> Self:
        """Licences whose stored status the clock has passed, at dates of theirs from `since` on."""
        expired = Q(status__in=RUNNING, expiry_date__lte=at)
        grace_over = Q(status=Status.EXPIRED, grace_ends_at__lte=at) & _HAD_GRACE
        if since is not None:
            expired &= Q(expiry_date__gte=since)
            grace_over &= Q(grace_ends_at__gte=since)
        return self.filter(expired | grace_over, hold_code="", revoked_at=None)

    def with_names(self) -> Self:
        return self.select_related("tenant", "customer", "product", "template")


def key_ends_in(text: str) -> Q:
    """Find keys by their end, as people type it or copy it from a mask."""
    ends = {text.lstrip("…*-"), text.rpartition("-")[2]}
    # Some schemes write small letters, some capitals, and few people remember which.
    return Q(key_hint__in=ends | {end.upper() for end in ends} | {end.lower() for end in ends})


# Typed only when it is made at module level.
LicenseManager = models.Manager.from_queryset(LicenseQuerySet)


def _status_condition(status: Status, at: datetime) -> Q:
    """Say in SQL what `states.status_at` says in Python; a property test holds them together."""
    revoked = Q(revoked_at__isnull=False)
    held = ~Q(hold_code="")
    grace_over = Q(grace_ends_at__isnull=False, grace_ends_at__lte=at) & _HAD_GRACE
    expired = Q(expiry_date__isnull=False, expiry_date__lte=at)
    not_expired = Q(expiry_date__isnull=True) | Q(expiry_date__gt=at)
    grace_left = Q(grace_ends_at__isnull=True) | Q(grace_ends_at__gt=at) | ~_HAD_GRACE
    match status:
        case Status.REVOKED:
            return revoked
        case Status.SUSPENDED:
            return ~revoked & (held | (expired & grace_over))
        case Status.EXPIRED:
            return ~revoked & ~held & expired & grace_left
        case Status.INACTIVE:
            return ~revoked & ~held & not_expired & Q(parked=True)
        case Status.PENDING:
            return ~revoked & ~held & not_expired & Q(parked=False) & ~Q(pending_cause="")
        case Status.ACTIVE:
            return ~revoked & ~held & not_expired & Q(parked=False, pending_cause="")
