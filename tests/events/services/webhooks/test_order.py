"""Of one licence everything is heard in the order in which it happened."""

from datetime import timedelta

import pytest

from events.models import WebhookDelivery
from licenses.services import lifecycle
from tests.clock import NOW
from tests.factories import STAFF, issue
from tests.receiving import receiver

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def suspend(license):
    lifecycle.suspend_license(license_id=license.pk, reason="x", at=NOW, origin=STAFF)


def test_a_licences_events_come_in_order_and_nobody_elses_waits(listening, deliver):
    with receiver() as there:
        listening(there)
        stuck, fine = issue().license, issue().license
        there.fails_on = {str(stuck.pk): 500}
        deliver()
        for license in (stuck, fine):
            suspend(license)
        deliver(NOW + MINUTE)
        deliver(NOW + 2 * MINUTE)
        of_stuck = [m["type"] for m in there.messages if m["data"]["license_id"] == str(stuck.pk)]
        assert set(of_stuck) == {"license.issued"}
        assert there.types.count("license.suspended") == 1
        there.fails_on = {}
        for hours in (1, 2):
            deliver(NOW + hours * HOUR)
        of_stuck = [m["type"] for m in there.messages if m["data"]["license_id"] == str(stuck.pk)]
        assert of_stuck[-2:] == ["license.issued", "license.suspended"]
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"DELIVERED"}


def test_what_is_given_up_lets_the_next_of_its_licence_pass(listening, deliver):
    with receiver() as there:
        listening(there)
        license = issue().license
        deliver()
        WebhookDelivery.objects.update(state="FAILED")
        suspend(license)
        deliver()
        assert there.types[-1] == "license.suspended"
