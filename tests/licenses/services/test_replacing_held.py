"""A device that holds too little takes what another held."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from events.refusals import Refusal
from licenses.models import Activation
from tests.clock import NOW
from tests.factories import activate, issue
from tests.licenses.services.filled import everything, offers

pytestmark = pytest.mark.django_db


def test_a_device_whose_lease_was_taken_back_takes_anothers_place() -> None:
    issued = issue(
        license_type="CONCURRENT", max_activations=1, lease_seconds=60, self_service="REPLACE"
    )
    first = activate(issued.key, "new")
    later = NOW + timedelta(minutes=5)
    activate(issued.key, "other", at=later)
    [offer] = offers(issued, at=later)

    done = activate(issued.key, "new", replace_token=offer["replace_token"], at=later)

    assert (done.is_new, done.token) == (False, first.token)
    live = Activation.objects.live().get()
    assert (live.units, live.machine_name) == (1, "PC new")
    call_command("check_seats")


def test_a_device_that_wants_more_cores_takes_anothers_and_never_its_own() -> None:
    issued = issue(license_model="PER_CORE", max_activations=8, self_service="REPLACE")
    activate(issued.key, "new", core_count=4)
    activate(issued.key, "other", core_count=4)
    [offer] = offers(issued, core_count=8)

    done = activate(issued.key, "new", core_count=8, replace_token=offer["replace_token"])

    assert not done.is_new
    assert [(row.machine_name, row.units) for row in Activation.objects.live()] == [("PC new", 8)]
    call_command("check_seats")


def test_cores_that_do_not_fit_even_so_leave_both_devices_as_they_were() -> None:
    issued = issue(license_model="PER_CORE", max_activations=8, self_service="REPLACE")
    activate(issued.key, "new", core_count=4)
    activate(issued.key, "other", core_count=4)
    [offer] = offers(issued, core_count=9)
    before = everything()

    with pytest.raises(Refusal) as refused:
        activate(issued.key, "new", core_count=9, replace_token=offer["replace_token"])

    assert refused.value.details["current_activations"] == 8
    assert everything() == before
