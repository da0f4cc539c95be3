"""The pages for what goes wrong, in the portal's look and without a word of the machine."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.test import Client, override_settings
from django.urls import path

from licensing_portal import urls
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


def failing(error):
    def view(request):
        raise error

    return view


FAULTS = {
    400: (SuspiciousOperation("secret"), "We could not read that"),
    403: (PermissionDenied("Ask an owner."), "Ask an owner."),
    404: (Http404("secret"), "There is nothing here"),
    500: (RuntimeError("secret"), "Something failed on our side"),
}
urlpatterns = [
    *urls.urlpatterns,
    *(path(f"{code}/", failing(error)) for code, (error, _words) in FAULTS.items()),
]


@pytest.mark.parametrize("code", FAULTS)
@override_settings(ROOT_URLCONF=__name__)
def test_a_fault_is_told_in_the_portals_look(code):
    response = Client(raise_request_exception=False).get(f"/{code}/")
    page = response.content.decode()
    assert response.status_code == code
    assert FAULTS[code][1] in page
    assert "portal.css" in page
    assert "secret" not in page
    assert "Traceback" not in page


def test_staff_are_sent_to_whoever_runs_the_portal_and_not_to_an_owner():
    page = signed_in("catalog:read").get("/admin/licenses/license/").content.decode()
    assert "your staff group" in page
    assert "owner" not in page
