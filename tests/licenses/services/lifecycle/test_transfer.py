"""Transferring."""

from datetime import timedelta

import pytest

from events import trail
from events.models import Event
from events.refusals import Refusal
from licenses.models import License
from licenses.services import keyring, lifecycle
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_customer, make_tenant

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
GIVEN = {"new_issued_to": "Halden Werke", "reason": "sold", "at": LATER, "origin": STAFF}


def test_inside_a_tenant_key_and_devices_stay() -> None:
    tenant = make_tenant()
    issued = issue(tenant=tenant, customer_id=make_customer(tenant).pk)
    token = activate(issued.key).token
    buyer = make_customer(tenant)

    done = lifecycle.transfer_license(
        license_id=issued.license.pk, new_customer_id=buyer.pk, deactivate_existing=False, **GIVEN
    )

    assert (done.customer_id, done.issued_to) == (buyer.pk, "Halden Werke")
    assert activate(issued.key).token == token


def test_devices_are_signed_out_when_asked() -> None:
    issued = issue()
    activate(issued.key)

    done = lifecycle.transfer_license(
        license_id=issued.license.pk, deactivate_existing=True, **GIVEN
    )

    assert done.current_activations == 0
    assert License.objects.get().current_activations == 0


def test_into_another_tenant_it_goes_with_a_new_key_and_no_devices() -> None:
    issued = issue(auto_renewal=True)
    activate(issued.key)
    buyer = make_customer()

    lifecycle.transfer_license(
        license_id=issued.license.pk,
        new_customer_id=buyer.pk,
        deactivate_existing=False,
        across_tenants=True,
        **GIVEN,
    )

    license = License.objects.get()
    assert license.tenant_id == buyer.tenant_id
    assert license.current_activations == 0
    assert not license.auto_renewal
    with pytest.raises(Refusal) as refused:
        activate(issued.key)
    assert refused.value.code == "LICENSE_NOT_FOUND"
    new_key = keyring.reveal_key(license_id=license.pk, reason="new owner", at=LATER, origin=STAFF)
    assert activate(new_key, at=LATER).is_new


def test_neither_tenants_trail_names_the_others_holder() -> None:
    seller = make_customer(name="Brenner")
    issued = issue(tenant=seller.tenant, customer_id=seller.pk, issued_to="Brenner Ingenieure")
    buyer = make_customer()

    lifecycle.transfer_license(
        license_id=issued.license.pk,
        new_customer_id=buyer.pk,
        deactivate_existing=False,
        across_tenants=True,
        **GIVEN,
    )

    told = Event.objects.filter(type="license.transferred").order_by("sequence")
    left, came = told
    assert (left.tenant_id, left.customer_id) == (seller.tenant_id, seller.pk)
    assert left.changes == {}
    assert (came.tenant_id, came.customer_id) == (buyer.tenant_id, buyer.pk)
    opened = trail.unsealed(came, trail.salts_of([came]))
    assert opened["changes"]["issued_to"] == {"before": None, "after": "Halden Werke"}
    assert str(seller.pk) not in repr(came.changes)
    assert str(seller.tenant_id) not in repr(came.changes)


def test_another_tenants_customer_does_not_exist_for_a_tenant_bound_caller() -> None:
    issued = issue()

    with pytest.raises(Refusal) as refused:
        lifecycle.transfer_license(
            license_id=issued.license.pk,
            new_customer_id=make_customer().pk,
            deactivate_existing=True,
            **GIVEN,
        )

    assert refused.value.code == "CUSTOMER_NOT_FOUND"
    assert License.objects.get().revision == 1
