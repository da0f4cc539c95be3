"""What `manage.py emergency_code` prints and refuses."""

import pytest
from django.core.management import CommandError

from events.models import Event
from licenses.models import EmergencyCode
from licenses.services import lifecycle
from tests.clock import NOW
from tests.factories import STAFF, issue
from tests.licenses.management.commands.test_commands import said
from tests.licenses.services import need

pytestmark = pytest.mark.django_db


def test_the_last_line_is_read_out_and_lets_a_device_in():
    issued = issue()
    *_, signed, typed = said("emergency_code", issued.key, "--reason", "Line 3.").splitlines()
    code = EmergencyCode.objects.get()
    assert need.redeem(issued.key, typed, at=code.issued_at).is_new
    assert not need.redeem(issued.key, signed, at=code.issued_at).is_new
    event = Event.objects.get(type="license.emergency_code_issued")
    assert (event.actor_kind, event.reason) == ("system", "Line 3.")


def test_the_licences_id_does_as_well():
    license = issue().license
    assert "until: " in said("emergency_code", str(license.pk), "--reason", "x")


@pytest.mark.parametrize(
    ("key", "reason", "code"),
    [
        ("hello", "x", "INVALID_LICENSE_KEY_FORMAT"),
        ("0000-0000-0000-0000-0000", "x", "LICENSE_NOT_FOUND"),
        ("0190b0c4-0000-7000-8000-000000000000", "x", "LICENSE_NOT_FOUND"),
        ("", " ", "VALIDATION_ERROR: reason"),
    ],
)
def test_it_is_refused_with_the_code(key, reason, code):
    issued = issue()
    with pytest.raises(CommandError, match=code):
        said("emergency_code", key or issued.key, "--reason", reason)
    assert not EmergencyCode.objects.exists()


def test_a_revoked_licence_gets_none():
    issued = issue()
    lifecycle.revoke_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    with pytest.raises(CommandError, match="LICENSE_REVOKED"):
        said("emergency_code", issued.key, "--reason", "x")
    assert not EmergencyCode.objects.exists()
