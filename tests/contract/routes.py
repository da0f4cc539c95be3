"""The table of every management route: which scope opens it, and what it is asked with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.contract import bodies
from tests.contract.world import World

# What a path names is a tenant's, or the vendor's and seen by all.
OWNED = {
    "license_id", "license_key", "activation_id", "customer_id", "api_key_id", "tenant_id",
    "user_id", "incident_id", "order_id", "invoice_id", "endpoint_id", "delivery_id",
}  # fmt: skip


Body = Callable[[World], Any]


@dataclass(frozen=True)
class Route:
    """What opens it, what it answers, and what a caller sends."""

    scope: str
    body: Body | None = None
    success: int = 200
    vendor_only: bool = False
    before: Callable[[World], Any] = field(default=lambda world: None)
    query: str = ""


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/products"): Route("catalog:read"),
    ("POST", "/products"): Route(
        "catalog:write",
        lambda _: {"product_id": "new", "product_name": "New", "product_version": "1"},
        201,
        vendor_only=True,
    ),
    ("GET", "/products/{product_id}"): Route("catalog:read"),
    ("PUT", "/products/{product_id}"): Route(
        "catalog:write", lambda _: {"product_name": "Renamed"}, vendor_only=True
    ),
    ("GET", "/products/{product_id}/features"): Route("catalog:read"),
    ("POST", "/products/{product_id}/features"): Route(
        "catalog:write",
        lambda _: {"feature_id": "exports", "feature_name": "Exports"},
        201,
        vendor_only=True,
    ),
    ("PUT", "/products/{product_id}/features/{feature_id}"): Route(
        "catalog:write", lambda _: {"feature_name": "Renamed"}, vendor_only=True
    ),
    ("GET", "/products/{product_id}/releases"): Route("catalog:read"),
    ("POST", "/products/{product_id}/releases"): Route(
        "catalog:write",
        lambda _: {"version": "4.3", "released_at": "2026-03-01"},
        201,
        vendor_only=True,
    ),
    ("PUT", "/products/{product_id}/releases/{version}"): Route(
        "catalog:write", lambda _: {"released_at": "2026-02-01"}, vendor_only=True
    ),
    ("GET", "/templates"): Route("templates:read"),
    ("POST", "/templates"): Route("templates:write", bodies.new_template, 201, vendor_only=True),
    ("GET", "/templates/{template_id}"): Route("templates:read"),
    ("PUT", "/templates/{template_id}"): Route(
        "templates:write", lambda _: {"active": True}, vendor_only=True
    ),
    ("POST", "/templates/{template_id}/duplicate"): Route(
        "templates:write", lambda _: {"new_name": "Twin"}, 201, vendor_only=True
    ),
    ("GET", "/tenants"): Route("customers:read"),
    ("POST", "/tenants"): Route(
        "customers:write", lambda _: {"code": "NEW", "name": "New"}, 201, vendor_only=True
    ),
    ("GET", "/tenants/{tenant_id}"): Route("customers:read"),
    ("PUT", "/tenants/{tenant_id}"): Route(
        "customers:write", lambda _: {"name": "Renamed"}, vendor_only=True
    ),
    ("GET", "/customers"): Route("customers:read"),
    ("POST", "/customers"): Route(
        "customers:write",
        lambda world: {
            "name": "Ada",
            "email": "ada@brenner.example",
            "tenant_id": str(world.tenant.pk),
        },
        201,
    ),
    ("GET", "/customers/{customer_id}"): Route("customers:read"),
    ("PUT", "/customers/{customer_id}"): Route("customers:write", lambda _: {"name": "Renamed"}),
    ("GET", "/api-keys"): Route("api_keys:write"),
    ("POST", "/api-keys"): Route(
        "api_keys:write",
        lambda world: {
            "name": "crm",
            "scopes": ["api_keys:write"],
            "tenant_id": str(world.tenant.pk),
        },
        201,
    ),
    ("POST", "/api-keys/{api_key_id}/revoke"): Route("api_keys:write", lambda _: {}),
    ("GET", "/events"): Route("events:read"),
    ("GET", "/webhook-endpoints"): Route("webhooks:read"),
    ("POST", "/webhook-endpoints"): Route("webhooks:write", bodies.listening, 201),
    ("PUT", "/webhook-endpoints/{endpoint_id}"): Route(
        "webhooks:write", lambda _: {"description": "CRM"}
    ),
    ("POST", "/webhook-endpoints/{endpoint_id}/rotate-secret"): Route(
        "webhooks:write", lambda _: {}
    ),
    ("POST", "/webhook-endpoints/{endpoint_id}/test"): Route("webhooks:write", lambda _: {}),
    ("POST", "/webhook-endpoints/{endpoint_id}/replay"): Route(
        "webhooks:write", lambda world: {"since": world.endpoint.created_at.isoformat()}
    ),
    ("GET", "/webhook-endpoints/{endpoint_id}/deliveries"): Route("webhooks:read"),
    ("POST", "/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/replay"): Route(
        "webhooks:write", lambda _: {}
    ),
    ("GET", "/licenses"): Route("licenses:read"),
    ("POST", "/licenses"): Route(
        "licenses:write",
        lambda world: {
            "template_id": str(world.template.pk),
            "issued_to": "Ada",
            "tenant_id": str(world.tenant.pk),
        },
        201,
    ),
    ("GET", "/licenses/export"): Route("licenses:read"),
    ("GET", "/licenses/by-key/{license_key}"): Route("licenses:read"),
    ("GET", "/licenses/{license_id}"): Route("licenses:read"),
    ("PUT", "/licenses/{license_id}"): Route("licenses:write", lambda _: {"max_activations": 7}),
    ("POST", "/licenses/{license_id}/renew"): Route(
        "licenses:write", lambda _: {"duration_months": 12}
    ),
    ("POST", "/licenses/{license_id}/extend-trial"): Route(
        "licenses:write",
        lambda _: {"days": 14, "reason": "More time to try"},
        before=bodies.on_trial,
    ),
    ("POST", "/licenses/{license_id}/suspend"): Route("licenses:write", bodies.reason),
    ("POST", "/licenses/{license_id}/reinstate"): Route(
        "licenses:write", bodies.reason, before=bodies.suspended
    ),
    ("POST", "/licenses/{license_id}/revoke"): Route("licenses:write", bodies.reason),
    ("POST", "/licenses/{license_id}/park"): Route("licenses:write", lambda _: {}),
    ("POST", "/licenses/{license_id}/unpark"): Route(
        "licenses:write", lambda _: {}, before=bodies.parked
    ),
    ("POST", "/licenses/{license_id}/transfer"): Route(
        "licenses:write",
        lambda _: {
            "new_issued_to": "Bo",
            "transfer_reason": "Sold",
            "deactivate_existing": True,
        },
    ),
    ("POST", "/licenses/{license_id}/apply-template"): Route(
        "licenses:write", lambda world: {"template_id": str(world.template.pk)}
    ),
    ("POST", "/simulate/template"): Route(
        "templates:read",
        lambda world: {"template_id": str(world.template.pk), "changes": {"max_activations": 1}},
    ),
    ("POST", "/licenses/{license_id}/reveal-key"): Route("licenses:reveal", bodies.reason),
    ("POST", "/licenses/{license_id}/reissue-key"): Route("licenses:reveal", bodies.reason),
    ("POST", "/licenses/{license_id}/deliver"): Route(
        "licenses:reveal", lambda world: {"email": world.customer.email}
    ),
    ("GET", "/licenses/{license_id}/events"): Route("licenses:read"),
    ("GET", "/licenses/{license_id}/entitlements"): Route("licenses:read"),
    ("GET", "/licenses/{license_id}/users"): Route("activations:read", before=bodies.named),
    ("POST", "/licenses/{license_id}/users"): Route(
        "activations:write",
        lambda _: {"user_identity": "Bo"},
        201,
        before=bodies.named,
    ),
    ("POST", "/licenses/{license_id}/users/{user_id}/unassign"): Route(
        "activations:write", bodies.reason, before=bodies.named
    ),
    ("POST", "/emergency-code"): Route(
        "security:write", lambda world: {"license_key": world.key, "reason": "The line stands."}
    ),
    ("GET", "/alerts/expiring"): Route("licenses:read"),
    ("GET", "/usage"): Route("licenses:read", query="?license_id={license_id}"),
    ("GET", "/feature-flags"): Route("licenses:read", query="?tenant_id={tenant_id}"),
    ("GET", "/security/incidents"): Route("compliance:read"),
    ("GET", "/security/incidents/{incident_id}"): Route("compliance:read"),
    ("POST", "/security/incidents/{incident_id}/close"): Route(
        "compliance:write", lambda _: {"notes": "A new laptop."}
    ),
    ("GET", "/orders"): Route("orders:read"),
    ("POST", "/orders"): Route("orders:write", bodies.order, 201),
    ("POST", "/orders/quote"): Route("orders:read", bodies.wish),
    ("GET", "/orders/{order_id}"): Route("orders:read"),
    ("POST", "/orders/{order_id}/approve"): Route(
        "orders:approve", lambda _: {"approval_notes": "By telephone."}, before=bodies.waiting
    ),
    ("POST", "/orders/{order_id}/fulfill"): Route(
        "orders:approve", lambda _: {}, before=bodies.paid
    ),
    ("POST", "/orders/{order_id}/cancel"): Route("orders:write", bodies.reason),
    ("POST", "/orders/{order_id}/payments"): Route(
        "payments:write",
        lambda _: {"amount": 100, "method": "BANK_TRANSFER", "reference": "T-2"},
    ),
    ("POST", "/orders/{order_id}/refund"): Route(
        "payments:write", bodies.reason, before=bodies.paid
    ),
    ("GET", "/invoices"): Route("orders:read"),
    ("GET", "/invoices/{invoice_id}"): Route("orders:read"),
    ("GET", "/activations"): Route("activations:read"),
    ("GET", "/activations/{activation_id}"): Route("activations:read"),
    ("POST", "/activations/{activation_id}/deactivate"): Route("activations:write", lambda _: {}),
    ("POST", "/activations/{activation_id}/checkout"): Route(
        "activations:write", lambda _: {"device_fingerprint": "device-1"}
    ),
    ("POST", "/activations/offline-response"): Route("activations:write", bodies.carried),
    ("GET", "/security/blacklist"): Route("security:read"),
    ("POST", "/security/blacklist-device"): Route("security:write", bodies.barred),
    ("POST", "/security/unblacklist-device"): Route("security:write", bodies.barred),
}

# What devices call: the licence key or token in the body is the credential.
DEVICE_ROUTES = {
    # A gateway signs what it tells.
    ("POST", "/webhooks/{gateway}"),
    ("POST", "/activations"),
    ("POST", "/activations/deactivate"),
    ("POST", "/activations/heartbeat"),
    ("POST", "/activations/validate"),
    ("POST", "/activations/offline-request"),
    ("POST", "/activations/offline-activate"),
    ("POST", "/activations/offline-deactivate"),
    ("POST", "/licenses/checkout"),
    ("POST", "/usage/offline"),
    ("POST", "/validate"),
    ("POST", "/status"),
    ("POST", "/integrity-check"),
    ("POST", "/usage/consume"),
    ("POST", "/usage/release"),
    ("POST", "/usage/report"),
    ("POST", "/feature-flags"),
    ("POST", "/security/report-activity"),
}


def hidden_from_others(path: str, route: Route) -> bool:
    """Whether the path names a row that another tenant must not know of."""
    return not route.vendor_only and any(f"{{{name}}}" in path for name in OWNED | {"template_id"})
