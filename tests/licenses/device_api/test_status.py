"""How a known licence stands, whatever its state, by key and by token."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from licenses.services import lifecycle
from licenses.services.entitlements import FeatureGrant
from tests import factories
from tests.clock import NOW
from tests.contract.asking import on_device
from tests.contract.test_errors import assert_told
from tests.factories import STAFF, activate, issue, make_product

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
YEAR = 365 * DAY


def act(service, **more):
    def run(license):
        service(license_id=license.pk, reason="x", at=NOW, origin=STAFF, **more)

    return run


def nothing(license):
    pass


# Name → (what is done to it, when it is asked, status, whether in grace)
STATES = {
    "active": (nothing, NOW, "ACTIVE", False),
    "parked": (act(lifecycle.park_license), NOW, "INACTIVE", False),
    "suspended": (act(lifecycle.suspend_license), NOW, "SUSPENDED", False),
    "in grace": (nothing, NOW + YEAR, "EXPIRED", True),
    "grace over": (nothing, NOW + YEAR + 30 * DAY, "SUSPENDED", False),
    "revoked": (act(lifecycle.revoke_license), NOW, "REVOKED", False),
}


@pytest.mark.parametrize("by", ["license_key", "activation_token"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_told_to_whoever_holds_key_or_token(state, by):
    done, at, status, in_grace = STATES[state]
    product = make_product("exports", "maps")
    customer = factories.make_customer()
    issued = issue(
        product=product,
        tenant=customer.tenant,
        customer_id=customer.pk,
        features=[
            FeatureGrant(feature_id="exports", limit_value=Decimal(100)),
            FeatureGrant(feature_id="maps", enabled=False),
        ],
    )
    token = activate(issued.key).token
    done(issued.license)
    held = {"license_key": issued.key, "activation_token": token}[by]
    with time_machine.travel(at, tick=False):
        response = on_device("/status", **{by: held})
    assert response.status_code == 200, response.content
    told = response.json()["data"]
    expiry = issued.license.expiry_date
    assert told == {
        "status": status,
        "license_type": "SUBSCRIPTION",
        "customer_name": customer.name,
        "expires_at": expiry.isoformat().replace("+00:00", "Z"),
        "days_remaining": max(0, (expiry - at).days),
        "in_grace": in_grace,
        **(
            {"grace_ends_at": (expiry + 30 * DAY).isoformat().replace("+00:00", "Z")}
            if in_grace
            else {}
        ),
        "features": ["exports"],
        "limits": {"exports": 100, "max_activations": 3},
    }
    assert issued.key not in response.content.decode()


def test_a_licence_that_waits_or_never_ends_says_so():
    trial = issue(license_type="TRIAL")
    perpetual = issue(license_type="PERPETUAL")
    told = {}
    with time_machine.travel(NOW, tick=False):
        for name, key in (("trial", trial.key), ("perpetual", perpetual.key)):
            told[name] = on_device("/status", license_key=key).json()["data"]
    assert told["trial"]["status"] == "PENDING"
    assert told["perpetual"]["status"] == "ACTIVE"
    for answer in told.values():
        assert not {"expires_at", "days_remaining", "grace_ends_at"} & answer.keys()
        assert answer["customer_name"] == "Brenner Ingenieure"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "VALIDATION_ERROR"),
        ({"license_key": "nonsense"}, 400, "INVALID_LICENSE_KEY_FORMAT"),
        ({"license_key": "0000-0000-0000-0000-0000"}, 404, "LICENSE_NOT_FOUND"),
        ({"activation_token": "act_" + "A" * 43}, 401, "INVALID_ACTIVATION_TOKEN"),
    ],
)
def test_what_is_not_known_is_refused(body, status, code):
    assert_told(on_device("/status", **body), status, code)


def test_a_key_in_the_address_is_no_way_to_ask(client):
    key = issue().key
    assert client.get(f"/api/licensing/status/{key}").status_code == 404
    assert client.get("/api/licensing/status", {"license_key": key}).status_code == 405
