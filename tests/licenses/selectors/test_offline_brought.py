"""What people bring and take: counted, drawn and named."""

import pytest

from licenses.models import Activation, License
from licenses.selectors import offline_brought
from tests.clock import NOW
from tests.factories import activate, issue
from tests.licenses.services.offline.carried import request

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("terms", "says", "taken", "left"),
    [
        ({"max_activations": 3}, {}, 1, 2),
        ({"license_model": "PER_CORE", "max_activations": 64}, {"core_count": 16}, 16, 48),
        ({"license_model": "PER_CORE", "max_activations": 64}, {}, 1, 63),
        ({"license_model": "PER_CORE", "max_activations": 8}, {"core_count": 16}, 16, 0),
        ({"license_model": "SITE_LICENSE", "max_activations": 1}, {}, 1, None),
    ],
)
def test_a_request_says_what_it_would_take_and_leave(terms, says, taken, left):
    issued = issue(**terms)
    found = offline_brought.brought(
        request(issued.key, **says), among=License.objects.all(), at=NOW
    )
    assert (found.units, found.left_after) == (taken, left)
    assert found.fits == (left is None or taken <= terms["max_activations"])


@pytest.mark.parametrize(("length", "fits"), [(2_953, True), (2_954, False), (60_000, False)])
def test_what_no_code_holds_is_not_drawn(length, fits):
    assert (offline_brought.drawn("x" * length) is not None) == fits


@pytest.mark.parametrize(
    ("machine", "name"),
    [
        ("Press 4", "press-4.rsp"),
        ('../"x"\r\n', "x.rsp"),
        ("日本", "device.rsp"),
        ("", "device-1.rsp"),
    ],
)
def test_a_file_is_named_after_its_device_and_nothing_else(machine, name):
    issued = issue()
    activate(issued.key, "device-of-1")
    row = Activation.objects.get()
    row.machine_name = machine
    row.fingerprint_hint = "1"
    assert offline_brought.file_name(row, issued.license, "rsp") == name
