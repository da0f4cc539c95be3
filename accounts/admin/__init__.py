"""The admin of people: users, groups, tenants, customers, API keys, and the trail."""

from accounts.admin import (
    api_keys,
    customers,
    events,
    groups,
    notices,
    tenants,
    users,
    webhook_deliveries,
    webhooks,
)

__all__ = [
    "api_keys",
    "customers",
    "events",
    "groups",
    "notices",
    "tenants",
    "users",
    "webhook_deliveries",
    "webhooks",
]
