"""What stands between a signed-in person and the admin."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]


class SecondFactorAtAdmin:
    """
    Ask staff for a second factor.

    allauth asks for it at sign-in from everybody who has one; this sends staff who have none to the
    page that sets one up. It stands after allauth's own middleware.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.door = reverse("admin:index")
        self.open = frozenset({reverse("admin:login"), reverse("admin:logout")})

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(self.door):
            return self.get_response(request)
        if self._lacks_second_factor(request):
            return redirect("mfa_activate_totp")
        return self.get_response(request)

    def _lacks_second_factor(self, request: HttpRequest) -> bool:
        if request.path_info in self.open or not request.user.is_authenticated:
            return False
        return request.user.is_staff and lacks_second_factor(request.user)


def lacks_second_factor(staff: User) -> bool:
    """Return whether a member of staff still has to set one up before anything of the vendor's."""
    return not settings.DEBUG and not is_mfa_enabled(staff, [Authenticator.Type.TOTP])
