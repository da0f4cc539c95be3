"""What the demo's apps consumed and told over the last month, as the roll-ups would hold it."""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import partial

from django.db.models import F

from events.trail import Origin
from licenses import terms
from licenses.models import Entitlement, License, QuotaCounter, UsageRollup
from licenses.models.series import Grain, Source
from licenses.selectors import snapshots
from licenses.services import quotas
from licenses.states import Status
from licensing_portal.demo.stage import Happening, Stage

_DAY = timedelta(days=1)
_DAYS = 30
_CALLS_A_DAY = 90
_AT_WEEKENDS = 0.15
# Within how many days what this period holds was consumed, where the period is as old.
_LATELY = 4.0


def consumed_when(
    stage: Stage, license: License, rng: random.Random
) -> Iterator[tuple[float, Happening]]:
    """Yield how many days ago each quota of a new licence was consumed of, and by how much."""
    for granted in license.entitlements.exclude(limit_value=None).order_by("position", "id"):
        began = datetime.combine(terms.period_start(granted.period, stage.now), time(), UTC)
        since = min(_LATELY, *((stage.now - at) / _DAY for at in (began, license.issued_date)))
        # Most use about half of what they bought; a few are at the end of it.
        share = Decimal(str(round(min(1.0, rng.betavariate(2, 3) * 1.2), 3)))
        consume = partial(_consume, license_id=license.pk, granted=granted, share=share)
        yield rng.random() * since, consume


def _consume(at: datetime, *, license_id: uuid.UUID, granted: Entitlement, share: Decimal) -> None:
    license = License.objects.in_status(Status.ACTIVE, at).filter(pk=license_id).first()
    if license is None or not license.current_activations:
        return
    found = snapshots.load_by_key(bytes(license.key_digest), fingerprint=None)
    assert found is not None  # noqa: S101 - just read
    assert granted.limit_value is not None  # noqa: S101 - asked for
    quotas.consume(
        found=found,
        feature_id=granted.feature_id,
        amount=max(Decimal(1), (granted.limit_value * share).quantize(1)),
        at=at,
        origin=Origin(actor_kind="device"),
    )


def meter(stage: Stage) -> None:
    """Draw the month behind every quota that was consumed of, and behind the calls made."""
    rows: list[UsageRollup] = []
    for counter in QuotaCounter.objects.select_related("license").order_by("id"):
        used = float(counter.used)
        rows += _days(stage, counter.license, Source.QUOTA, counter.feature_id, used)
    for license in License.objects.in_status(Status.ACTIVE, stage.now).order_by("id"):
        if not license.current_activations:
            continue
        calls = _CALLS_A_DAY * _DAYS * license.current_activations * stage.rng.uniform(0.5, 1.2)
        rows += _days(stage, license, Source.TOLD, "api_calls_count", round(calls))
    # Counted and drawn already: the next roll-up has nothing to add.
    QuotaCounter.objects.update(rolled=F("used"), due=False)
    UsageRollup.objects.bulk_create(rows, batch_size=1_000)


def _days(
    stage: Stage, license: License, source: Source, metric: str, total: float
) -> list[UsageRollup]:
    """Return a month of days that add up to about so much, with less of it at weekends."""
    today = stage.now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [today - timedelta(days=ago) for ago in range(_DAYS) if _held(license, today, ago)]
    weights = [_weight(stage, day) for day in days]
    return [
        UsageRollup(
            license=license,
            grain=Grain.DAY,
            starts_at=day,
            source=source,
            metric=metric,
            value=round(total * weight / sum(weights)),
        )
        for day, weight in zip(days, weights, strict=True)
    ]


def _held(license: License, today: datetime, ago: int) -> bool:
    return ago == 0 or license.issued_date <= today - timedelta(days=ago)


def _weight(stage: Stage, day: datetime) -> float:
    working = day.weekday() < 5
    return stage.rng.uniform(0.6, 1.4) * (1 if working else _AT_WEEKENDS)
