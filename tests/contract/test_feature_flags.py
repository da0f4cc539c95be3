"""The flags of a tenant, through both doors."""

from decimal import Decimal

import pytest

from licenses.services.entitlements import FeatureGrant
from tests import factories
from tests.contract.conftest import Caller
from tests.factories import issue


@pytest.fixture
def issued(db):
    from django.utils import timezone  # noqa: PLC0415

    product = factories.make_product("exports", "core")
    grants = [
        FeatureGrant(feature_id="exports", limit_value=Decimal("2.5")),
        FeatureGrant(feature_id="core", enabled=False),
    ]
    return issue(
        tenant=factories.make_tenant(), product=product, features=grants, at=timezone.now()
    )


def flags(license):
    return {
        "core": {"enabled": False, "expires_at": shown(license.expiry_date)},
        "exports": {
            "enabled": True,
            "limit_value": 2.5,
            "remaining": 2.5,
            "expires_at": shown(license.expiry_date),
        },
    }


def shown(moment):
    return moment.isoformat().replace("+00:00", "Z")


def test_a_tenants_key_reads_its_own_flags(caller_with, issued):
    caller = caller_with("licenses:read", tenant=issued.license.tenant)
    assert caller.get("/feature-flags").json()["data"] == flags(issued.license)
    assert caller.get("/feature-flags?product_id=other").json()["data"] == {}
    product_id = issued.license.product.product_id
    assert len(caller.get(f"/feature-flags?product_id={product_id}").json()["data"]) == 2


def test_the_vendors_key_names_the_tenant(vendor, issued):
    answer = vendor.get("/feature-flags")
    assert (answer.status_code, answer.json()["code"]) == (400, "TENANT_REQUIRED")
    code = issued.license.tenant.code
    assert vendor.get(f"/feature-flags?tenant_id={code}").json()["data"] == flags(issued.license)
    assert vendor.get("/feature-flags?tenant_id=NOBODY").json()["data"] == {}


def test_a_device_asks_with_its_key_and_hears_its_nonce(issued):
    body = {"license_key": issued.key, "nonce": "nonce-01"}
    told = Caller().post("/feature-flags", body).json()["data"]
    assert told == flags(issued.license) | {"nonce": "nonce-01"}


def test_a_key_that_nobody_knows_hears_nothing(db):
    answer = Caller().post("/feature-flags", {"license_key": "0000-0000-0000-0000-0000"})
    assert (answer.status_code, answer.json()["code"]) == (404, "LICENSE_NOT_FOUND")
