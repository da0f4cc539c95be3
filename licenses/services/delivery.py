"""Delivering a licence by e-mail: who may be sent to, what the mail holds, and the link in it."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts import roles
from accounts.models import Membership, Tenant
from events import trail
from events.models import Notice, NoticeState
from events.notifications import Mail
from events.refusals import Refusal, invalid
from events.selectors.recipients import recipients_of
from events.services import notices
from events.trail import Origin
from licenses import notifications, states
from licenses.models import KeyLink, License
from licenses.models.key_link import LASTS
from licenses.services import key_links, keyring
from licenses.services.key_links import KIND
from licenses.states import Status

MOST_A_DAY = 10
_DAY = timedelta(days=1)
# Asked for twice so close together it was one wish: a double click, or a caller that tried again.
_SAME_WISH = timedelta(minutes=1)
_UNDER_WAY = (NoticeState.SENDING, NoticeState.SENT)
_MAY_HOLD_KEYS = [role.value for role, scopes in roles.MAY.items() if "licenses:reveal" in scopes]


@transaction.atomic
def deliver_key(
    *,
    license_id: uuid.UUID,
    email: str,
    at: datetime,
    origin: Origin,
    inside_tenant: bool = False,
    reason: str = "",
) -> Notice:
    """
    Mail a licence's key, or the link that shows it once, and return the notice of it.

    :raises LICENSE_NOT_FOUND: if there is no such licence
    :raises ILLEGAL_STATUS_CHANGE: if it is revoked
    :raises VALIDATION_ERROR RECIPIENT_FORBIDDEN DELIVERY_LIMIT: as `owe_key` does
    """
    license = License.objects.select_for_update().filter(pk=license_id).first()
    if license is None:
        raise Refusal("LICENSE_NOT_FOUND")
    if license.status_at(at) == Status.REVOKED:
        raise Refusal(states.ILLEGAL, act="deliver", status=Status.REVOKED.value)
    return owe_key(
        license, email=email, at=at, origin=origin, inside_tenant=inside_tenant, reason=reason
    )


def owe_key(
    license: License,
    *,
    email: str,
    at: datetime,
    origin: Origin,
    inside_tenant: bool = False,
    reason: str = "",
    field: str = "email",
) -> Notice:
    """
    Owe somebody the key of a licence that is locked, or not yet seen by anybody.

    With `inside_tenant` it goes only to customers of the tenant and to members who may show keys:
    whoever may act for one tenant must not make us write to strangers.

    :raises VALIDATION_ERROR: naming `field`, if that is no address
    :raises RECIPIENT_FORBIDDEN: if the address is nobody's there
    :raises DELIVERY_LIMIT: if the licence was mailed too often in the last 24 hours
    """
    address = _address(email, field)
    if inside_tenant and not _belongs(address, license.tenant):
        raise Refusal("RECIPIENT_FORBIDDEN")
    lately = Notice.objects.of_license(license.pk).filter(kind=KIND, queued_at__gt=at - _DAY)
    recent = list(lately.order_by("-id"))
    if same := _same_wish(license, recent, address, at):
        return same
    if len(recent) >= MOST_A_DAY:
        # The oldest of those that count leaves first.
        free_at = recent[MOST_A_DAY - 1].queued_at + _DAY
        raise Refusal("DELIVERY_LIMIT", retry_after=max(1, int((free_at - at).total_seconds())))
    event = trail.record(
        "license.delivered",
        at=at,
        origin=origin,
        tenant_id=license.tenant_id,
        customer_id=license.customer_id,
        license_id=license.pk,
        changes={"email": (None, address)},
        reason=reason,
    )
    return notices.queue(
        kind=KIND,
        occasion=str(event.event_id),
        recipient=address,
        at=at,
        tenant_id=license.tenant_id,
        customer_id=license.customer_id,
        license_id=license.pk,
    )


def compose(notice: Notice, address: str, at: datetime) -> Mail | None:
    """
    Return the mail, made when it leaves: until then nobody, nor any table, holds its link.

    None where the licence has been revoked meanwhile.
    """
    license = License.objects.select_for_update().filter(pk__in=[notice.license_id]).first()
    if license is None or license.revoked:
        return None
    if settings.MAIL_LICENSE_KEYS:
        key = keyring.reveal_key(
            license_id=license.pk, reason="Sent by e-mail.", at=at, origin=trail.SYSTEM
        )
        return notifications.key_itself(license, key=key)
    token = key_links.make_link(license, notice, at=at)
    return notifications.key_link(license, token=token, expires_at=at + LASTS)


@transaction.atomic
def open_link(*, link_id: uuid.UUID, at: datetime, origin: Origin) -> str | None:
    """Return the key that a link shows, this once; None if it shows nothing any more."""
    license = License.objects.select_for_update().get(key_links=link_id)
    unused = KeyLink.objects.filter(pk=link_id, opened_at=None, withdrawn_at=None)
    if license.revoked or not unused.filter(expires_at__gt=at).update(opened_at=at):
        return None
    return keyring.reveal_key(
        license_id=license.pk, reason="Shown by the link in an e-mail.", at=at, origin=origin
    )


def _address(text: str, field: str) -> str:
    address = text.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise invalid(**{field: "Not an e-mail address."}) from None
    return address


def _belongs(address: str, tenant: Tenant) -> bool:
    """Return whether an address is a customer's, or of a member who may show keys."""
    members = Membership.objects.filter(tenant=tenant, role__in=_MAY_HOLD_KEYS)
    return (
        tenant.customers.filter(email__iexact=address, active=True).exists()
        or members.filter(user__email__iexact=address, user__is_active=True).exists()
    )


def _same_wish(license: License, recent: list[Notice], address: str, at: datetime) -> Notice | None:
    """Return the notice that this one would repeat: it waits, or was asked for a moment ago."""
    # Since the licence changed, an earlier mail may show nothing any more.
    since = max(license.updated_at, at - _SAME_WISH)
    repeated = [
        notice
        for notice in recent
        if notice.state == NoticeState.QUEUED
        or (notice.state in _UNDER_WAY and notice.queued_at >= since)
    ]
    known = recipients_of(repeated)
    same = (one for one in repeated if known.get(one.pk, "").lower() == address.lower())
    return next(same, None)
