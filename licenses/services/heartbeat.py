"""Heartbeats: reading what they tell, keeping it for a moment, and writing it down in batches."""

import logging
import math
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import DataError, IntegrityError, transaction
from uuid_utils.compat import uuid7

from events.refusals import invalid
from licenses import hot
from licenses.models import Activation, AppliedBatch
from licenses.models.usage import FEATURE_USAGE, LAST_USED_AT, is_counter
from licenses.selectors.snapshots import Snapshot
from licenses.services import usage_totals
from licenses.services.forgetting import forget
from licenses.services.usage_totals import Beat, read_beat

_MAX_METRICS = 100
_MAX_NAME = 100
# Sums of these stay exact to the unit, and a thousand years of them overflow nothing.
_LARGEST = 1e15

log = logging.getLogger(__name__)


def read_metrics(sent: Mapping[str, Any]) -> dict[str, float]:
    """
    Return what a heartbeat tells, one number by name: `feature_usage.export`.

    :raises VALIDATION_ERROR: naming what is no number, or a counter below zero
    """
    if len(sent) > _MAX_METRICS:
        raise invalid(metrics=f"At most {_MAX_METRICS}.")
    told: dict[str, float] = {}
    for name, value in sent.items():
        if name == FEATURE_USAGE:
            if not isinstance(value, dict) or len(value) > _MAX_METRICS:
                raise invalid(**{f"metrics.{name}": "Numbers by feature."})
            for feature_id, used in value.items():
                told[f"{FEATURE_USAGE}.{feature_id}"] = _number(f"{name}.{feature_id}", used)
        elif name == LAST_USED_AT:
            told[name] = _moment(value)
        else:
            told[name] = _number(name, value)
    return told


def tail(metrics: dict[str, float], *, at: datetime) -> bytes:
    """Return a heartbeat as it is kept, without whose it is: the store puts that before it."""
    return b"%.6f,%b]" % (at.timestamp(), msgspec.json.encode(metrics))


def record(
    found: Snapshot,
    metrics: dict[str, float],
    *,
    kept: bool = False,
    application_version: str = "",
    operating_system: str = "",
    at: datetime,
) -> None:
    """
    Keep one heartbeat of a live device for the next flush, or write it where nothing can keep it.

    `kept`: the store did so already. A device that was signed out is not listened to.
    """
    device = found.device
    if device is None or not device.live:
        return
    if kept:
        pass
    elif not hot.store().keep_beat(b'["%b",%b' % (device.id.hex.encode(), tail(metrics, at=at))):
        usage_totals.write([Beat(device.id, at.timestamp(), metrics)])
    now_runs = (
        application_version[:100] or device.application_version,
        operating_system[:255] or device.operating_system,
    )
    if now_runs != (device.application_version, device.operating_system):
        _note_software(device.id, *now_runs)


@transaction.atomic
def _note_software(
    activation_id: uuid.UUID, application_version: str, operating_system: str
) -> None:
    """Note that a device runs something else than when it was last asked."""
    row = Activation.objects.select_for_update().get(pk=activation_id)
    row.application_version = application_version
    row.operating_system = operating_system
    row.revision += 1
    row.save(update_fields=["application_version", "operating_system", "revision"])
    forget(row)


def flush(*, at: datetime) -> int:
    """
    Write every batch of kept heartbeats, oldest first; safe late, twice and in parallel.

    A batch is named in the transaction that writes it: killed before the commit it is written the
    next time, killed after it the next time finds it written. Returns the number of rows.
    """
    store, rows = hot.store(), 0
    while found := store.next_batch(str(uuid7())):
        batch_id, lines = found
        try:
            with transaction.atomic():
                # First, so that a second writer of this batch waits here and then fails.
                AppliedBatch.objects.create(pk=batch_id, applied_at=at)
                rows += write_lines(lines)
        except IntegrityError:
            # Written before, only forgetting it was left undone; any other fault is told.
            if not AppliedBatch.objects.filter(pk=batch_id).exists():
                raise
        store.drop_batch(batch_id)
    return rows


def write_lines(lines: Sequence[bytes]) -> int:
    """
    Write kept heartbeats, or as many of them as can be; return how many rows were written.

    One line that no column can hold never stops those behind it.
    """
    try:
        with transaction.atomic():
            return usage_totals.write([read_beat(line) for line in lines])
    except (DataError, msgspec.MsgspecError):
        return sum(_write_alone(line) for line in lines)


def _write_alone(line: bytes) -> int:
    try:
        with transaction.atomic():
            return usage_totals.write([read_beat(line)])
    except (DataError, msgspec.MsgspecError):
        log.exception("A heartbeat was left out: no column can hold it")
        return 0


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise invalid(**{f"metrics.{name}": "A number."})
    if len(name) > _MAX_NAME:
        raise invalid(metrics=f"Names of at most {_MAX_NAME} characters.")
    if abs(value) > _LARGEST:
        raise invalid(**{f"metrics.{name}": "At most 10^15."})
    if value < 0 and is_counter(name):
        raise invalid(**{f"metrics.{name}": "Counters never fall below zero."})
    return float(value)


def _moment(value: Any) -> float:
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        raise invalid(**{f"metrics.{LAST_USED_AT}": "A time, like 2026-03-14T09:26:53Z."}) from None
