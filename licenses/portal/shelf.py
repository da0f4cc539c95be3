"""All licences of a tenant."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.portal.door import TenantView
from accounts.portal.pager import stretch_of
from licenses import keys
from licenses.models import License
from licenses.portal.forms import LicenseFilter
from licenses.selectors.glance import capped
from licenses.selectors.portfolio import products_among
from licenses.selectors.search import license_of_key


class LicensesPage(TenantView):
    """`/t/<code>/licenses/`."""

    scope = "licenses:read"
    section = "licenses"
    template_name = "portal/licenses/list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        licenses = self.rows(License)
        # A whole key is a secret: it leads to its licence and is not shown or linked again.
        sought = request.GET.get("q", "")
        if (found := license_of_key(sought)) and licenses.filter(pk=found.pk).exists():
            return redirect("portal:license", self.tenant.code, found.pk)
        # What could only be a key of another system may as well be a name.
        if keys.parse(sought):
            messages.warning(request, _("You have no licence with that key."))
            return redirect("portal:licenses", self.tenant.code)
        form = LicenseFilter(request.GET, products=products_among(licenses))
        understood = form.is_valid()
        wanted = form.narrow(licenses, self.at)
        stretch = stretch_of(
            wanted,
            after=form.cleaned_data.get("after"),
            before=form.cleaned_data.get("before"),
        )
        # Counted only where the page does not show them all.
        total = capped(wanted) if stretch.newer or stretch.older else ""
        context = {"form": form, "stretch": stretch, "total": total}
        return self.page(context, status=200 if understood else 400)
