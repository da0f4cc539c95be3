"""A licence is tied to one first device, however many come at once."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from events.models import Event
from licenses import hot
from licenses.hot.absent import AbsentStore
from licenses.hot.redis import RedisStore
from licenses.models import Activation, License
from licenses.selectors import entry
from licenses.services import activation
from licenses.services.changing import change_license
from licenses.services.claims import Device
from tests.clock import NOW
from tests.factories import DEVICE, STAFF, issue, make_template
from tests.races.threads import at_once, refused, succeeded

pytestmark = pytest.mark.django_db(transaction=True)
DOMAINS = ("a.example", "b.example")


@pytest.fixture(autouse=True, params=["with copies", "without"])
def _store(request: pytest.FixtureRequest, redis_url: str) -> Iterator[None]:
    made = RedisStore(redis_url) if request.param == "with copies" else AbsentStore()
    made.clear()
    before = hot.use(made)
    yield
    made.clear()
    made.close()
    hot.use(before)


def activate_as_the_door_does(key: str, number: int) -> Any:
    got = entry.by_key(key, address="192.0.2.7", at=NOW, device_needed=False)
    assert got.found is not None
    device = Device(fingerprint=f"device-{number}", domain=DOMAINS[number % 2])
    return activation.activate_found(found=got.found, device=device, at=NOW, origin=DEVICE)


@pytest.mark.parametrize("terms", [{}, {"license_type": "TRIAL"}], ids=["runs", "waits"])
def test_of_two_domains_that_come_at_once_one_is_bound(terms: dict[str, Any]) -> None:
    template = make_template(bind_on_first_activation="DOMAIN", max_activations=50, **terms)
    issued = issue(template_id=template.pk, license_type=None, max_activations=50)

    results = at_once(*(partial(activate_as_the_door_does, issued.key, n) for n in range(12)))

    license = License.objects.get()
    row = license.restrictions.get()
    assert (row.restriction_type, row.operator) == ("DOMAIN", "ALLOW")
    assert refused(results) == ["RESTRICTED_DOMAIN"] * 6
    assert len(succeeded(results)) == license.current_activations == 6
    assert [*Activation.objects.values_list("domain", flat=True).distinct()] == row.values
    assert Event.objects.filter(type="license.updated").count() == 1


def test_no_device_slips_in_beside_a_new_restriction() -> None:
    issued = issue(max_activations=50)
    only_a = [{"restriction_type": "DOMAIN", "operator": "ALLOW", "values": ["a.example"]}]

    def restrict() -> None:
        change_license(
            license_id=issued.license.pk, changes={}, restrictions=only_a, at=NOW, origin=STAFF
        )

    at_once(restrict, *(partial(activate_as_the_door_does, issued.key, n) for n in range(12)))

    changed = Event.objects.get(type="license.updated").sequence
    late = Event.objects.filter(type="activation.created", sequence__gt=changed)
    domains = Activation.objects.filter(pk__in=late.values("activation_id"))
    assert set(domains.values_list("domain", flat=True)) <= {"a.example"}
