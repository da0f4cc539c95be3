"""The types of the existing client, as section 2 of its contract has them, and what breaks one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

STRING, NUMBER, BOOLEAN, DATE = "string", "number", "boolean", "date"
# Of what the contract says no more than that it is an object.
OBJECT = "object"
ANY = "any"


@dataclass(frozen=True)
class OneOf:
    """One of the codes of an enumeration."""

    codes: frozenset[str]


@dataclass(frozen=True)
class ListOf:
    """A list of one type, of any length."""

    item: Any


@dataclass(frozen=True)
class Record:
    """An object with any names and values of one type."""

    value: Any


def codes(text: str) -> OneOf:
    return OneOf(frozenset(text.split()))


LICENSE_TYPE = codes("PERPETUAL SUBSCRIPTION TRIAL EVALUATION CONCURRENT NAMED_USER")
LICENSE_MODEL = codes("PER_SEAT PER_DEVICE PER_CPU PER_CORE SITE_LICENSE ENTERPRISE")
LICENSE_STATUS = codes("ACTIVE INACTIVE EXPIRED SUSPENDED REVOKED PENDING")
LIMIT_TYPE = codes("COUNT SIZE DURATION BANDWIDTH")
RESTRICTION_TYPE = codes("GEOGRAPHIC DOMAIN IP_RANGE MAC_ADDRESS HARDWARE_ID TIME_BASED")
OPERATOR = codes("ALLOW DENY")
ACTIVATION_TYPE = codes("ONLINE OFFLINE EMERGENCY")
ACTIVATION_STATUS = codes("ACTIVE DEACTIVATED SUSPENDED EXPIRED")
BILLING_CYCLE = codes("MONTHLY QUARTERLY ANNUALLY ONE_TIME")

# A name that ends in `?` may be absent; no value may ever be null.
FEATURE = {
    "feature_id": STRING, "feature_name": STRING, "enabled": BOOLEAN, "limit_value?": NUMBER,
    "limit_type?": LIMIT_TYPE, "expires_at?": DATE,
}  # fmt: skip
RESTRICTION = {
    "restriction_type": RESTRICTION_TYPE, "values": ListOf(STRING), "operator": OPERATOR,
}  # fmt: skip
LICENSE = {
    "id": STRING, "license_key": STRING, "product_id": STRING, "product_name": STRING,
    "product_version": STRING, "license_type": LICENSE_TYPE, "license_model": LICENSE_MODEL,
    "customer_id?": STRING, "reseller_id?": STRING, "issued_to": STRING,
    "max_activations": NUMBER, "current_activations": NUMBER, "features": ListOf(FEATURE),
    "restrictions": ListOf(RESTRICTION), "issued_date": DATE, "activation_date?": DATE,
    "expiry_date?": DATE, "maintenance_expiry?": DATE, "status": LICENSE_STATUS,
    "auto_renewal": BOOLEAN, "trial_period_days?": NUMBER, "grace_period_days?": NUMBER,
    "metadata": OBJECT, "created_at": DATE, "updated_at": DATE,
}  # fmt: skip
USAGE_METRICS = {
    "total_runtime_hours": NUMBER, "feature_usage": Record(NUMBER), "api_calls_count": NUMBER,
    "data_processed_mb": NUMBER, "last_used_at": DATE, "peak_concurrent_users?": NUMBER,
}  # fmt: skip
LOCATION = {
    "country": STRING, "region?": STRING, "city?": STRING, "timezone": STRING,
    "coordinates?": {"latitude": NUMBER, "longitude": NUMBER},
}  # fmt: skip
ACTIVATION = {
    "id": STRING, "license_id": STRING, "activation_token": STRING, "device_fingerprint": STRING,
    "machine_name?": STRING, "hardware_id?": STRING, "mac_address?": STRING,
    "ip_address?": STRING, "operating_system?": STRING, "user_agent?": STRING,
    "application_version": STRING, "activation_type": ACTIVATION_TYPE,
    "status": ACTIVATION_STATUS, "activated_at": DATE, "last_heartbeat?": DATE,
    "deactivated_at?": DATE, "deactivation_reason?": STRING, "location?": LOCATION,
    "usage_metrics?": USAGE_METRICS,
}  # fmt: skip
PRICING = {
    "base_price": NUMBER, "currency": STRING, "billing_cycle": BILLING_CYCLE,
    "per_seat_price?": NUMBER,
    "volume_discounts?": ListOf({
        "min_quantity": NUMBER, "max_quantity?": NUMBER, "discount_percentage": NUMBER,
        "discount_amount?": NUMBER,
    }),
    "maintenance_percentage?": NUMBER,
}  # fmt: skip
TEMPLATE = {
    "id": STRING, "template_name": STRING, "product_id": STRING, "description": STRING,
    "license_type": LICENSE_TYPE, "license_model": LICENSE_MODEL, "default_duration": NUMBER,
    "max_activations": NUMBER,
    "features": ListOf({
        "feature_id": STRING, "feature_name": STRING, "included": BOOLEAN,
        "default_limit?": NUMBER, "configurable": BOOLEAN, "required": BOOLEAN,
    }),
    "restrictions": ListOf({
        "restriction_type": RESTRICTION_TYPE, "operator": OPERATOR, "configurable": BOOLEAN,
        "default_values?": ListOf(STRING),
    }),
    "pricing": PRICING, "auto_renewal_enabled": BOOLEAN, "trial_allowed": BOOLEAN,
    "trial_duration_days": NUMBER, "grace_period_days": NUMBER, "active": BOOLEAN,
    "created_at": DATE, "updated_at": DATE,
}  # fmt: skip
ORDER = {
    "id": STRING, "order_number": STRING, "customer_id?": STRING, "reseller_id?": STRING,
    "template_id": STRING, "quantity": NUMBER, "custom_features?": ListOf(FEATURE),
    "custom_restrictions?": ListOf(RESTRICTION), "duration_override?": NUMBER,
    "pricing_override?": {
        "base_price?": NUMBER, "currency?": STRING, "billing_cycle?": BILLING_CYCLE,
        "per_seat_price?": NUMBER, "maintenance_percentage?": NUMBER,
    },
    "special_instructions?": STRING,
    "status": codes("PENDING APPROVED FULFILLED CANCELLED"), "total_amount": NUMBER,
    "discount_applied?": NUMBER,
    "payment_status": codes("PENDING PAID PARTIAL FAILED REFUNDED"),
    "fulfillment_method": codes("AUTO MANUAL BATCH"), "generated_licenses?": ListOf(STRING),
    "created_at": DATE, "fulfilled_at?": DATE,
}  # fmt: skip
TOKEN_VERDICT = {"valid": BOOLEAN, "activation?": ACTIVATION, "license?": LICENSE}
HEARTBEAT = {"status": STRING, "message?": STRING}
KEY_VERDICT = {
    "valid": BOOLEAN, "license?": LICENSE,
    "validation_details": {
        "key_format_valid": BOOLEAN, "signature_valid": BOOLEAN, "not_expired": BOOLEAN,
        "activation_limit_ok": BOOLEAN, "restrictions_satisfied": BOOLEAN,
    },
}  # fmt: skip
PAGINATION = {
    "page": NUMBER, "limit": NUMBER, "total": NUMBER, "total_pages": NUMBER, "has_next": BOOLEAN,
    "has_previous": BOOLEAN,
}  # fmt: skip
ERROR = {
    "message": STRING, "code": STRING, "timestamp": DATE, "trace_id?": STRING,
    "error": {"code": STRING, "message": STRING, "details?": OBJECT},
}  # fmt: skip


def one(item: Any) -> dict[str, Any]:
    """The envelope of a single answer."""
    return {"data": item, "meta?": OBJECT, "timestamp?": DATE}


def page_of(item: Any) -> dict[str, Any]:
    """The envelope of a list."""
    return {"data": ListOf(item), "pagination": PAGINATION, "meta?": OBJECT}


def faults(value: Any, expected: Any, at: str = "$") -> Iterator[str]:
    """Yield where a value is not of its type; fields beyond the type are welcome, nulls nowhere."""
    if value is None:
        yield f"{at} is null"
    elif isinstance(expected, dict):
        yield from _faults_of_object(value, expected, at)
    elif isinstance(expected, ListOf):
        if not isinstance(value, list):
            yield f"{at} is no list: {value!r}"
            return
        for number, item in enumerate(value):
            yield from faults(item, expected.item, f"{at}.{number}")
    elif isinstance(expected, Record):
        if not isinstance(value, dict):
            yield f"{at} is no object: {value!r}"
            return
        for name, item in value.items():
            yield from faults(item, expected.value, f"{at}.{name}")
    elif isinstance(expected, OneOf):
        if value not in expected.codes:
            yield f"{at} is {value!r}, none of {sorted(expected.codes)}"
    elif not _is(value, expected):
        yield f"{at} is no {expected}: {value!r}"
    else:
        yield from _nulls_in(value, at)


def _faults_of_object(value: Any, expected: dict[str, Any], at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at} is no object: {value!r}"
        return
    fields = {name.rstrip("?"): (kind, name.endswith("?")) for name, kind in expected.items()}
    for name, (kind, optional) in fields.items():
        if name in value:
            yield from faults(value[name], kind, f"{at}.{name}")
        elif not optional:
            yield f"{at}.{name} is missing"
    for name in value.keys() - fields.keys():
        yield from faults(value[name], ANY, f"{at}.{name}")


def _is(value: Any, kind: str) -> bool:
    if kind == NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == DATE:
        return isinstance(value, str) and _is_moment(value)
    types = {STRING: str, BOOLEAN: bool, OBJECT: dict}
    return kind == ANY or isinstance(value, types[kind])


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _nulls_in(value: Any, at: str) -> Iterator[str]:
    inner = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    for name, item in inner:
        yield from faults(item, ANY, f"{at}.{name}")
