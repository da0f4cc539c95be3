"""Forgetting a customer: what names the person goes, every row and its place in history stay."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Cast, Concat

from accounts.models import Customer
from events import trail
from events.models import Notice, NoticeState, PersonKey
from events.refusals import Refusal
from events.trail import Origin
from licenses.models import Activation, KeyLink, License, NamedUser
from licenses.services.forgetting import forget
from licenses.services.reasons import demand

NOBODY = "Forgotten customer"
# Its address leads nowhere, and never will.
ADDRESS = "forgotten@customer.invalid"
_PLACEHOLDERS: dict[str, Any] = {
    "name": NOBODY,
    "email": ADDRESS,
    "company": "",
    "contact_name": "",
    "phone": "",
    "billing_address": {},
    "tax_id": "",
    "external_id": "",
    "gateway_customer_id": "",
    "active": False,
}
_BLANK_DEVICE: dict[str, Any] = {
    "machine_name": "",
    "user_agent": "",
    "ip_address": None,
    "metadata": {},
}


@transaction.atomic
def forget_customer(
    *,
    customer_id: uuid.UUID,
    reason: str,
    even_with_live_licenses: bool = False,
    at: datetime,
    origin: Origin,
) -> bool:
    """
    Forget a customer for good and return whether anything was left to forget.

    Nothing brings it back. Licences that still work go on: their devices keep their seats, and
    the names that hold seats stay until these are freed.

    :raises CUSTOMER_NOT_FOUND: there is no such customer
    :raises VALIDATION_ERROR: no reason is given
    :raises CUSTOMER_HAS_LICENSES: some still work, and that was not said to be meant
    """
    demand(reason)
    customer = Customer.objects.select_for_update().filter(pk=customer_id).first()
    if customer is None:
        raise Refusal("CUSTOMER_NOT_FOUND")
    licenses = list(License.objects.select_for_update().filter(customer=customer).order_by("pk"))
    live = [license for license in licenses if license.may_work_at(at)]
    if live and not even_with_live_licenses:
        raise Refusal("CUSTOMER_HAS_LICENSES", licenses=len(live))
    erased = (
        _blank_customer(customer)
        + _blank_licenses(licenses, at=at)
        + _blank_people(licenses, live)
        + _blank_devices(licenses)
        + _silence(customer, licenses, at=at)
        + PersonKey.objects.filter(person_id=customer.pk).delete()[0]
    )
    if erased:
        # Under no person's key, which would have to be made anew, and naming nobody.
        trail.record(
            "customer.forgotten",
            at=at,
            origin=origin,
            tenant_id=customer.tenant_id,
            changes={"customer_id": (None, customer.pk)},
            reason=reason,
        )
    return bool(erased)


def _blank_customer(customer: Customer) -> int:
    named = [name for name, blank in _PLACEHOLDERS.items() if getattr(customer, name) != blank]
    for name in named:
        setattr(customer, name, _PLACEHOLDERS[name])
    if named:
        customer.save(update_fields=[*named, "updated_at"])
    return len(named)


def _blank_licenses(licenses: list[License], *, at: datetime) -> int:
    """Put nobody's name on them; copies of what they said, and of the person's key, go as well."""
    named = [license for license in licenses if license.issued_to != NOBODY]
    for license in named:
        license.issued_to, license.updated_at = NOBODY, at
        license.revision += 1
    License.objects.bulk_update(named, ["issued_to", "updated_at", "revision"], batch_size=500)
    # Barred where nothing was changed too: a copy may still hold the person's key.
    forget(*licenses)
    return len(named)


def _blank_people(licenses: list[License], live: list[License]) -> int:
    """Replace the names that have held seats, except those by which somebody still works."""
    names = NamedUser.objects.filter(license__in=licenses)
    names = names.exclude(license__in=live, unassigned_at=None)
    names = names.exclude(identity__startswith="forgotten-")
    return names.update(
        identity=Concat(Value("forgotten-"), Cast("pk", NamedUser._meta.get_field("identity")))
    )


def _blank_devices(licenses: list[License]) -> int:
    rows = Activation.objects.filter(license__in=licenses).exclude(**_BLANK_DEVICE)
    devices = list(rows.select_for_update().order_by("pk"))
    for device in devices:
        for name, blank in _BLANK_DEVICE.items():
            setattr(device, name, blank)
        device.revision += 1
    Activation.objects.bulk_update(devices, [*_BLANK_DEVICE, "revision"], batch_size=500)
    forget(*devices)
    return len(devices)


def _silence(customer: Customer, licenses: list[License], *, at: datetime) -> int:
    """Let no mail that waits be sent, and no link that was mailed work."""
    waiting = Notice.objects.filter(customer_id=customer.pk, state=NoticeState.QUEUED)
    links = KeyLink.objects.filter(license__in=licenses, opened_at=None, withdrawn_at=None)
    return waiting.update(state=NoticeState.WITHDRAWN) + links.update(withdrawn_at=at)
