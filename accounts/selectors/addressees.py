"""Who is written to about what happens to a tenant's licences, and who wants no such mail."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Customer, Membership, Tenant
from accounts.roles import Role
from events.models import Notice

# Those who can do something about it.
TOLD_ROLES = (Role.OWNER.value, Role.ADMIN.value)
# A tenant, and the customer in it for whom something is; None where it is for no one in particular.
About = tuple[uuid.UUID, uuid.UUID | None]


@dataclass(frozen=True, slots=True)
class Addressee:
    """A customer, or a member of the tenant's portal."""

    email: str
    customer_id: uuid.UUID | None = None
    membership_id: uuid.UUID | None = None

    @property
    def mark(self) -> str:
        """What tells one from the other, in a notice's unique key."""
        return f"c{self.customer_id}" if self.customer_id else f"m{self.membership_id}"


def addressees(wanted: Iterable[About], *, topic: str) -> dict[About, list[Addressee]]:
    """
    Return who is written to, in three queries for however many tenants and customers.

    A topic that the tenant, the customer or the member has muted is not written about; what has no
    topic always is. One address gets one mail.
    """
    asked = set(wanted)
    tenants = {
        tenant.pk
        for tenant in Tenant.objects.filter(pk__in={tenant for tenant, _ in asked}, active=True)
        if topic not in tenant.muted
    }
    customers = {
        customer.pk: customer
        for customer in Customer.objects.filter(pk__in={pk for _, pk in asked if pk}, active=True)
        if topic not in customer.muted
    }
    members = defaultdict(list)
    for member in _who_decides().filter(tenant__in=tenants).order_by("pk"):
        if topic not in member.muted:
            members[member.tenant_id].append(member)
    return {
        about: _each_once(customers.get(about[1]) if about[1] else None, members[about[0]])
        for about in asked
        if about[0] in tenants
    }


def still_wanted(notice: Notice, *, topic: str) -> bool:
    """Return whether whom a notice is for is still there, and has not muted its topic since."""
    tenants = Tenant.objects.filter(pk__in=[notice.tenant_id], active=True)
    muted = [tenant.muted for tenant in tenants]
    if notice.customer_id:
        customers = Customer.objects.filter(pk__in=[notice.customer_id], active=True)
        muted += [customer.muted for customer in customers]
    else:
        members = _who_decides().filter(pk__in=[notice.membership_id], tenant=notice.tenant_id)
        muted += [member.muted for member in members]
    both = 2
    return len(muted) == both and all(topic not in topics for topics in muted)


def _who_decides() -> QuerySet[Membership]:
    members = Membership.objects.filter(role__in=TOLD_ROLES, user__is_active=True)
    return members.select_related("user")


def _each_once(customer: Customer | None, members: list[Membership]) -> list[Addressee]:
    found: dict[str, Addressee] = {}
    # A member first: their mail leads into the portal.
    for member in members:
        email = member.user.email
        found.setdefault(email.lower(), Addressee(email, membership_id=member.pk))
    if customer is not None:
        found.setdefault(customer.email.lower(), Addressee(customer.email, customer_id=customer.pk))
    return list(found.values())
