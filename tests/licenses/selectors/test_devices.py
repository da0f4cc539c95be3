from datetime import timedelta

import pytest

from licenses.models import Heartbeat
from licenses.selectors.devices import masked_devices, masked_name
from tests.clock import NOW
from tests.factories import activate, issue


@pytest.mark.parametrize(
    ("name", "shown"), [("BRN-WS-031", "BRN…31"), ("laptop", "l…"), ("server7", "s…"), ("x", "x…")]
)
def test_a_name_is_told_to_whoever_knows_it(name, shown):
    assert masked_name(name) == shown


@pytest.mark.django_db
def test_a_device_shows_part_of_its_name_and_times_in_utc():
    issued = issue()
    activate(issued.key, "a-device", at=NOW)
    [device] = masked_devices(issued.license.pk)
    assert device["machine_name"] == "PC …ce"
    assert device["last_seen"] == device["activated_at"] == "2026-03-14T09:26:53Z"


@pytest.mark.django_db
def test_a_device_never_heard_of_counts_from_its_activation():
    issued = issue()
    old, young = (
        activate(issued.key, name, at=at).snapshot.device.id
        for name, at in (("old", NOW - timedelta(days=60)), ("young", NOW))
    )
    beaten = NOW - timedelta(days=30)
    Heartbeat.objects.update_or_create(activation_id=old, defaults={"last_heartbeat": beaten})
    shown = masked_devices(issued.license.pk)
    assert [device["activation_id"] for device in shown] == [str(old), str(young)]
    assert shown[0]["last_seen"] < shown[1]["last_seen"]
