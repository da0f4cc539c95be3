"""A template and its price, once more under another name."""

from decimal import Decimal

import pytest
from django.urls import reverse

from licenses.models import LicenseTemplate
from licenses.services.templates import update_template
from orders.models import Pricing
from orders.services.pricing import set_price
from tests.clock import NOW
from tests.factories import STAFF, make_product, make_template, make_tenant
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
OWN = {"id", "template_name", "created_at", "updated_at"}


def address(template, act="duplicate"):
    return reverse(f"admin:licenses_licensetemplate_{act}", args=[template.pk])


def parts(rows, *own):
    return [
        {name: value for name, value in row.items() if name not in own} for row in rows.values()
    ]


@pytest.fixture
def template():
    made = make_template(
        make_product("exports", "kriging"), overage="2X", reserved_for=make_tenant(),
        key_prefix="BRN", description="Two lines", trial_allowed=True, lease_seconds=90,
        releases_per_30_days=4, require_heartbeat=True, bind_on_first_activation="BOTH",
    )  # fmt: skip
    update_template(
        pk=made.pk,
        fields={},
        features=[
            {"feature_id": "kriging", "required": True, "configurable": False},
            {"feature_id": "exports", "default_limit": Decimal(500), "included": False},
        ],
        restrictions=[
            {"restriction_type": "HARDWARE_ID", "operator": "DENY", "default_values": ["board-77"]},
            {
                "restriction_type": "GEOGRAPHIC",
                "operator": "ALLOW",
                "default_values": ["DE"],
                "configurable": False,
            },
        ],
        at=NOW,
        origin=STAFF,
    )
    price = {
        "base_price": 890, "currency": "EUR", "billing_cycle": "ANNUALLY", "per_seat_price": 48,
        "maintenance_percentage": 18,
    }  # fmt: skip
    bands = [
        {"min_quantity": 10, "max_quantity": 49, "discount_percentage": 5},
        {"min_quantity": 50, "discount_percentage": 0, "discount_amount": 100},
    ]
    set_price(template=made, fields=price, bands=bands, at=NOW, origin=STAFF)
    return made


def test_a_copy_has_all_but_the_name(template):
    staff = signed_in("templates:read", "templates:write")
    assert address(template) in staff.get(address(template, "change")).content.decode()

    answer = staff.post(address(template), {"new_name": "Team II"})

    copy = LicenseTemplate.objects.get(template_name="Team II")
    assert answer["Location"] == address(copy, "change")
    same = [field.attname for field in LicenseTemplate._meta.concrete_fields]
    for name in set(same) - OWN:
        assert getattr(copy, name) == LicenseTemplate.objects.values_list(name, flat=True).get(
            pk=template.pk
        ), name
    for kind in ("features", "restrictions"):
        there, here = (
            parts(getattr(one, kind).order_by("position"), "id", "template_id", "sealed")
            for one in (template, copy)
        )
        assert here == there != []
    old, new = (Pricing.objects.get(template=one) for one in (template, copy))
    prices = Pricing.objects.order_by("pk")
    assert len({str(row) for row in parts(prices, "id", "template_id")}) == 1
    old_bands, new_bands = (
        parts(one.volume_discounts.order_by("min_quantity"), "id", "pricing_id")
        for one in (old, new)
    )
    assert new_bands == old_bands
    assert len(new_bands) == 2


def test_a_copy_without_a_name_is_none(template):
    staff = signed_in("templates:read", "templates:write")

    answer = staff.post(address(template), {"new_name": " "})

    assert "This field is required." in answer.content.decode()
    assert LicenseTemplate.objects.count() == 1


def test_a_template_that_is_not_there_has_no_copy(template):
    staff = signed_in("templates:read", "templates:write")
    missing = reverse("admin:licenses_licensetemplate_duplicate", args=[template.product.pk])
    assert staff.get(missing).status_code == 404


def test_readers_see_no_button_to_write(template):
    html = signed_in("templates:read").get(address(template, "change")).content.decode()
    assert address(template) not in html
    assert address(template, "simulate") in html
