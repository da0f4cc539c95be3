"""Transferring: another holder for the same right."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Customer
from events import trail
from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses.models import License
from licenses.services import keyring, reasons
from licenses.services.emptying import empty
from licenses.services.key_links import withdraw_links
from licenses.services.lifecycle.writing import lock_for, told, write
from licenses.states import Act


@transaction.atomic
def transfer_license(
    *,
    license_id: uuid.UUID,
    new_issued_to: str,
    reason: str,
    deactivate_existing: bool,
    at: datetime,
    origin: Origin,
    new_customer_id: uuid.UUID | None = None,
    across_tenants: bool = False,
) -> License:
    """
    Give a licence to another holder, with its key, devices and names unless they are to go.

    Into another tenant it goes without devices, without its old key and without auto-renewal;
    what happened before stays in the old tenant's trail.

    :raises VALIDATION_ERROR: if no reason or no holder is said
    :raises ILLEGAL_STATUS_CHANGE: if it is suspended or revoked
    :raises CUSTOMER_NOT_FOUND: if there is no such customer where the caller may transfer to
    """
    reasons.demand(reason, field="transfer_reason")
    if not new_issued_to.strip():
        raise invalid(new_issued_to="Say who holds it now.")
    license = lock_for(Act.TRANSFER, license_id, at=at)
    before = told(license)
    customer = license.customer
    if new_customer_id is not None:
        customer = Customer.objects.filter(pk=new_customer_id, active=True).first()
        if customer is None or (customer.tenant_id != license.tenant_id and not across_tenants):
            raise Refusal("CUSTOMER_NOT_FOUND")
    leaves_tenant = customer is not None and customer.tenant_id != license.tenant_id
    if deactivate_existing or leaves_tenant:
        empty(license, reason="LICENSE_TRANSFERRED", at=at, origin=origin)
    # What was mailed was meant for the holder it had.
    withdraw_links(license, at=at)
    if leaves_tenant:
        before = _leave(license, before, reason=reason, at=at, origin=origin)
    license.customer = customer
    license.issued_to = new_issued_to.strip()
    if leaves_tenant:
        _settle_in(license, at=at, origin=origin)
    return write(license, "license.transferred", before=before, at=at, origin=origin, reason=reason)


def _leave(
    license: License, before: dict[str, Any], *, reason: str, at: datetime, origin: Origin
) -> dict[str, Any]:
    """
    Tell the old tenant that the licence left, and return what the new one may know of before.

    Neither trail names the other side's holder: the tenants are strangers to each other.
    """
    trail.record(
        "license.transferred",
        at=at,
        origin=origin,
        tenant_id=license.tenant_id,
        customer_id=license.customer_id,
        license_id=license.pk,
        reason=reason,
    )
    return before | dict.fromkeys(("tenant", "customer", "reseller", "issued_to", "key_hint"))


def _settle_in(license: License, *, at: datetime, origin: Origin) -> None:
    """Put a licence into its new customer's tenant, with a key that nobody there knows yet."""
    assert license.customer is not None  # noqa: S101 - it leaves for a customer
    license.tenant = license.customer.tenant
    license.tenant_since = at
    license.reseller = None
    license.auto_renewal = False
    keyring.give_new_key(license, features=keyring.granted(license), at=at, origin=origin)
