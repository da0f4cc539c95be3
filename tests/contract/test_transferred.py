"""What the tenants on either side of a transfer, and their devices, know of each other."""

from datetime import timedelta
from typing import NamedTuple

import pytest
from django.utils import timezone

from accounts.models import Tenant
from events.models import Event
from events.trail import Origin
from licenses.models import License
from licenses.services import activation, keyring, lifecycle
from tests import factories
from tests.contract.asking import on_device
from tests.contract.test_errors import assert_told
from tests.factories import STAFF

pytestmark = pytest.mark.django_db


class Moved(NamedTuple):
    """A licence in its new tenant, and a token of a device that it left behind."""

    license: License
    token: str
    tenant: Tenant


@pytest.fixture
def moved():
    """A named-user licence with its buyer, once it has left the tenant that ran it."""
    at = timezone.now() - timedelta(hours=1)
    issued = factories.issue(at=at, license_type="NAMED_USER", max_activations=2)
    token = factories.activate(issued.key, at=at, user_identity="ada@brenner.example").token
    factories.activate(issued.key, "device-2", at=at, user_identity="bo@brenner.example")
    buyer = factories.make_customer(name="Tern & Vale")
    lifecycle.transfer_license(
        license_id=issued.license.pk,
        new_customer_id=buyer.pk,
        new_issued_to="Tern & Vale",
        reason="Sold",
        deactivate_existing=False,
        across_tenants=True,
        at=at + timedelta(minutes=30),
        origin=STAFF,
    )
    return Moved(issued.license, token, buyer.tenant)


def test_a_new_tenant_sees_neither_names_nor_devices_of_the_old_one(caller_with, vendor, moved):
    buyer = caller_with("*", tenant=moved.tenant)
    license, old = moved.license, moved.license.activations.first()
    named = moved.license.named_users.first()
    lists = [
        f"/licenses/{license.pk}/users?assigned=false",
        f"/activations?license_id={license.pk}",
        "/activations",
    ]

    assert [buyer.get(path).json()["data"] for path in lists] == [[], [], []]
    assert_told(buyer.get(f"/activations/{old.pk}"), 404, "ACTIVATION_NOT_FOUND")
    unassign = f"/licenses/{license.pk}/users/{named.pk}/unassign"
    assert_told(buyer.post(unassign, {"reason": "x"}), 404, "NAMED_USER_NOT_FOUND")
    assert [len(vendor.get(path).json()["data"]) for path in lists] == [2, 2, 2]


def test_a_new_tenant_sees_its_own_devices_also_those_that_are_signed_out(caller_with, moved):
    buyer = caller_with("*", tenant=moved.tenant)
    now = timezone.now()
    key = keyring.reveal_key(license_id=moved.license.pk, reason="x", at=now, origin=STAFF)
    tokens = [
        factories.activate(key, name, at=now, user_identity=name).token for name in ("cy", "di")
    ]
    factories.give_back(tokens[0], at=now)

    rows = buyer.get("/activations?sort=activated_at&order=asc").json()["data"]

    assert {(row["user_identity"], row["status"]) for row in rows} == {
        ("cy", "DEACTIVATED"), ("di", "ACTIVE"),
    }  # fmt: skip


def test_a_device_hears_nothing_of_a_licence_that_left_it_behind(moved):
    verdict = on_device("/activations/validate", activation_token=moved.token).json()["data"]

    assert (verdict["valid"], verdict["code"]) == (False, "ACTIVATION_DEACTIVATED")
    assert "license" not in verdict
    assert verdict["activation"]["status"] == "DEACTIVATED"
    asked = on_device("/status", activation_token=moved.token)
    assert_told(asked, 403, "ACTIVATION_DEACTIVATED")
    assert "Tern" not in asked.content.decode()


def test_what_the_old_tenant_freed_counts_against_no_new_one():
    at = timezone.now()
    issued = factories.issue(at=at, max_activations=3)
    license = License.objects.filter(pk=issued.license.pk)
    license.update(releases_per_30_days=1)
    factories.give_back(factories.activate(issued.key, at=at).token, at=at)
    lifecycle.transfer_license(
        license_id=issued.license.pk,
        new_customer_id=factories.make_customer().pk,
        new_issued_to="Tern & Vale",
        reason="Sold",
        deactivate_existing=False,
        across_tenants=True,
        at=at,
        origin=STAFF,
    )
    key = keyring.reveal_key(license_id=issued.license.pk, reason="x", at=at, origin=STAFF)
    done = factories.activate(key, at=at)
    assert done.snapshot.device is not None

    activation.deactivate(
        activation_id=done.snapshot.device.id, reason="", at=at, origin=Origin(actor_kind="device")
    )

    assert license.get().current_activations == 0
    assert Event.objects.filter(type="activation.deactivated").count() == 2
