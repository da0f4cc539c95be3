"""A front end built on the existing client: how it is set up, and what it fills in."""

from typing import Any

from django.utils import timezone

from accounts.services.api_keys import create_api_key
from tests.contract.the_client import UNDEFINED, LicensingApiClient
from tests.factories import STAFF


def a_client(tenant=None, *, names_tenant=None, base_url="", **headers) -> LicensingApiClient:
    """The client as the umbrella client makes it, with an API key."""
    _, key = create_api_key(
        name="front end", scopes=["*"], tenant=tenant, at=timezone.now(), origin=STAFF
    )
    given = {"X-API-Version": "1.0", "Authorization": f"Bearer {key}"} | headers
    if names_tenant is not None:
        given["X-Tenant-ID"] = str(names_tenant.pk)
    return LicensingApiClient(base_url, given)


def terms(**given: Any) -> dict[str, Any]:
    """A whole licence less what the server makes; what the caller has not is undefined."""
    return {
        "product_id": "mill", "product_name": "Mill", "product_version": "4.2",
        "license_type": "SUBSCRIPTION", "license_model": "PER_DEVICE",
        "customer_id": UNDEFINED, "reseller_id": UNDEFINED, "issued_to": "Brenner Ingenieure",
        "max_activations": 3,
        "features": [
            {"feature_id": "reports", "feature_name": "Reports", "enabled": True,
             "limit_value": 1000, "limit_type": "COUNT", "expires_at": "2031-01-01T00:00:00Z"},
            {"feature_id": "exports", "feature_name": "Exports", "enabled": False,
             "limit_value": UNDEFINED},
        ],
        "restrictions": [
            {"restriction_type": "DOMAIN", "values": ["*.subsidiary.com"], "operator": "DENY"},
            {"restriction_type": "GEOGRAPHIC", "values": ["KP"], "operator": "DENY"},
            {"restriction_type": "IP_RANGE", "values": ["10.0.0.0/8"], "operator": "DENY"},
        ],
        "issued_date": "2026-01-01T00:00:00.000Z", "activation_date": UNDEFINED,
        "expiry_date": "2030-12-31", "maintenance_expiry": "2030-12-31T23:59:59.000Z",
        "status": "ACTIVE", "auto_renewal": True, "trial_period_days": UNDEFINED,
        "grace_period_days": 14, "metadata": {"purchase_order": "PO-4711"},
    } | given  # fmt: skip


TEMPLATE = {
    "template_name": "Mill Team", "product_id": "mill", "description": "For teams.",
    "license_type": "SUBSCRIPTION", "license_model": "PER_SEAT", "default_duration": 365,
    "max_activations": 10,
    "features": [
        {"feature_id": "reports", "feature_name": "Reports", "included": True,
         "default_limit": 500, "configurable": True, "required": True},
        {"feature_id": "exports", "feature_name": "Exports", "included": False,
         "default_limit": UNDEFINED, "configurable": False, "required": False},
    ],
    "restrictions": [
        {"restriction_type": "GEOGRAPHIC", "operator": "ALLOW", "configurable": True,
         "default_values": ["US", "CA"]},
    ],
    "pricing": {
        "base_price": 99.99, "currency": "USD", "billing_cycle": "ANNUALLY",
        "per_seat_price": 9.99, "maintenance_percentage": 20,
        "volume_discounts": [
            {"min_quantity": 10, "max_quantity": 49, "discount_percentage": 10},
            {"min_quantity": 50, "discount_percentage": 20, "discount_amount": UNDEFINED},
        ],
    },
    "auto_renewal_enabled": True, "trial_allowed": True, "trial_duration_days": 30,
    "grace_period_days": 15, "active": True,
}  # fmt: skip


def wish(template_id: str, **given: Any) -> dict[str, Any]:
    """A whole order less what the server makes; its word on money counts for nothing."""
    return {
        "template_id": template_id, "quantity": 10, "customer_id": UNDEFINED,
        "reseller_id": UNDEFINED, "payment_status": "PAID", "fulfillment_method": "MANUAL",
        "custom_features": [
            {"feature_id": "exports", "feature_name": "Exports", "enabled": False,
             "limit_value": UNDEFINED, "expires_at": UNDEFINED},
        ],
        "custom_restrictions": [
            {"restriction_type": "DOMAIN", "values": ["*.subsidiary.com"], "operator": "ALLOW"},
        ],
        "duration_override": UNDEFINED, "pricing_override": {"base_price": 100},
        "special_instructions": "Deliver by Friday.", "discount_applied": 999,
        "generated_licenses": ["license_1"], "fulfilled_at": "2020-01-01T00:00:00Z",
        "total_amount": 1,
    } | given  # fmt: skip
