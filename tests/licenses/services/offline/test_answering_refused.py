"""What refuses a device with a network refuses one without: nothing is written, and it is noted."""

from typing import Any

import pytest

from events import vault
from events.models import Event
from events.refusals import Refusal
from licenses.models import Activation, BlacklistedDevice, License
from licenses.selectors.snapshots import FINGERPRINT
from licenses.services import keyring, lifecycle
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_product
from tests.licenses.services.offline.carried import answer, code_of, request, unwritten

pytestmark = pytest.mark.django_db


def bar(license: License) -> None:
    BlacklistedDevice.objects.create(
        fingerprint_digest=vault.digest(FINGERPRINT, "device-1"), created_at=NOW
    )


def suspend(license: License) -> None:
    lifecycle.suspend_license(license_id=license.pk, reason="x", at=NOW, origin=STAFF)


def park(license: License) -> None:
    lifecycle.park_license(license_id=license.pk, reason="x", at=NOW, origin=STAFF)


def revoke(license: License) -> None:
    lifecycle.revoke_license(license_id=license.pk, reason="x", at=NOW, origin=STAFF)


def reissue(license: License) -> None:
    keyring.reissue_key(license_id=license.pk, reason="x", at=NOW, origin=STAFF)


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (bar, "DEVICE_BLACKLISTED"),
        (suspend, "LICENSE_SUSPENDED"),
        (park, "LICENSE_INACTIVE"),
        (revoke, "LICENSE_REVOKED"),
        (reissue, "LICENSE_NOT_FOUND"),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_it_is_refused_as_a_device_with_a_network_is(happens: Any, code: str):
    issued = issue()
    happens(issued.license)
    before = unwritten()
    assert code_of(answer, issued.license, request(issued.key)) == code
    assert unwritten() == before
    noted = Event.objects.filter(type="activation.refused").values_list("reason", flat=True)
    assert list(noted) == ([] if code == "LICENSE_NOT_FOUND" else [code])


def test_another_licences_request_is_unknown_here():
    one, two = issue(), issue()
    assert code_of(answer, one.license, request(two.key)) == "LICENSE_NOT_FOUND"
    assert not Activation.objects.exists()


def test_who_brings_a_request_to_a_full_licence_sees_its_devices_and_may_replace_none():
    issued = issue(max_activations=1, self_service="REPLACE")
    activate(issued.key, "device-9")
    with pytest.raises(Refusal) as refused:
        answer(issued.license, request(issued.key))
    (shown,) = refused.value.details["devices"]
    assert shown["machine_name"]
    assert "replace_token" not in shown


def test_a_device_that_says_it_is_another_product_gets_no_seat():
    issued = issue(product=make_product(product_id="atlas"))
    before = unwritten()
    code = code_of(answer, issued.license, request(issued.key, aud="borealis"))
    assert code == "PRODUCT_MISMATCH"
    assert unwritten() == before
    answer(issued.license, request(issued.key, aud="atlas"))
