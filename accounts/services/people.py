"""Organisations, customers and members: made and changed, each with its event."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Customer, Membership, Tenant, User
from accounts.roles import Role
from accounts.services.storing import store
from events import trail
from events.models import PersonKey
from events.refusals import Refusal, invalid
from events.trail import Origin

Row = TypeVar("Row", Tenant, Customer)

TENANT_FIELDS = frozenset(
    {
        "code",
        "name",
        "is_reseller",
        "sold_by",
        "payment_terms_days",
        "language",
        "time_zone",
        "currency",
        "billing_address",
        "tax_id",
        "tax_rate",
        "muted",
        "active",
    }
)
CUSTOMER_FIELDS = frozenset(
    {
        "name",
        "email",
        "company",
        "contact_name",
        "phone",
        "billing_address",
        "tax_id",
        "external_id",
        "gateway_customer_id",
        "muted",
        "active",
    }
)


@transaction.atomic
def create_tenant(*, fields: Mapping[str, Any], at: datetime, origin: Origin) -> Tenant:
    """
    Make an organisation.

    :raises VALIDATION_ERROR: an impossible value, or a code that is taken
    """
    tenant = Tenant()
    changes = _apply(tenant, fields, TENANT_FIELDS)
    _check_tenant(tenant)
    store(tenant, force_insert=True)
    trail.record("tenant.created", at=at, origin=origin, tenant_id=tenant.pk, changes=changes)
    return tenant


@transaction.atomic
def update_tenant(
    *, tenant_id: uuid.UUID, fields: Mapping[str, Any], at: datetime, origin: Origin
) -> Tenant:
    """
    Change an organisation; what is not named stays.

    :raises TENANT_NOT_FOUND: there is no such organisation
    :raises VALIDATION_ERROR: an impossible value, or a code that is taken
    """
    tenant = Tenant.objects.select_for_update().filter(pk=tenant_id).first()
    if tenant is None:
        raise Refusal("TENANT_NOT_FOUND")
    if changes := _apply(tenant, fields, TENANT_FIELDS):
        _check_tenant(tenant)
        store(tenant)
        trail.record("tenant.updated", at=at, origin=origin, tenant_id=tenant.pk, changes=changes)
    return tenant


@transaction.atomic
def create_customer(
    *, tenant_id: uuid.UUID, fields: Mapping[str, Any], at: datetime, origin: Origin
) -> Customer:
    """
    Make a customer inside a tenant, with the key under which the trail keeps their data.

    :raises VALIDATION_ERROR: an impossible value, or an external id that is taken
    """
    customer = Customer(tenant_id=tenant_id)
    changes = _apply(customer, fields, CUSTOMER_FIELDS)
    store(customer, force_insert=True)
    PersonKey.objects.create(person_id=customer.pk)
    trail.record(
        "customer.created",
        at=at,
        origin=origin,
        tenant_id=tenant_id,
        customer_id=customer.pk,
        changes=changes,
    )
    return customer


@transaction.atomic
def update_customer(
    *, customer_id: uuid.UUID, fields: Mapping[str, Any], at: datetime, origin: Origin
) -> Customer:
    """
    Change a customer; what is not named stays.

    :raises CUSTOMER_NOT_FOUND: there is no such customer
    :raises VALIDATION_ERROR: an impossible value, or an external id that is taken
    """
    customer = Customer.objects.select_for_update().filter(pk=customer_id).first()
    if customer is None:
        raise Refusal("CUSTOMER_NOT_FOUND")
    if changes := _apply(customer, fields, CUSTOMER_FIELDS):
        store(customer)
        trail.record(
            "customer.updated",
            at=at,
            origin=origin,
            tenant_id=customer.tenant_id,
            customer_id=customer.pk,
            changes=changes,
        )
    return customer


@transaction.atomic
def add_member(
    *, tenant_id: uuid.UUID, email: str, role: Role, name: str = "", at: datetime, origin: Origin
) -> Membership:
    """
    Let a person into a tenant's portal, who sets a password through the reset link.

    :raises ALREADY_MEMBER: the person is one already
    """
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        user = User.objects.create_user(email, name=name)
    if Membership.objects.filter(user=user, tenant_id=tenant_id).exists():
        raise Refusal("ALREADY_MEMBER")
    membership = Membership.objects.create(user=user, tenant_id=tenant_id, role=Role(role).value)
    _record_member("member.added", membership, None, membership.role, at=at, origin=origin)
    return membership


@transaction.atomic
def change_member(
    *, membership_id: uuid.UUID, role: Role, at: datetime, origin: Origin
) -> Membership:
    """
    Give a member another part.

    :raises MEMBER_NOT_FOUND: there is no such member
    :raises LAST_OWNER: the organisation would have no owner left
    """
    membership = _locked_member(membership_id)
    before = membership.role
    if before != role:
        _keep_an_owner(membership)
        membership.role = Role(role).value
        membership.save(update_fields=["role"])
        _record_member("member.changed", membership, before, membership.role, at=at, origin=origin)
    return membership


@transaction.atomic
def remove_member(*, membership_id: uuid.UUID, at: datetime, origin: Origin) -> None:
    """
    Shut a person out of a tenant's portal.

    :raises MEMBER_NOT_FOUND: there is no such member
    :raises LAST_OWNER: the organisation would have no owner left
    """
    membership = _locked_member(membership_id)
    _keep_an_owner(membership)
    _record_member("member.removed", membership, membership.role, None, at=at, origin=origin)
    membership.delete()


def _locked_member(membership_id: uuid.UUID) -> Membership:
    members = Membership.objects.filter(pk=membership_id)
    # The organisation's row is the lock: two owners leaving at once would leave none.
    Tenant.objects.select_for_update().filter(pk__in=members.values("tenant")).first()
    found = members.select_related("user").first()
    if found is None:
        raise Refusal("MEMBER_NOT_FOUND")
    return found


def _keep_an_owner(leaving: Membership) -> None:
    owners = Membership.objects.filter(tenant_id=leaving.tenant_id, role=Role.OWNER.value)
    if leaving.role == Role.OWNER and not owners.exclude(pk=leaving.pk).exists():
        raise Refusal("LAST_OWNER")


def _record_member(
    event_type: str,
    membership: Membership,
    before: str | None,
    after: str | None,
    *,
    at: datetime,
    origin: Origin,
) -> None:
    trail.record(
        event_type,
        at=at,
        origin=origin,
        tenant_id=membership.tenant_id,
        changes={"email": (None, membership.user.email), "role": (before, after)},
    )


def _apply(row: Row, fields: Mapping[str, Any], allowed: frozenset[str]) -> dict[str, Any]:
    """Set the fields on the row and return what changed, as the trail wants it."""
    if unknown := set(fields) - allowed:
        raise TypeError(f"not fields of {type(row).__name__}: {', '.join(sorted(unknown))}")
    changes = {}
    for name, after in fields.items():
        before = None if row._state.adding else getattr(row, name)
        if before != after:
            changes[name] = (before, after)
        setattr(row, name, after)
    return changes


def _check_tenant(tenant: Tenant) -> None:
    if tenant.sold_by is not None and not tenant.sold_by.is_reseller:
        raise invalid(sold_by="This organisation is no reseller.")
    if not tenant.is_reseller and Tenant.objects.filter(sold_by=tenant.pk).exists():
        raise invalid(is_reseller="It still has organisations that it sold to.")
    try:
        ZoneInfo(tenant.time_zone)
    except (KeyError, ValueError, OSError):
        raise invalid(time_zone="No time zone has this name.") from None
