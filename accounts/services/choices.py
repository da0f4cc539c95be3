"""Which mails people want: topics that nobody has to receive can be muted."""

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.models import Membership
from accounts.selectors.choices import Wish
from accounts.services import people
from accounts.services.storing import check
from events import trail
from events.refusals import Refusal
from events.trail import Origin


@transaction.atomic
def choose_own_mails(
    *, membership_id: uuid.UUID, muted: Collection[str], at: datetime, origin: Origin
) -> Membership:
    """
    Let a member get no mails of these topics, and all others.

    :raises MEMBER_NOT_FOUND: there is no such member
    :raises VALIDATION_ERROR: there is no such topic
    """
    rows = Membership.objects.select_for_update(of=("self",)).select_related("user")
    member = rows.filter(pk=membership_id).first()
    if member is None:
        raise Refusal("MEMBER_NOT_FOUND")
    before, after = member.muted, sorted(set(muted))
    if before != after:
        member.muted = after
        check(member)
        member.save(update_fields=["muted"])
        trail.record(
            "member.mails_chosen",
            at=at,
            origin=origin,
            tenant_id=member.tenant_id,
            changes={"email": (None, member.user.email), "muted": (before, after)},
        )
    return member


@transaction.atomic
def unsubscribe(*, wish: Wish, at: datetime, origin: Origin) -> None:
    """End the mails that a link speaks of; once more changes nothing, as does whoever is gone."""
    row = wish.row
    if row is None or wish.topic in row.muted:
        return
    muted = sorted({*row.muted, wish.topic.value})
    if isinstance(row, Membership):
        choose_own_mails(membership_id=row.pk, muted=muted, at=at, origin=origin)
    else:
        people.update_customer(customer_id=row.pk, fields={"muted": muted}, at=at, origin=origin)
