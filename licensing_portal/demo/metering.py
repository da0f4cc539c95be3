"""What the demo's apps consumed and told over the last month, as the roll-ups would hold it."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import F

from events.trail import Origin
from licenses.facts import Reading
from licenses.models import Entitlement, License, QuotaCounter, UsageRollup
from licenses.models.series import Grain, Source
from licenses.selectors import snapshots
from licenses.services import quotas
from licenses.states import Status
from licensing_portal.demo.stage import Stage

_DAYS = 30
_CALLS_A_DAY = 90
_AT_WEEKENDS = 0.15


def meter(stage: Stage) -> None:
    """Consume of every quota in force, and draw the month behind it."""
    rows: list[UsageRollup] = []
    for license in License.objects.in_status(Status.ACTIVE, stage.now).order_by("id"):
        if not license.current_activations:
            continue
        for granted in license.entitlements.exclude(limit_value=None).order_by("position", "id"):
            used = _consume(stage, license, granted)
            rows += _days(stage, license, Source.QUOTA, granted.feature_id, float(used.used))
        calls = _CALLS_A_DAY * _DAYS * license.current_activations * stage.rng.uniform(0.5, 1.2)
        rows += _days(stage, license, Source.TOLD, "api_calls_count", round(calls))
    # Counted and drawn already: the next roll-up has nothing to add.
    QuotaCounter.objects.update(rolled=F("used"), due=False)
    UsageRollup.objects.bulk_create(rows, batch_size=1_000)


def _consume(stage: Stage, license: License, granted: Entitlement) -> Reading:
    found = snapshots.load_by_key(bytes(license.key_digest), fingerprint=None)
    assert found is not None  # noqa: S101 - just read
    assert granted.limit_value is not None  # noqa: S101 - asked for
    # Most use about half of what they bought; a few are at the end of it.
    share = min(1.0, stage.rng.betavariate(2, 2) * 1.15)
    amount = max(Decimal(1), (granted.limit_value * Decimal(str(round(share, 3)))).quantize(1))
    return quotas.consume(
        found=found,
        feature_id=granted.feature_id,
        amount=amount,
        at=stage.now,
        origin=Origin(actor_kind="device"),
    )


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
