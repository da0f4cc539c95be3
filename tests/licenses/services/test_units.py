"""What a device declares is what it takes; more takes the difference, fewer gives back."""

from typing import Any

import pytest

from events.models import Event
from events.refusals import Refusal
from licenses.models import Activation, License
from licenses.services import changing
from tests.clock import NOW
from tests.factories import DEVICE, STAFF, activate, give_back, issue

pytestmark = pytest.mark.django_db


def per_core(**terms: Any) -> Any:
    return issue(**{"license_model": "PER_CORE", "max_activations": 16} | terms)


def rows() -> Any:
    return list(License.objects.values()), list(Activation.objects.values())


def state() -> tuple[int, list[int]]:
    units = Activation.objects.live().order_by("id").values_list("units", flat=True)
    license = License.objects.get()
    assert license.current_activations == sum(units)
    return license.current_activations, list(units)


def changes_told() -> list[Any]:
    events = Event.objects.filter(type="activation.updated").order_by("sequence")
    return [event.changes["units"] for event in events]


@pytest.mark.parametrize(
    ("model", "says", "units", "declared"),
    [
        ("PER_CORE", {"core_count": 8, "cpu_count": 2}, 8, True),
        ("PER_CPU", {"core_count": 8, "cpu_count": 2}, 2, True),
        ("PER_CORE", {"cpu_count": 2}, 1, False),
        ("PER_CPU", {}, 1, False),
        ("PER_SEAT", {"core_count": 8, "cpu_count": 2}, 1, None),
        ("PER_DEVICE", {"core_count": 8}, 1, None),
        ("SITE_LICENSE", {"core_count": 8}, 1, None),
    ],
)
def test_a_device_takes_what_its_licence_counts(model, says, units, declared) -> None:
    done = activate(issue(license_model=model, max_activations=16).key, **says)
    assert state() == (units, [units])
    assert done.snapshot.device.units == units
    assert Activation.objects.select_related("license").get().units_declared is declared


def test_the_same_device_with_more_units_takes_the_difference() -> None:
    issued = per_core()
    first = activate(issued.key, core_count=4)
    again = activate(issued.key, core_count=16)
    assert (again.is_new, again.token, again.snapshot.device.units) == (False, first.token, 16)
    assert state() == (16, [16])
    assert changes_told() == [{"before": 4, "after": 16}]
    assert Activation.objects.get().revision == 2


def test_more_than_is_free_is_refused_and_the_old_units_stay() -> None:
    issued = per_core()
    activate(issued.key, "a", core_count=4)
    activate(issued.key, "b", core_count=8)
    before = rows()
    with pytest.raises(Refusal) as refused:
        activate(issued.key, "a", core_count=9)
    assert refused.value.code == "ACTIVATION_LIMIT_EXCEEDED"
    assert (refused.value.details["current_activations"], rows()) == (12, before)
    assert not changes_told()


def test_fewer_units_are_given_back() -> None:
    issued = per_core()
    activate(issued.key, core_count=16)
    assert activate(issued.key, core_count=2).snapshot.device.units == 2
    assert state() == (2, [2])
    assert changes_told() == [{"before": 16, "after": 2}]


def test_a_repeat_writes_nothing_and_one_that_says_nothing_keeps_what_was_said() -> None:
    issued = per_core()
    activate(issued.key, core_count=4)
    before = rows(), Event.objects.count()
    assert activate(issued.key, core_count=4).snapshot.device.units == 4
    assert activate(issued.key).snapshot.device.units == 4
    assert (rows(), Event.objects.count()) == before


def test_a_first_count_of_one_is_a_count() -> None:
    issued = per_core()
    activate(issued.key)
    activate(issued.key, core_count=1)
    assert Activation.objects.select_related("license").get().units_declared is True
    assert state() == (1, [1])


def test_a_device_gives_back_all_it_took() -> None:
    issued = per_core()
    token = activate(issued.key, "a", core_count=12).token
    activate(issued.key, "b", core_count=4)
    give_back(token)
    assert state() == (4, [4])


def test_giving_back_while_over_the_limit_tells_every_reader() -> None:
    issued = per_core()
    activate(issued.key, core_count=12)
    changing.change_license(
        license_id=issued.license.pk, changes={"max_activations": 4}, at=NOW, origin=STAFF
    )
    activate(issued.key, core_count=6)
    assert License.objects.get().revision == 3
    activate(issued.key, core_count=2)
    assert License.objects.get().revision == 4
    activate(issued.key, core_count=1)
    assert License.objects.get().revision == 4
    assert state() == (1, [1])


def test_the_trail_tells_when_the_difference_reaches_a_mark() -> None:
    issued = per_core()
    activate(issued.key, core_count=4)
    activate(issued.key, core_count=15)
    (event,) = Event.objects.filter(type="license.seats_at")
    assert event.changes == {
        "percent": {"before": None, "after": 90},
        "current_activations": {"before": 4, "after": 15},
    }
    assert event.actor_kind == DEVICE.actor_kind


@pytest.mark.parametrize("name", ["cpu_count", "core_count", "borrow_days"])
@pytest.mark.parametrize("number", [0, -1, 65_537])
def test_counts_that_cannot_be_are_refused_whatever_is_counted(name, number) -> None:
    issued = issue()
    with pytest.raises(Refusal) as refused:
        activate(issued.key, **{name: number})
    assert refused.value.code == "VALIDATION_ERROR"
    assert list(refused.value.details) == [name]
    assert not Activation.objects.exists()
