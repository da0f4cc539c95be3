"""The first page at a glance: how licences stand, reckoned without reading ten million rows."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from events.models import Event, Notice, WebhookEndpoint
from licenses.models import License
from licenses.models.license_queries import LicenseQuerySet
from licenses.states import PendingCause, Status
from licenses.terms import UNLIMITED_MODELS, Overage

# Nobody counts further on a first page, and no query reads on.
MOST = 10_000
ENDING = timedelta(days=30)
DAYS = 30
WEEK = timedelta(days=7)
_CAN_FILL = ~Q(license_model__in=[model.value for model in UNLIMITED_MODELS]) & ~Q(
    overage=Overage.UNLIMITED.value
)


@dataclass(frozen=True, slots=True)
class Count:
    """A number that is exact to ten thousand."""

    number: int

    @property
    def capped(self) -> bool:
        return self.number > MOST

    def __str__(self) -> str:
        return f"{MOST:,}+" if self.capped else f"{self.number:,}"

    def __bool__(self) -> bool:
        return self.number > 0


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats taken, and how many of them are of those sold by number."""

    taken: int
    of_sold: int
    sold: int
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day."""

    day: date
    activated: int
    refused: int


@dataclass(frozen=True, slots=True)
class Activity:
    """The last thirty days of activations, as far back as the newest ten thousand events go."""

    days: list[Day]
    reasons: list[tuple[str, int]]

    @property
    def today(self) -> int:
        return self.days[-1].activated

    @property
    def week(self) -> int:
        return sum(day.activated for day in self.days[-7:])

    @property
    def refused_week(self) -> int:
        return sum(day.refused for day in self.days[-7:])


def capped(rows: QuerySet[Any]) -> Count:
    """Return how many rows there are, counting no further than one past the most."""
    return Count(rows.order_by()[: MOST + 1].count())


def by_status(at: datetime) -> dict[str, Count]:
    """Return how many licences are in each status at that instant."""
    return {status.value: capped(License.objects.in_status(status, at)) for status in Status}


def in_grace(at: datetime) -> Count:
    """Return how many have ended and still work."""
    return capped(License.objects.in_grace(at))


def ending(at: datetime) -> Count:
    """Return how many that are in force end within thirty days."""
    active = License.objects.in_status(Status.ACTIVE, at)
    return capped(active.expiring_between(at, at + ENDING))


def awaiting_approval(at: datetime) -> Count:
    """Return how many wait for staff."""
    pending = License.objects.in_status(Status.PENDING, at)
    return capped(pending.filter(pending_cause=PendingCause.APPROVAL.value))


def full(at: datetime) -> Count:
    """Return how many of the newest licences in force have no seat left as sold."""
    return capped(full_of(License.objects.all()).in_status(Status.ACTIVE, at))


def full_of(licenses: LicenseQuerySet) -> LicenseQuerySet:
    """Return those of the newest licences of which every seat that was sold is taken."""
    # An index over the seats taken would cost every activation; so older ones are left out.
    newest = fillable(licenses.filter(pk__in=_newest_ids()))
    return newest.filter(current_activations__gte=F("max_activations"))


def fillable(licenses: LicenseQuerySet) -> LicenseQuerySet:
    """Return those of which seats can fill at all."""
    return licenses.filter(_CAN_FILL)


def seats() -> Seats:
    """Return the seats of the newest licences."""
    newest = seats_of(License.objects.filter(pk__in=_newest_ids()))
    return replace(newest, partial=capped(License.objects.all()).capped)


def seats_of(licenses: LicenseQuerySet) -> Seats:
    """Return the seats of these licences, whatever status they are in."""
    sums = licenses.aggregate(
        taken=Sum("current_activations", default=0),
        of_sold=Sum("current_activations", filter=_CAN_FILL, default=0),
        sold=Sum("max_activations", filter=_CAN_FILL, default=0),
    )
    return Seats(**sums)


def activity(at: datetime) -> Activity:
    """Return activations and refusals of the last thirty days."""
    activated = Counter(moment.date() for moment, _ in _newest("activation.created", at))
    refusals = _newest("activation.refused", at)
    refused = Counter(moment.date() for moment, _ in refusals)
    week = at - timedelta(days=7)
    reasons = Counter(reason for moment, reason in refusals if moment > week)
    span = [(at - timedelta(days=back)).date() for back in reversed(range(DAYS))]
    return Activity(
        days=[Day(day, activated[day], refused[day]) for day in span],
        reasons=reasons.most_common(5),
    )


def _newest_ids() -> QuerySet[License, Any]:
    return License.objects.order_by("-id").values("pk")[:MOST]


def _newest(event_type: str, at: datetime) -> list[tuple[datetime, str]]:
    since = at - timedelta(days=DAYS)
    rows = Event.objects.filter(type=event_type).newest_first()
    found = rows.values_list("occurred_at", "reason")[:MOST]
    return [(moment, reason) for moment, reason in found if moment > since]


def mails_in_trouble(at: datetime) -> Count:
    """Return how many e-mails of the last week a person should look at."""
    return capped(Notice.objects.in_trouble(at).filter(queued_at__gte=at - WEEK))


def webhooks_in_trouble(at: datetime) -> Count:
    """Return how many webhook endpoints a person should look at."""
    return capped(WebhookEndpoint.objects.in_trouble(at))
