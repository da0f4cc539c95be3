"""Counting what a quota is used for: one statement on PostgreSQL, the write lock on SQLite."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db import transaction
from uuid_utils.compat import uuid7

from events import trail
from events.models import Event
from events.trail import Origin
from licenses import statements, terms
from licenses.facts import LicenseFacts
from licenses.models import License, QuotaCounter

# More than any counter holds: beyond it a number on the way could be rounded.
FULL = Decimal(10) ** 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """By how much a counter is to move, and the revision of the licence that allowed it."""

    license: LicenseFacts
    feature_id: str
    period_start: date
    limit: Decimal | None
    amount: Decimal
    at: datetime
    origin: Origin

    @property
    def most(self) -> Decimal:
        """What the counter may hold after it."""
        return FULL if self.limit is None else min(self.limit, FULL)


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of it: where the counter stands, and at which revision the licence is."""

    revision: int
    used: Decimal
    moved: bool


def add(step: Step) -> Counted:
    """
    Add to a counter, or change nothing where the licence has changed or the limit would be passed.

    That a share of the limit was reached is told in the trail, in the same transaction.
    """
    if not statements.on_postgresql():
        return _under_the_write_lock(step, by=step.amount)
    return _added_untold(step) or _in_one_statement(_ADD, step)


def take_back(step: Step) -> Counted:
    """Take from a counter, or change nothing where it holds less or the licence has changed."""
    if statements.on_postgresql():
        return _in_one_statement(_TAKE_BACK, step)
    return _under_the_write_lock(step, by=-step.amount)


_EVENT = (
    "event_id", "type", "occurred_at", "recorded_at", "tenant_id", "customer_id", "license_id",
    "actor_kind", "actor_id", "actor_label_sealed", "ip_address_sealed", "reason", "request_id",
)  # fmt: skip
_CASTS = {"customer_id": "::uuid"}
_EVENT_VALUES = ", ".join(f"%(e_{name})s{_CASTS.get(name, '')}" for name in _EVENT)
_ADDS = """
    INSERT INTO licenses_quotacounter AS c
        (id, license_id, feature_id, period_start, used, rolled, due, updated_at)
    SELECT %(id)s, l.id, %(feature_id)s, %(period_start)s, %(amount)s, 0, true, %(at)s
    FROM licenses_license l
    WHERE l.id = %(license)s AND l.revision = %(revision)s AND %(amount)s <= %(most)s{first}
    ON CONFLICT (license_id, feature_id, period_start) DO UPDATE
    SET used = c.used + excluded.used, due = true,
        updated_at = greatest(c.updated_at, excluded.updated_at)
    WHERE c.used + excluded.used <= %(most)s{further}
    RETURNING c.used
"""
_ADDED = _ADDS.format(first="", further="")
# Where no share of the limit is reached, that is nearly always, the trail has nothing to hear, and
# the database need not even prepare to tell it.
_ADDED_UNTOLD = _ADDS.format(
    first=" AND width_bucket(%(amount)s, %(shares)s::numeric[]) = 0",
    further="""
      AND width_bucket(c.used, %(shares)s::numeric[])
        = width_bucket(c.used + excluded.used, %(shares)s::numeric[])""",
)
_TAKEN_BACK = """
    UPDATE licenses_quotacounter c
    SET used = c.used - %(amount)s, due = true, updated_at = greatest(c.updated_at, %(at)s)
    FROM licenses_license l
    WHERE l.id = %(license)s AND l.revision = %(revision)s
      AND c.license_id = l.id AND c.feature_id = %(feature_id)s
      AND c.period_start = %(period_start)s AND c.used >= %(amount)s
    RETURNING c.used
"""
_SEEN = """
SELECT l.revision, coalesce((SELECT used FROM counted), c.used, 0), EXISTS (SELECT FROM counted)
FROM licenses_license l LEFT JOIN licenses_quotacounter c
  ON c.license_id = l.id AND c.feature_id = %(feature_id)s AND c.period_start = %(period_start)s
WHERE l.id = %(license)s
"""
_ADD = f"""
WITH counted AS ({_ADDED}), reached AS (
    SELECT used, (
        SELECT max(mark) FROM unnest(%(marks)s::int[]) mark
        WHERE (used - %(amount)s) * 100 < mark * %(limit)s::numeric
          AND used * 100 >= mark * %(limit)s::numeric) AS mark
    FROM counted
), told AS (
    INSERT INTO events_event ({", ".join(_EVENT)}, changes)
    SELECT {_EVENT_VALUES}, %(changes)s::jsonb || jsonb_build_object(
        'percent', jsonb_build_object('before', NULL, 'after', mark),
        'used', jsonb_build_object(
            'before', trim_scale(used - %(amount)s)::text, 'after', trim_scale(used)::text))
    FROM reached WHERE mark IS NOT NULL
)
{_SEEN}
"""  # noqa: S608 - words of our own
_TAKE_BACK = f"WITH counted AS ({_TAKEN_BACK}) {_SEEN}"


def _added_untold(step: Step) -> Counted | None:
    """Add where that reaches no share of the limit; else change nothing and return None."""
    shares = () if step.limit is None else terms.shares_of(step.limit)
    parameters = _parameters(step) | {"shares": statements.as_array(shares)}
    rows = statements.fetch(_ADDED_UNTOLD, parameters)
    return Counted(step.license.revision, rows[0][0], True) if rows else None


def _in_one_statement(sql: str, step: Step) -> Counted:
    parameters = _parameters(step)
    if sql is _ADD:
        event = _event(step)
        parameters |= {f"e_{name}": event[name] for name in _EVENT}
        parameters |= {
            "limit": step.limit,
            "marks": list(terms.MARKS),
            "changes": msgspec.json.encode(event["changes"]).decode(),
        }
    revision, used, moved = statements.fetch(sql, parameters)[0]
    return Counted(revision, used, moved)


def _parameters(step: Step) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "license": step.license.id,
        "revision": step.license.revision,
        "feature_id": step.feature_id,
        "period_start": step.period_start,
        "amount": step.amount,
        "most": step.most,
        "at": step.at,
    }


@transaction.atomic
def _under_the_write_lock(step: Step, *, by: Decimal) -> Counted:
    revision = License.objects.values_list("revision", flat=True).get(pk=step.license.id)
    counter = QuotaCounter.objects.filter(
        license_id=step.license.id, feature_id=step.feature_id, period_start=step.period_start
    ).first()
    before = counter.used if counter else Decimal(0)
    used = before + by
    if revision != step.license.revision or used < 0 or (by > 0 and used > step.most):
        return Counted(revision, before, False)
    if counter is None:
        counter = QuotaCounter(
            license_id=step.license.id, feature_id=step.feature_id, period_start=step.period_start
        )
    counter.used, counter.due, counter.updated_at = used, True, step.at
    counter.save()
    mark = None if step.limit is None else terms.mark_reached(before, used, step.limit)
    if mark is not None:
        changes = {"percent": (None, mark), "used": (_told(before), _told(used))}
        Event.objects.create(**_event(step, changes))
    return Counted(revision, used, True)


def _event(step: Step, changes: dict[str, tuple[Any, Any]] | None = None) -> dict[str, Any]:
    """Return the columns of the event; it is about a licence, so it names no person's address."""
    limit = None if step.limit is None else _told(step.limit)
    return trail.columns(
        "usage.at",
        at=step.at,
        origin=Origin(
            step.origin.actor_kind, step.origin.actor_id, request_id=step.origin.request_id
        ),
        tenant_id=step.license.tenant_id,
        customer_id=step.license.customer_id,
        license_id=step.license.id,
        changes={"feature_id": (None, step.feature_id), "limit": (None, limit)} | (changes or {}),
    )


def _told(number: Decimal) -> str:
    return f"{number.normalize():f}"
