"""Whatever the existing client asks with, and in whatever state a row is, its type holds."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from licenses.services import lifecycle
from licenses.services.heartbeat import flush
from tests import factories
from tests.clock import NOW
from tests.contract.client_types import ACTIVATION, LICENSE, faults
from tests.contract.front_end import TEMPLATE, a_client, terms
from tests.contract.the_client import UNDEFINED, LicensingApiClient
from tests.factories import STAFF

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def product(db):
    return factories.make_product("reports", "exports", product_id="mill")


@pytest.fixture
def tenant(db):
    return factories.make_tenant()


@pytest.fixture
def client_(tenant, product) -> LicensingApiClient:
    return a_client(names_tenant=tenant)


QUERY = {
    "page": 1, "limit": 1000, "order": "desc", "search": UNDEFINED, "include": ["a", "b"],
    "tenant_id": UNDEFINED, "active": True, "nothing": None, "colour": "grün & weiß",
    "deep": {"k": ["v", {"w": 1}]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("method", "more", "found"),
    [
        ("getLicenses", {"sort": "created_at", "filter": {"status": "ACTIVE"}}, 23),
        ("getLicenses", {"sort": "expiry_date", "product_id": "mill", "status": "ACTIVE",
                         "license_type": "SUBSCRIPTION", "expiry_date_from": "2026-01-01",
                         "expiry_date_to": "2099-12-31"}, 23),
        ("getLicenses", {"filter": {"product_id": "other"}}, 0),
        ("getLicenses", {"search": "Brenner", "filter": {}}, 23),
        ("getActivations", {"sort": "activated_at", "status": "ACTIVE"}, 2),
        ("getActivations", {"device_fingerprint": "pc-2", "filter": {"status": "ACTIVE"}}, 1),
        ("getActivations", {"filter": {"status": "EXPIRED"}}, 0),
        ("getTemplates", {"sort": "template_name", "product_id": "mill",
                          "license_type": "SUBSCRIPTION"}, 1),
        ("getTemplates", {"filter": {"active": True}, "search": "team"}, 1),
        ("getTemplates", {"active": False}, 0),
    ],
)  # fmt: skip
def test_every_list_takes_every_parameter(client_, tenant, product, method, more, found):
    issued = [factories.issue(tenant=tenant, product=product, at=timezone.now()) for _ in range(23)]
    for number in (1, 2):
        factories.activate(issued[0].key, f"pc-{number}", at=timezone.now())
    client_.createTemplate(TEMPLATE)

    listed = getattr(client_, method)(QUERY | more)

    assert len(listed["data"]) == listed["pagination"]["total"] == found
    assert listed["pagination"]["limit"] == 1000


@pytest.mark.parametrize("method", ["getLicenses", "getActivations", "getTemplates"])
def test_every_list_may_be_asked_for_with_nothing(client_, method):
    assert getattr(client_, method)()["data"] == []


LIVES: dict[str, tuple[dict[str, Any], Any, int]] = {
    "perpetual": ({"license_type": "PERPETUAL"}, None, 0),
    "trial": ({"license_type": "TRIAL", "trial_period_days": 14}, None, 0),
    "without grace": ({"grace_period_days": 0}, None, 0),
    "in grace": ({}, None, 366),
    "after grace": ({}, None, 400),
    "expired": ({"grace_period_days": 0}, None, 366),
    "parked": ({}, lifecycle.park_license, 0),
    "suspended": ({}, lifecycle.suspend_license, 0),
    "revoked": ({}, lifecycle.revoke_license, 0),
    "without an end of seats": ({"overage": "UNLIMITED"}, None, 0),
    "maintained": ({"license_type": "PERPETUAL", "maintenance_expiry": NOW + DAY}, None, 9),
    "restricted": (
        {"restrictions": [
            {"restriction_type": "HARDWARE_ID", "operator": "ALLOW", "values": ["device-1"]},
            {"restriction_type": "MAC_ADDRESS", "operator": "DENY",
             "values": ["00:1b:63:84:45:e6"]},
            {"restriction_type": "TIME_BASED", "operator": "ALLOW",
             "values": ["2020-01-01/2099-12-31"]},
        ]}, None, 0),
}  # fmt: skip


@pytest.mark.parametrize("life", LIVES)
def test_a_licence_in_any_state_has_the_clients_type_by_every_call(
    tenant, product, life, time_machine
):
    given, act, days = LIVES[life]
    time_machine.move_to(NOW, tick=False)
    issued = factories.issue(tenant=tenant, product=product, **given)
    token = factories.activate(issued.key, application_version="4.2").token
    if act:
        act(license_id=issued.license.pk, reason="Because.", at=NOW, origin=STAFF)
    time_machine.move_to(NOW + days * DAY, tick=False)
    client, pk = a_client(names_tenant=tenant), str(issued.license.pk)

    assert client.getLicense(pk)["data"]["id"] == pk
    assert client.getLicenses()["pagination"]["total"] == 1
    assert client.getLicenseByKey(issued.key)["data"]["id"] == pk
    assert client.validateLicenseKey(issued.key)["data"]["license"]["id"] == pk
    assert client.validateActivation(token)["data"]["license"]["id"] == pk
    seat = client.validateActivation(token)["data"]["activation"]["id"]
    assert client.getActivation(seat)["data"]["license_id"] == pk
    assert client.sendHeartbeat(token)["data"]["status"] in ("SUCCESS", "REFUSED")
    assert client.deactivateLicense(seat)["data"]["status"] == "DEACTIVATED"


@pytest.mark.parametrize(
    "metrics",
    [
        {"total_runtime_hours": 3.5},
        {"feature_usage": {"export": 2}},
        {"feature_usage": {}},
        {"last_used_at": "2026-03-14T09:00:00Z"},
        {"peak_concurrent_users": 4},
        {"storage_used": 12.5},
        {},
    ],
    ids=lambda metrics: "+".join(metrics) or "nothing",
)
def test_a_device_that_told_a_part_of_its_usage_shows_all_of_the_type(tenant, product, metrics):
    issued = factories.issue(tenant=tenant, product=product, at=timezone.now())
    token = factories.activate(issued.key, at=timezone.now()).token
    client = a_client(names_tenant=tenant)

    client.sendHeartbeat(token, metrics)
    flush(at=timezone.now())

    (shown,) = client.getActivations()["data"]
    assert ("usage_metrics" in shown) == bool(metrics and metrics != {"feature_usage": {}})
    assert "last_heartbeat" in shown


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ({"status": "LOST"}, "$.status is 'LOST'"),
        ({"max_activations": "3"}, "$.max_activations is no number"),
        ({"max_activations": True}, "$.max_activations is no number"),
        ({"customer_id": None}, "$.customer_id is null"),
        ({"beyond": {"the": [None]}}, "$.beyond.the.0 is null"),
        ({"issued_date": "2026-01-01T00:00:00"}, "$.issued_date is no date"),
        ({"features": {}}, "$.features is no list"),
        ({"features": [{"feature_id": "x"}]}, "$.features.0.feature_name is missing"),
        ({"metadata": []}, "$.metadata is no object"),
    ],
)
def test_the_walk_would_notice(client_, broken, fault):
    licence = client_.createLicense(terms())["data"]
    assert list(faults(licence, LICENSE)) == []

    assert any(said.startswith(fault) for said in faults(licence | broken, LICENSE))
    assert "$.application_version is missing" in list(faults({}, ACTIVATION))
