"""Credentials, and the one way from a credential to a tenant's rows."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Self

from django.db.models import Model, Q
from django.http import HttpRequest

from accounts import roles, statements
from accounts.models import ApiKey, Customer, Membership, Tenant, User
from events.models import Event, Notice, WebhookDelivery, WebhookEndpoint
from events.trail import Origin

# From a tenant's id to the condition under which a row is its to see.
Wall = Callable[[uuid.UUID], Q]
_NOBODY = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class Credential:
    """Who asks: an API key, a member of staff or a member of a tenant, and what they may do."""

    kind: str
    id: uuid.UUID
    label: str
    scopes: frozenset[str]
    # None sees every tenant, if it is the vendor's.
    tenant_id: uuid.UUID | None = None
    # Belongs to the vendor, even while it acts inside one tenant.
    vendor_wide: bool = False

    @classmethod
    def of_api_key(cls, key: ApiKey) -> Self:
        return cls(
            kind="api_key",
            id=key.pk,
            label=key.name,
            scopes=frozenset(key.scopes),
            tenant_id=key.tenant_id,
            vendor_wide=key.tenant_id is None,
        )

    @classmethod
    def of_staff(cls, user: User) -> Self:
        held = roles.SCOPES if user.is_superuser else _scopes_permitted_to(user)
        return cls(
            kind="staff",
            id=user.pk,
            label=user.email,
            scopes=frozenset(held) | ({roles.EVERYTHING} if user.is_superuser else set()),
            vendor_wide=True,
        )

    @classmethod
    def of_member(cls, membership: Membership) -> Self:
        return cls(
            kind="member",
            id=membership.user_id,
            label=membership.user.email,
            scopes=roles.MAY[roles.Role(membership.role)],
            tenant_id=membership.tenant_id,
        )

    def may(self, scope: str) -> bool:
        """Return whether it holds the scope."""
        return roles.covers(self.scopes, scope)

    def within(self, tenant_id: uuid.UUID) -> Self:
        """Return the same credential as it acts inside one tenant."""
        return replace(self, tenant_id=tenant_id)

    def unbound(self) -> Self:
        """Return a vendor's credential as it was before it named a tenant."""
        if not self.vendor_wide:
            raise ValueError("only the vendor's own credentials see every tenant")
        return replace(self, tenant_id=None)

    def origin(self, request: HttpRequest) -> Origin:
        """Return what the trail remembers of who did it and through which request."""
        return Origin(
            actor_kind=self.kind,
            actor_id=str(self.id),
            actor_label=self.label,
            ip_address=request.META.get("REMOTE_ADDR", ""),
            request_id=request.META.get("REQUEST_ID", ""),
        )


def rows_of(credential: Credential, model: type[Model]) -> Any:
    """
    Return the rows of a model that a credential may see.

    What comes back is the model's own queryset, with its own filters; no type can say which.
    A model that was never registered has no rows for anybody: forgetting it shows at once.
    """
    wall = _walls.get(model)
    if wall is None:
        raise LookupError(f"{model.__name__} is not registered in accounts.access")
    rows = model._default_manager.all()
    if credential.vendor_wide and (wall.vendors or credential.tenant_id is None):
        return rows
    if credential.tenant_id is None:
        # Neither the vendor's nor a tenant's: a credential made in such haste sees nothing.
        return rows.none()
    return rows.filter(wall.seen_by(credential.tenant_id))


def second_wall(credential: Credential) -> AbstractContextManager[None]:
    """
    Let the database itself withhold other tenants' rows until the block ends.

    It stands behind `rows_of`, for the query that one day forgets to ask it.
    """
    if credential.vendor_wide:
        return nullcontext()
    return statements.behind_wall(credential.tenant_id or _NOBODY)


def owns(credential: Credential, row: Any) -> bool:
    """Return whether a row is the credential's own, not one that its tenant merely sold on."""
    return credential.tenant_id in (None, row.tenant_id)


@dataclass(frozen=True, slots=True)
class _Wall:
    seen_by: Wall
    vendors: bool


_walls: dict[type[Model], _Wall] = {}


def hangs_on_tenant(model: type[Model], seen_by: Wall) -> None:
    """Register a model of which every row belongs to a tenant."""
    _walls[model] = _Wall(seen_by, vendors=False)


def belongs_to_vendor(model: type[Model], seen_by: Wall) -> None:
    """Register a model that is the vendor's own, and which rows of it a tenant may read."""
    _walls[model] = _Wall(seen_by, vendors=True)


def registered() -> frozenset[type[Model]]:
    """Return every model that has a wall."""
    return frozenset(_walls)


def of_tenants() -> frozenset[type[Model]]:
    """Return the models of which every row belongs to a tenant: the database walls them too."""
    return frozenset(model for model, wall in _walls.items() if not wall.vendors)


def _scopes_permitted_to(user: User) -> list[str]:
    return [scope for scope in roles.SCOPES if user.has_perm(roles.permission_of(scope))]


# A reseller sees the organisations that it sold to, but not their people or keys.
hangs_on_tenant(Tenant, lambda tenant: Q(pk=tenant) | Q(sold_by=tenant))
hangs_on_tenant(Customer, lambda tenant: Q(tenant=tenant))
hangs_on_tenant(Membership, lambda tenant: Q(tenant=tenant))
hangs_on_tenant(ApiKey, lambda tenant: Q(tenant=tenant))
hangs_on_tenant(Event, lambda tenant: Q(tenant=tenant))
hangs_on_tenant(Notice, lambda tenant: Q(tenant=tenant))
hangs_on_tenant(WebhookEndpoint, lambda tenant: Q(tenant=tenant))
hangs_on_tenant(WebhookDelivery, lambda tenant: Q(endpoint__tenant=tenant))
