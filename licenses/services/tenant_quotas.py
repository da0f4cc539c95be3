"""Consuming of whatever licence a tenant has for it."""

import uuid
from datetime import datetime
from decimal import Decimal

from events.refusals import Refusal
from events.trail import Origin
from licenses.facts import Reading
from licenses.selectors import flags, snapshots
from licenses.services import quotas

# As many licences are tried; beyond that a tenant has used up what it has.
_TRIED = 20


def consume_of_tenant(
    *, tenant_id: uuid.UUID, feature_id: str, amount: Decimal, at: datetime, origin: Origin
) -> Reading:
    """
    Count an amount against the most generous of a tenant's licences that has so much left.

    :raises LICENSE_NOT_FOUND: if it has no valid licence
    :raises FEATURE_NOT_LICENSED: if none of them grants the feature now
    :raises QUOTA_EXCEEDED: if nothing is left of any, as the most generous one says it
    """
    digests = flags.digests_granting(tenant_id, feature_id, at=at, most=_TRIED)
    refused: Refusal | None = None
    for digest in digests:
        found = snapshots.load_by_key(digest, fingerprint=None)
        if found is None:
            continue
        try:
            return quotas.consume(
                found=found, feature_id=feature_id, amount=amount, at=at, origin=origin
            )
        except Refusal as refusal:
            refused = refused or refusal
    if refused is not None:
        raise refused
    known = flags.has_valid_license(tenant_id, at=at)
    raise Refusal("FEATURE_NOT_LICENSED" if known else "LICENSE_NOT_FOUND")
