"""What an order brings about: licences, more time, or more of one licence."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from events import vault
from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses import terms
from licenses.keys import KeyScheme
from licenses.models import License
from licenses.services import applying, changing, entitlements, lifecycle
from licenses.services.entitlements import FeatureGrant
from licenses.services.issuing import IssueRequest, issue_license
from licenses.terms import TRIALS, LicenseModel, LicenseType
from orders.models import Order
from orders.pricing import CYCLE_MONTHS, years_in
from orders.services.prices import restored
from orders.states import OrderKind

_GRANT = tuple(field.name for field in fields(FeatureGrant))


def produce(order: Order, *, at: datetime, origin: Origin) -> Iterator[License]:
    """
    Bring about what a locked order is for, one licence after the other.

    :raises Refusal: whatever issuing, renewing or changing a licence refuses
    """
    if order.kind == OrderKind.NEW:
        for _ in range(licenses_of(order)):
            yield _issue(order, at=at, origin=origin)
    elif order.kind == OrderKind.RENEWAL:
        yield _renew(order, at=at, origin=origin)
    else:
        yield _upgrade(order, at=at, origin=origin)


def licenses_of(order: Order) -> int:
    """Return how many licences come of an order: seats are sold as one."""
    one = order.kind != OrderKind.NEW or order.template.license_model == LicenseModel.PER_SEAT
    return 1 if one else order.quantity


@transaction.atomic
def rehearse(order: Order, *, at: datetime, origin: Origin) -> None:
    """
    Let an order pass that could be fulfilled now; what that took is undone again.

    :raises Refusal: whatever fulfilling it would refuse
    """
    with transaction.atomic():
        try:
            if order.kind == OrderKind.NEW:
                # Without a signature: no key of a product is made for the sake of trying.
                _issue(order, at=at, origin=origin, key_scheme=KeyScheme.GROUPED)
            else:
                next(produce(order, at=at, origin=origin))
        except Refusal as refusal:
            raise _as_ordered(refusal, order) from None
        transaction.set_rollback(True)


def _as_ordered(refusal: Refusal, order: Order) -> Refusal:
    """Return a refusal that names fields as the order has them, not the licence tried with it."""
    if refusal.code != "VALIDATION_ERROR":
        return refusal
    places = {row["feature_id"]: place for place, row in enumerate(order.custom_features)}
    # Of the licence's features the template's come first.
    theirs = [grant.feature_id for grant in _features(order) or ()]
    named = {}
    for path, told in refusal.details.items():
        head, _, rest = path.partition(".")
        number, _, field = rest.partition(".")
        if head == "features" and number.isdigit() and theirs[int(number)] in places:
            path = f"custom_features.{places[theirs[int(number)]]}.{field}"
        named[path] = told
    return invalid(**named)


def _issue(order: Order, *, at: datetime, origin: Origin, **other: Any) -> License:
    template = order.template
    perpetual = template.license_type == LicenseType.PERPETUAL
    price = restored(order.price)
    maintained = perpetual and price.maintenance_percentage
    customer = order.customer
    request = IssueRequest(
        tenant_id=order.tenant_id,
        template_id=template.pk,
        customer_id=order.customer_id,
        issued_to=(customer.company or customer.name) if customer else order.tenant.name,
        max_activations=order.max_activations,
        duration_days=None if perpetual else order.term_days,
        maintenance_expiry=(
            terms.add_months(at, 12 * years_in(order.term_days), anchor_day=at.day)
            if maintained
            else None
        ),
        features=_features(order),
        restrictions=[_restated(row) for row in order.custom_restrictions] or None,
        may_override=order.overrides_template,
        **other,
    )
    return issue_license(request=request, at=at, origin=origin).license


def _renew(order: Order, *, at: datetime, origin: Origin) -> License:
    assert order.license is not None  # noqa: S101 - the database holds it to that
    price = restored(order.price)
    perpetual = order.license.license_type == LicenseType.PERPETUAL
    months = 12 if perpetual else CYCLE_MONTHS.get(price.billing_cycle, 0)
    return lifecycle.renew_license(
        license_id=order.license.pk,
        duration_months=months,
        duration_days=0 if months else order.term_days,
        extend_maintenance=perpetual,
        reason=f"Order {order.order_number}".strip(),
        at=at,
        origin=origin,
    )


def _upgrade(order: Order, *, at: datetime, origin: Origin) -> License:
    license = order.license
    assert license is not None  # noqa: S101 - the database holds it to that
    reason = f"Order {order.order_number}".strip()
    said: dict[str, Any] = {"license_id": license.pk, "reason": reason, "at": at, "origin": origin}
    if license.license_type in TRIALS:
        return lifecycle.convert_trial(
            template_id=order.template_id, max_activations=order.max_activations, **said
        )
    if license.template_id != order.template_id:
        applying.apply_template(template_id=order.template_id, **said)
    # What a template has come to say since is not what a licence of it was sold with.
    seats = {"max_activations": order.max_activations}
    return changing.change_license(changes=seats, **said)


def _features(order: Order) -> list[FeatureGrant] | None:
    """Return the template's features with those that the order states otherwise, or besides."""
    if not order.custom_features:
        return None
    granted = {grant.feature_id: grant for grant in entitlements.grants_of(order.template)}
    for stated in order.custom_features:
        grant = _grant(stated)
        granted[grant.feature_id] = grant
    return list(granted.values())


def _grant(stated: dict[str, Any]) -> FeatureGrant:
    given = {name: stated[name] for name in _GRANT if name in stated}
    if given.get("limit_value") is not None:
        given["limit_value"] = Decimal(str(given["limit_value"]))
    if isinstance(given.get("expires_at"), str):
        given["expires_at"] = parse_datetime(given["expires_at"])
    return FeatureGrant(**given)


def _restated(row: dict[str, Any]) -> dict[str, Any]:
    values = [vault.decrypt(text) for text in row["sealed"]] or row["values"]
    return {name: row[name] for name in ("restriction_type", "operator")} | {"values": values}
