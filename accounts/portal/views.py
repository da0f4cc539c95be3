"""Where a person goes after signing in, and the choice between several organisations."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.portal.door import memberships_of


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the only organisation, to the choice, or staff to the admin."""
    memberships = memberships_of(request.user)
    if len(memberships) == 1:
        return redirect("portal:overview", memberships[0].tenant.code)
    if not memberships and request.user.is_staff:
        return redirect("admin:index")
    return redirect("choose")


@require_safe
@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Show the organisations a person may enter."""
    return render(request, "portal/choose.html", {"memberships": memberships_of(request.user)})
