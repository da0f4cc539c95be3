from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from licenses.models import Feature
from licenses.selectors import snapshots
from licenses.selectors.entitlements import grants_of
from licenses.services import quotas
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


def test_what_is_used_is_told_for_the_period_that_runs():
    product = factories.make_product("exports", "users", "core")
    Feature.objects.filter(feature_id="exports").update(period="MONTH")
    issued = factories.issue(
        product=product,
        features=[
            FeatureGrant(feature_id="exports", limit_value=Decimal(10)),
            FeatureGrant(feature_id="users", limit_value=Decimal(5)),
            FeatureGrant(feature_id="core"),
        ],
    )
    for feature_id, amount in (("exports", 4), ("users", 2), ("core", 7)):
        consume(issued.key, feature_id, amount)
    grants = grants_of(issued.license, at=NOW)
    april = datetime(2026, 4, 1, tzinfo=UTC)
    assert [(grant.used, grant.remaining, grant.resets_at) for grant in grants] == [
        (4, 6, april),
        (2, 3, None),
        (7, None, None),
    ]
    later = grants_of(issued.license, at=april)
    assert [grant.used for grant in later] == [0, 2, 7]


def consume(key, feature_id, amount):
    found = snapshots.by_key(key, fingerprint=None)
    quotas.consume(
        found=found,
        feature_id=feature_id,
        amount=Decimal(amount),
        at=NOW,
        origin=factories.DEVICE,
    )
