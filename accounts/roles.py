"""What a portal role, an API scope and a staff group may do: one table, pure."""

from enum import StrEnum


class Role(StrEnum):
    """A member's part in a tenant's portal."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


EVERYTHING = "*"

SCOPES = (
    "licenses:read",
    "licenses:write",
    "licenses:reveal",
    "activations:read",
    "activations:write",
    "templates:read",
    "templates:write",
    "orders:read",
    "orders:write",
    "orders:approve",
    "payments:write",
    "compliance:read",
    "compliance:write",
    "analytics:read",
    "security:read",
    "security:write",
    "customers:read",
    "customers:write",
    "catalog:read",
    "catalog:write",
    "events:read",
    "webhooks:read",
    "webhooks:write",
    "api_keys:write",
)

_LOOK = frozenset({"licenses:read", "activations:read", "events:read"})
_HANDLE = frozenset({"activations:write"})
_RUN = frozenset(
    {
        "licenses:reveal",
        "security:write",
        "orders:read",
        "orders:write",
        "api_keys:write",
        "webhooks:write",
    }
)
# Acts inside the portal that no API key may do.
MANAGE_MEMBERS = "members:write"
HAND_OVER = "organisation:write"

MAY: dict[Role, frozenset[str]] = {
    Role.VIEWER: _LOOK,
    Role.MEMBER: _LOOK | _HANDLE,
    Role.ADMIN: _LOOK | _HANDLE | _RUN | {MANAGE_MEMBERS},
    Role.OWNER: _LOOK | _HANDLE | _RUN | {MANAGE_MEMBERS, HAND_OVER},
}

# Staff groups, least privilege first; each is a set of the same permissions.
_READ = frozenset(scope for scope in SCOPES if scope.endswith(":read"))
STAFF_GROUPS: dict[str, frozenset[str]] = {
    "read-only": _READ,
    "support": _READ | {"licenses:write", "licenses:reveal", "activations:write", "security:write"},
    "sales": _READ
    | {"licenses:write", "templates:write", "orders:write", "orders:approve", "customers:write"},
    "finance": _READ | {"orders:write", "orders:approve", "payments:write"},
    "compliance": _READ | {"compliance:write", "security:write"},
}


def permission_of(scope: str) -> str:
    """Return the Django permission that means the same as a scope: `accounts.licenses_read`."""
    return "accounts." + codename_of(scope)


def codename_of(scope: str) -> str:
    """Return the code name under which a scope is kept as a Django permission."""
    return scope.replace(":", "_")


def covers(held: frozenset[str] | set[str], wanted: str) -> bool:
    """Return whether the held scopes permit the wanted one."""
    return EVERYTHING in held or wanted in held
