from datetime import timedelta
from decimal import Decimal

import pytest

from licenses.models import Feature
from licenses.selectors.entitlements import grants_of
from licenses.services.entitlements import FeatureGrant
from tests import factories
from tests.clock import NOW

pytestmark = pytest.mark.django_db


def test_grants_stand_as_sold_with_the_units_of_their_product():
    product = factories.make_product("storage", "core", "kriging")
    Feature.objects.filter(feature_id="storage").update(unit="GB")
    license = factories.issue(
        product=product,
        features=[
            FeatureGrant(feature_id="storage", limit_value=Decimal(500)),
            FeatureGrant(feature_id="core"),
            FeatureGrant(feature_id="kriging", expires_at=NOW + timedelta(days=9)),
        ],
    ).license
    grants = grants_of(license, at=NOW)
    assert [(grant.entitlement.feature_id, grant.limit, grant.unit) for grant in grants] == [
        ("storage", Decimal(500), "GB"),
        ("core", None, ""),
        ("kriging", None, ""),
    ]
    assert [grant.usable for grant in grants] == [True, True, True]
    later = grants_of(license, at=NOW + timedelta(days=9))
    assert [grant.usable for grant in later] == [True, True, False]
