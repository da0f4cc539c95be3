"""Which mails people want: topics that nobody has to receive can be muted."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Membership, Tenant
from accounts.models.muting import check_topics
from accounts.selectors.choices import Wish
from accounts.services import people
from events import trail
from events.refusals import Refusal, invalid
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
    if changes := _mute(member, muted):
        changes["email"] = (None, member.user.email)
        trail.record(
            "member.mails_chosen",
            at=at,
            origin=origin,
            tenant_id=member.tenant_id,
            changes=changes,
        )
    return member


@transaction.atomic
def choose_mails_of_tenant(
    *, tenant_id: uuid.UUID, muted: Collection[str], at: datetime, origin: Origin
) -> Tenant:
    """
    Let nobody of an organisation get mails of these topics, and everybody all others.

    :raises TENANT_NOT_FOUND: there is no such organisation
    :raises VALIDATION_ERROR: there is no such topic
    """
    tenant = Tenant.objects.select_for_update().filter(pk=tenant_id).first()
    if tenant is None:
        raise Refusal("TENANT_NOT_FOUND")
    if changes := _mute(tenant, muted):
        trail.record("tenant.updated", at=at, origin=origin, tenant_id=tenant.pk, changes=changes)
    return tenant


def _mute(row: Membership | Tenant, muted: Collection[str]) -> dict[str, Any]:
    """
    Write down what a row muted; the rest of it is not looked at, and may not be ours to see.

    :raises VALIDATION_ERROR: there is no such topic
    """
    before, row.muted = row.muted, sorted(set(muted))
    try:
        check_topics(row.muted)
    except ValidationError as error:
        raise invalid(muted=error.messages[0]) from None
    if before == row.muted:
        return {}
    row.save(update_fields=["muted"])
    return {"muted": (before, row.muted)}


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
