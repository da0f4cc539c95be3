"""What devices hold when the terms of their licence change under them."""

from datetime import timedelta

import pytest

from events.models import Event
from licenses.models import Activation, License
from licenses.selectors.numbers import with_wrong_seats
from licenses.services import reaping
from tests.clock import NOW
from tests.factories import activate, issue, make_template
from tests.licenses.services.lifecycle.trying import convert, paid, trial
from tests.licenses.services.plans import apply, preview

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_trials_devices_hold_leases_on_the_concurrent_licence_it_becomes() -> None:
    issued = trial(max_activations=2)
    for name in ("a", "b"):
        activate(issued.key, name)
    template = paid(
        issued.license,
        license_type="CONCURRENT", max_activations=2, lease_seconds=3600, max_borrow_days=7,
    )  # fmt: skip

    done = convert(issued.license, template, at=NOW + HOUR)

    assert done.max_borrow_days == 7
    assert set(Activation.objects.values_list("lease_expires_at", flat=True)) == {NOW + 2 * HOUR}
    # Those that are never heard of again make room, as on any concurrent licence.
    assert activate(issued.key, "c", at=NOW + 2 * HOUR).is_new
    assert reaping.reap(at=NOW + 2 * HOUR) == 0
    assert License.objects.get().current_activations == 1
    assert not with_wrong_seats().exists()


@pytest.mark.parametrize(
    ("was", "becomes", "units"),
    [
        (("PER_CORE", {}), ("PER_SEAT", {}), 1),
        (("PER_CORE", {}), ("SITE_LICENSE", {}), 1),
        (("PER_CPU", {}), ("PER_CORE", {}), 1),
        (("PER_CORE", {}), ("PER_CORE", {"license_type": "NAMED_USER"}), 1),
        (("PER_CORE", {}), ("PER_CORE", {"license_type": "CONCURRENT"}), 8),
    ],
)
def test_what_devices_declared_counts_only_while_it_is_counted(was, becomes, units) -> None:
    model, _ = was
    issued = trial(license_model=model, max_activations=16)
    activate(issued.key, core_count=8, cpu_count=8)
    model, more = becomes

    convert(issued.license, paid(issued.license, license_model=model, **more))

    row = Activation.objects.get()
    assert (row.units, row.declared_units) == (units, 8 if units == 8 else None)
    assert License.objects.get().current_activations == units
    assert not with_wrong_seats().exists()
    told = Event.objects.filter(type="activation.updated").values_list("changes", flat=True)
    assert list(told) == [{"units": {"before": 8, "after": 1}}] * (units != 8)


def test_a_device_declares_anew_what_its_converted_licence_counts() -> None:
    issued = trial(license_model="PER_CPU", max_activations=16)
    activate(issued.key, cpu_count=2)
    convert(issued.license, paid(issued.license, license_model="PER_CORE", max_activations=16))

    activate(issued.key, core_count=12)

    assert License.objects.get().current_activations == 12


def test_devices_that_owed_no_heartbeat_have_time_to_send_one() -> None:
    issued = issue()
    activate(issued.key)
    asking = make_template(issued.license.product, require_heartbeat=True)

    apply(issued.license, asking, at=NOW + HOUR)

    row = Activation.objects.get()
    assert row.heartbeat_due_at == NOW + HOUR + timedelta(minutes=30)
    # Asked for no longer and then once more, they have that time again.
    apply(issued.license, make_template(issued.license.product), at=NOW + HOUR)
    apply(issued.license, asking, at=NOW + 5 * HOUR)
    row.refresh_from_db()
    assert row.heartbeat_due_at == NOW + 5 * HOUR + timedelta(minutes=30)


def test_a_template_says_for_how_long_seats_are_lent() -> None:
    template = make_template(license_type="CONCURRENT", max_borrow_days=7)
    issued = issue(product=template.product, template_id=template.pk, license_type="CONCURRENT")
    assert preview(issued.license, template).changes == []

    apply(issued.license, make_template(template.product, license_type="CONCURRENT"))

    license = License.objects.get()
    assert (license.max_borrow_days, license.lease_seconds) == (None, 1800)
