"""A licence with very much in it: thirty features and ten restrictions, of every kind."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.models import Tenant
from events import trail
from licenses.models import Feature, Product
from licenses.services import issuing
from licenses.services.entitlements import FeatureGrant
from licenses.services.issuing import IssueRequest
from licenses.terms import LicenseModel, LicenseType

_PRODUCT = "bench-rich"
_FEATURES = [f"feature-{number}" for number in range(30)]
_RESTRICTIONS = [
    ("GEOGRAPHIC", "ALLOW", ["DE", "AT", "CH", "FR", "NL"]),
    ("GEOGRAPHIC", "DENY", ["AQ"]),
    ("DOMAIN", "ALLOW", ["brenner.example", "*.brenner.example"]),
    ("DOMAIN", "DENY", ["test.brenner.example"]),
    ("IP_RANGE", "ALLOW", ["127.0.0.0/8", "10.0.0.0/8", "2001:db8::/32"]),
    ("IP_RANGE", "DENY", ["10.9.0.0/16"]),
    ("MAC_ADDRESS", "ALLOW", ["00:1a:2b:3c:4d:5e", "00:1a:2b:3c:4d:5f"]),
    ("HARDWARE_ID", "ALLOW", ["board-77", "board-78"]),
    ("TIME_BASED", "ALLOW", ["Mon-Sun 00:00-24:00 Europe/Berlin"]),
    ("TIME_BASED", "DENY", ["2020-01-01/2020-12-31"]),
]


def body_of_rich(*, at: datetime) -> dict[str, Any]:
    """Issue the licence; return the question that it passes, asking for much of it."""
    product = Product.objects.create(
        product_id=_PRODUCT, product_name="Bench, rich", product_version="1.0"
    )
    Feature.objects.bulk_create(
        Feature(product=product, feature_id=name, feature_name=name) for name in _FEATURES
    )
    request = IssueRequest(
        tenant_id=Tenant.objects.earliest("id").pk,
        product_id=_PRODUCT,
        issued_to="Who bought everything",
        license_type=LicenseType.SUBSCRIPTION,
        license_model=LicenseModel.PER_DEVICE,
        max_activations=1_000_000,
        features=[FeatureGrant(feature_id=name, limit_value=Decimal(9)) for name in _FEATURES],
        restrictions=[
            {"restriction_type": kind, "operator": operator, "values": values}
            for kind, operator, values in _RESTRICTIONS
        ],
    )
    return {
        "license_key": issuing.issue_license(request=request, at=at, origin=trail.SYSTEM).key,
        "product_id": _PRODUCT,
        "features": _FEATURES[:3],
        "country": "de",
        "domain": "cad.Brenner.example:8443",
        "mac_address": "00-1A-2B-3C-4D-5E",
        "hardware_id": "board-77",
    }
