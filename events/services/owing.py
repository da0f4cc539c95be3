"""Owing many mails at once: what a job found to be told."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from events import trail, vault
from events.models import Notice
from events.services import notices


@dataclass(frozen=True, slots=True)
class Owed:
    """One mail: of which kind, on what occasion, and to whom."""

    kind: str
    occasion: str
    recipient: str
    tenant_id: uuid.UUID | None = None
    customer_id: uuid.UUID | None = None
    membership_id: uuid.UUID | None = None
    license_id: uuid.UUID | None = None

    @property
    def dedup_key(self) -> str:
        return f"{self.kind}:{self.occasion}"


@transaction.atomic
def queue_many(owed: Sequence[Owed], *, at: datetime) -> int:
    """
    Owe all of them in a few statements; return how many were not owed before.

    In parallel with itself, whoever comes second writes nothing: the key is unique.
    """
    known = set(
        Notice.objects.filter(dedup_key__in=[one.dedup_key for one in owed]).values_list(
            "dedup_key", flat=True
        )
    )
    new = {one.dedup_key: one for one in owed if one.dedup_key not in known}
    salts = trail.salts_for(one.customer_id for one in new.values() if one.customer_id)
    # In one order everywhere: two rounds that wait for each other's keys would wait for ever.
    rows = [_row(new[key], salts, at=at) for key in sorted(new)]
    Notice.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    for row in rows:
        transaction.on_commit(partial(notices.start, row), robust=True)
    return len(rows)


def _row(one: Owed, salts: dict[uuid.UUID, bytes], *, at: datetime) -> Notice:
    salt = salts[one.customer_id] if one.customer_id else trail.salt_of(None)
    return Notice(
        kind=one.kind,
        dedup_key=one.dedup_key,
        tenant_id=one.tenant_id,
        customer_id=one.customer_id,
        membership_id=one.membership_id,
        license_id=one.license_id,
        recipient_sealed=vault.encrypt_for(salt, one.recipient),
        queued_at=at,
        due_at=at,
    )
