"""Solo, Team and Enterprise."""

from decimal import Decimal

import pytest

from licenses.models import LicenseTemplate
from orders.models import Pricing
from orders.services import tiers
from tests.clock import NOW
from tests.factories import STAFF, issue, make_product

pytestmark = pytest.mark.django_db


def setup_tiers(**given):
    return tiers.setup_tiers(**given, at=NOW, origin=STAFF)


def test_the_tiers_have_three_seats_ten_and_no_limit_for_a_year():
    product = make_product("exports")
    made = [template for template, _ in setup_tiers(product=product, base_price=Decimal(100))]
    licenses = [issue(template_id=tier.pk, max_activations=None).license for tier in made]
    assert [license.capacity for license in licenses] == [3, 10, None]
    assert {license.duration_days for license in licenses} == {365}
    assert [license.entitlements.get().feature_id for license in licenses] == ["exports"] * 3


def test_repeating_it_makes_nothing_and_changes_nothing():
    product = make_product()
    setup_tiers(product=product, base_price=Decimal(100))
    LicenseTemplate.objects.filter(template_name__endswith="Solo").update(max_activations=5)
    again = setup_tiers(product=product, base_price=Decimal(200), currency="USD")
    assert [is_new for _, is_new in again] == [False, False, False]
    assert again[0][0].max_activations == 5
    assert set(Pricing.objects.values_list("currency", flat=True)) == {"EUR"}


def test_measured_features_get_a_quota_by_seats_except_in_enterprise():
    product = make_product("exports", "modelling")
    product.features.filter(feature_id="exports").update(limit_type="COUNT")
    made = setup_tiers(product=product, base_price=Decimal(1), quota_per_seat=Decimal(20))
    quotas = [tier.features.get(feature_id="exports").default_limit for tier, _ in made]
    assert quotas == [60, 200, None]
    assert {tier.features.get(feature_id="modelling").default_limit for tier, _ in made} == {None}
