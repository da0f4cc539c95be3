"""Products and their features: made and changed, each with its event."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from accounts.services.storing import store
from events import trail
from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses.keys import MADE_HERE
from licenses.models import Feature, Product

Row = TypeVar("Row", Product, Feature)

PRODUCT_FIELDS = frozenset(
    {
        "product_id",
        "product_name",
        "product_version",
        "description",
        "key_scheme",
        "key_prefix",
        "key_version",
        "active",
    }
)
FEATURE_FIELDS = frozenset({"feature_id", "feature_name", "limit_type", "period", "unit"})


@transaction.atomic
def create_product(*, fields: Mapping[str, Any], at: datetime, origin: Origin) -> Product:
    """
    Make a product.

    :raises VALIDATION_ERROR: an impossible value, or an id that is taken
    """
    product = Product()
    changes = _apply(product, fields, PRODUCT_FIELDS)
    _save(product)
    _record("product.created", changes, at=at, origin=origin)
    return product


@transaction.atomic
def update_product(
    *, pk: uuid.UUID, fields: Mapping[str, Any], at: datetime, origin: Origin
) -> Product:
    """
    Change a product; what was sold of it keeps its own copy.

    :raises PRODUCT_NOT_FOUND: there is no such product
    :raises VALIDATION_ERROR: an impossible value, or another id
    """
    product = Product.objects.select_for_update().filter(pk=pk).first()
    if product is None:
        raise Refusal("PRODUCT_NOT_FOUND")
    _stays("product_id", product.product_id, fields)
    if changes := _apply(product, fields, PRODUCT_FIELDS):
        _save(product)
        changes["product_id"] = (product.product_id, product.product_id)
        _record("product.updated", changes, at=at, origin=origin)
    return product


@transaction.atomic
def create_feature(
    *, product: Product, fields: Mapping[str, Any], at: datetime, origin: Origin
) -> Feature:
    """
    Make a feature of a product.

    :raises VALIDATION_ERROR: an impossible value, or an id that the product has already
    """
    feature = Feature(product=product)
    changes = _apply(feature, fields, FEATURE_FIELDS)
    _save(feature)
    changes["product_id"] = (None, product.product_id)
    _record("feature.created", changes, at=at, origin=origin)
    return feature


@transaction.atomic
def update_feature(
    *, pk: uuid.UUID, fields: Mapping[str, Any], at: datetime, origin: Origin
) -> Feature:
    """
    Change a feature; licences that grant it keep their own copy.

    :raises FEATURE_NOT_FOUND: there is no such feature
    :raises VALIDATION_ERROR: an impossible value, or another id
    """
    feature = Feature.objects.select_for_update().filter(pk=pk).first()
    if feature is None:
        raise Refusal("FEATURE_NOT_FOUND")
    _stays("feature_id", feature.feature_id, fields)
    if changes := _apply(feature, fields, FEATURE_FIELDS):
        _save(feature)
        changes["feature_id"] = (feature.feature_id, feature.feature_id)
        _record("feature.updated", changes, at=at, origin=origin)
    return feature


def _stays(name: str, held: str, fields: Mapping[str, Any]) -> None:
    """Licences and clients know a product and a feature by this name."""
    if fields.get(name, held) != held:
        raise invalid(**{name: "This name is known to others and stays."})


def _apply(row: Row, fields: Mapping[str, Any], allowed: frozenset[str]) -> dict[str, Any]:
    changes = {}
    for name in allowed & fields.keys():
        before = None if row._state.adding else getattr(row, name)
        if before != fields[name]:
            changes[name] = (before, fields[name])
        setattr(row, name, fields[name])
    return changes


def _save(row: Product | Feature) -> None:
    if isinstance(row, Product) and row.key_scheme not in MADE_HERE:
        raise invalid(key_scheme=f"One of {', '.join(MADE_HERE)}.")
    store(row)


def _record(event_type: str, changes: dict[str, Any], *, at: datetime, origin: Origin) -> None:
    trail.record(event_type, at=at, origin=origin, changes=changes)
