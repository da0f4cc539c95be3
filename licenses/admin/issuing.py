"""Issuing a licence: one page that asks, and one that shows the key once."""

import secrets
from typing import Any

from django import forms
from django.contrib import admin as site
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.base import ScopedAdmin, may, origin_of
from accounts.admin.forms import DateInput, HouseForm, SearchedSelect
from accounts.models import Customer, Tenant
from accounts.services.repeats import Answer, Attempt, once
from events.refusals import Refusal
from licenses.admin import restrictions
from licenses.admin.act_views import show_once
from licenses.admin.acts import KEY_PAGE
from licenses.models import License, LicenseTemplate, labels
from licenses.services.issuing import Issued, IssueRequest, issue_license
from licenses.states import PendingCause
from licenses.terms import MOST_BORROW_DAYS, end_of_day

_TICKETS = "licenses_to_issue"
_MOST_TICKETS = 20


class TemplateChoice(forms.ModelChoiceField):
    """A template with its product, and for whom alone it is."""

    def label_from_instance(self, template: LicenseTemplate) -> str:
        label = f"{template.template_name} ({template.product})"
        if template.reserved_for is None:
            return label
        return _("%(label)s, only for %(tenant)s") % {
            "label": label,
            "tenant": template.reserved_for,
        }


def _search(field: str) -> SearchedSelect:
    """Give an input that searches as it is typed in: tenants may have a million."""
    return SearchedSelect(License._meta.get_field(field), site.site)


class IssueForm(HouseForm):
    """Who and what; terms that are left empty are the template's."""

    template = TemplateChoice(
        label=gettext_lazy("Template"), queryset=LicenseTemplate.objects.none()
    )
    customer = forms.ModelChoiceField(
        label=gettext_lazy("Customer"),
        queryset=Customer.objects.select_related("tenant"),
        required=False,
        widget=_search("customer"),
        help_text=gettext_lazy("The tenant follows from the customer."),
    )
    tenant = forms.ModelChoiceField(
        label=gettext_lazy("Tenant"),
        queryset=Tenant.objects.all(),
        required=False,
        widget=_search("tenant"),
        help_text=gettext_lazy("Only where there is no customer."),
    )
    issued_to = forms.CharField(
        label=gettext_lazy("Issued to"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("As the software shows it. Empty: the customer's name."),
    )
    max_activations = forms.IntegerField(label=gettext_lazy("Seats"), min_value=1, required=False)
    overage = forms.ChoiceField(
        label=gettext_lazy("Overage"),
        choices=[("", gettext_lazy("As the template")), *labels.OVERAGE],
        required=False,
    )
    last_day = forms.DateField(label=gettext_lazy("Last day"), required=False, widget=DateInput())
    duration_days = forms.IntegerField(
        label=gettext_lazy("Or term in days"), min_value=1, required=False
    )
    grace_period_days = forms.IntegerField(
        label=gettext_lazy("Grace in days"), min_value=0, required=False
    )
    maintenance_day = forms.DateField(
        label=gettext_lazy("Maintenance until"), required=False, widget=DateInput()
    )
    lease_seconds = forms.IntegerField(
        label=gettext_lazy("Lease in seconds"), min_value=1, required=False
    )
    max_borrow_days = forms.IntegerField(
        label=gettext_lazy("Borrowed for days, at most"),
        min_value=1,
        max_value=MOST_BORROW_DAYS,
        required=False,
    )
    deliver_to = forms.EmailField(
        label=gettext_lazy("Send the key to"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("An e-mail address. Empty: nobody is written to."),
    )
    waits = forms.BooleanField(
        label=gettext_lazy("Wait for approval before it runs"), required=False
    )
    trial_override_reason = forms.CharField(
        label=gettext_lazy("Why another trial"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Only where the customer has had a trial of this product."),
    )
    ticket = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = _templates()


def _templates() -> QuerySet[LicenseTemplate]:
    return (
        LicenseTemplate.objects.filter(active=True, product__active=True)
        .select_related("product", "reserved_for")
        .order_by("product__product_name", "template_name")
    )


def issue(admin: ScopedAdmin, request: HttpRequest) -> HttpResponse:
    """Ask for a licence, issue it, and show its key in that one answer."""
    form = IssueForm(request.POST or None, initial={"ticket": _ticket(request)})
    restricted = restrictions.forms_of(None, request.POST or None)
    faulty = [part for part in (form, *restricted) if not part.is_valid()]
    if request.method == "POST" and not faulty:
        try:
            issued = _issue_once(request, form.cleaned_data, restrictions.asked(restricted))
        except Refusal as refusal:
            restrictions.tell_rows(form, restricted, refusal)
        else:
            if issued is None:
                messages.error(request, _("This form was sent already; nothing was issued again."))
                return HttpResponseRedirect(reverse("admin:licenses_license_changelist"))
            _spend(request, form.cleaned_data["ticket"])
            return show_once(
                admin, request, issued.license, KEY_PAGE, title=_("Licence issued"), made=issued.key
            )
    return admin.draw(
        request,
        "admin/licenses/license/issue.html",
        title=_("Issue a licence"),
        form=form,
        restrictions=restricted,
        restriction_help=restrictions.help_list(),
    )


def _issue_once(
    request: HttpRequest, stated: dict[str, Any], restricted: list[dict[str, Any]] | None
) -> Issued | None:
    """Issue what was asked, or return None if the form's ticket did so already or does so now."""
    ticket, at = stated["ticket"], timezone.now()
    if ticket not in request.session.get(_TICKETS, []):
        return None
    made = []

    def act() -> Answer:
        asked = _asked(stated, restricted, may_override=may(request, "catalog:write"))
        made.append(issue_license(request=asked, at=at, origin=origin_of(request)))
        # The key is shown once, so it is not kept for a repeat.
        return Answer(200, "")

    # Of two requests at once both find the ticket in the session; this lets one of them through.
    attempt = Attempt(
        credential=f"staff:{request.user.pk}", route=_TICKETS, key=ticket, content=b""
    )
    try:
        once(attempt, act, at=at)
    except Refusal as refusal:
        if refusal.code != "IDEMPOTENCY_IN_PROGRESS":
            raise
    return made[0] if made else None


def _asked(
    stated: dict[str, Any], restricted: list[dict[str, Any]] | None, *, may_override: bool
) -> IssueRequest:
    customer, tenant = stated["customer"], stated["tenant"]
    if customer is None and tenant is None:
        raise Refusal("TENANT_NOT_FOUND", _("Choose a customer, or a tenant."))
    last_day, maintenance = stated["last_day"], stated["maintenance_day"]
    return IssueRequest(
        tenant_id=(tenant or customer.tenant).pk,
        customer_id=customer.pk if customer else None,
        template_id=stated["template"].pk,
        issued_to=stated["issued_to"] or (customer or tenant).name,
        max_activations=stated["max_activations"],
        overage=stated["overage"] or None,
        expiry_date=end_of_day(last_day) if last_day else None,
        duration_days=stated["duration_days"],
        grace_period_days=stated["grace_period_days"],
        lease_seconds=stated["lease_seconds"],
        max_borrow_days=stated["max_borrow_days"],
        maintenance_expiry=end_of_day(maintenance) if maintenance else None,
        pending_cause=PendingCause.APPROVAL if stated["waits"] else None,
        trial_override_reason=stated["trial_override_reason"],
        restrictions=restricted,
        may_override=may_override,
        deliver_to=stated["deliver_to"],
    )


def _ticket(request: HttpRequest) -> str:
    """Give a form its ticket: reloading the page with the key must not issue another."""
    if request.method == "POST":
        return str(request.POST.get("ticket", ""))
    ticket = secrets.token_urlsafe(16)
    held = request.session.get(_TICKETS, [])
    request.session[_TICKETS] = [*held, ticket][-_MOST_TICKETS:]
    return ticket


def _spend(request: HttpRequest, ticket: str) -> None:
    request.session[_TICKETS] = [one for one in request.session[_TICKETS] if one != ticket]
