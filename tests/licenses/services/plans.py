"""A product with its plans, and how they are applied."""

from decimal import Decimal
from typing import Any

from licenses.models import License, LicenseTemplate, Product
from licenses.services.applying import Application, apply_template, preview_template
from licenses.services.templates import create_template
from tests.clock import NOW
from tests.factories import STAFF, issue, make_product


def make(product: Product, features: Any = (), restrictions: Any = (), **fields: Any) -> Any:
    given = {
        "template_name": "Team",
        "license_type": "SUBSCRIPTION",
        "license_model": "PER_DEVICE",
        "max_activations": 10,
    } | fields
    return create_template(
        product=product,
        fields=given,
        features=features,
        restrictions=restrictions,
        at=NOW,
        origin=STAFF,
    )


def apply(license: License, template: LicenseTemplate, **more: Any) -> Application:
    given = {"at": NOW, "origin": STAFF, "reason": "Grown."} | more
    return apply_template(license_id=license.pk, template_id=template.pk, **given)


def preview(license: License, template: LicenseTemplate, **more: Any) -> Application:
    return preview_template(license_id=license.pk, template_id=template.pk, **({"at": NOW} | more))


def rows_of(license: License) -> Any:
    return (
        License.objects.filter(pk=license.pk).values().get(),
        list(license.entitlements.order_by("position").values()),
        list(license.restrictions.order_by("position").values()),
    )


def sold() -> tuple[Product, Any]:
    """A product with two plans, and a licence of the smaller."""
    product = make_product("exports", "kriging")
    solo = make(
        product,
        [{"feature_id": "exports", "default_limit": Decimal(100)}],
        template_name="Solo",
        max_activations=3,
        grace_period_days=14,
    )
    return product, issue(template_id=solo.pk, max_activations=None)
