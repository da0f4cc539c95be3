"""Licences as an export holds them, whichever door it leaves by."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from events import moments
from licenses.models import License
from licenses.selectors import feature_list

CHUNK = 500
FIELDS = (
    "id", "license_key", "tenant", "customer", "issued_to", "product_id", "product_name",
    "product_version", "license_type", "license_model", "status", "max_activations", "unlimited",
    "current_activations", "issued_date", "activation_date", "expiry_date", "grace_ends_at",
    "maintenance_expiry", "auto_renewal", "suspension_code", "template", "overage",
    "grace_period_days", "features", "restricted",
)  # fmt: skip

# What a spreadsheet takes for the beginning of a formula, or skips to find one.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
# Gives the keys of a chunk in clear, or of none.
Keys = Callable[[list[License]], dict[UUID, str]]


def exported(licenses: QuerySet[License], *, keys: Keys, at: datetime) -> Iterator[dict[str, Any]]:
    """Yield licences in the order of their ids, a chunk at a time, however many there are."""
    licenses = licenses.with_names().order_by("id")  # type: ignore[attr-defined]
    licenses = licenses.prefetch_related("entitlements", "restrictions")
    chunk = list(licenses[:CHUNK])
    while chunk:
        known = keys(chunk)
        for license in chunk:
            yield row_of(license, key=known.get(license.pk), at=at)
        chunk = list(licenses.filter(pk__gt=chunk[-1].pk)[:CHUNK])


def row_of(license: License, *, key: str | None, at: datetime) -> dict[str, Any]:
    """Return a licence as an export shows it, with its key only if one is given."""
    said: dict[str, Any] = {
        "id": str(license.pk),
        "license_key": key or license.masked_key,
        "tenant": license.tenant.code,
        "customer": license.customer.email if license.customer else "",
        "product_id": license.product.product_id,
        "status": license.status_at(at).value,
        "suspension_code": license.suspension_code_at(at),
        "template": license.template.template_name if license.template else "",
        "restricted": bool(license.restrictions.all()),
        "features": feature_list.written(license.entitlements.all()),
    }
    row = {name: said[name] if name in said else getattr(license, name) for name in FIELDS}
    return {name: _plain(value) for name, value in row.items() if value is not None}


def cell(value: Any) -> Any:
    """Return what a spreadsheet shows as text; a formula in it would be run."""
    if isinstance(value, str) and value[:1] in FORMULAS:
        return "'" + value
    return value


def _plain(value: Any) -> Any:
    return moments.written(value) if isinstance(value, datetime) else value
