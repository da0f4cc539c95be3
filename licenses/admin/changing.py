"""Changing what a licence was sold as; the form carries the revision that its reader saw."""

from collections.abc import Callable
from datetime import UTC
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.base import ScopedAdmin, may, origin_of
from accounts.admin.forms import DateInput, HouseForm, plain
from events.refusals import Refusal
from licenses.admin import restrictions
from licenses.models import Feature, License, labels
from licenses.services.changing import change_license
from licenses.services.entitlements import FeatureGrant
from licenses.terms import MOST_BORROW_DAYS, LicenseType, end_of_day, last_day

_LEASE = ("lease_seconds", "max_borrow_days")
_PLAIN = (
    "issued_to",
    "max_activations",
    "overage",
    "grace_period_days",
    "auto_renewal",
    "heartbeat_interval_seconds",
    *_LEASE,
    "self_service",
)
_DAYS = ("expiry_date", "maintenance_expiry")


class TermsForm(HouseForm):
    """The terms that may change while a licence lives."""

    issued_to = forms.CharField(label=gettext_lazy("Issued to"), max_length=200)
    max_activations = forms.IntegerField(
        label=gettext_lazy("Seats"),
        min_value=1,
        help_text=gettext_lazy("Fewer than are taken: nobody is cut off, and no seat is given."),
    )
    overage = forms.ChoiceField(label=gettext_lazy("Overage"), choices=labels.OVERAGE)
    expiry_date = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=DateInput()
    )
    grace_period_days = forms.IntegerField(label=gettext_lazy("Grace in days"), min_value=0)
    maintenance_expiry = forms.DateField(
        label=gettext_lazy("Maintenance until"), required=False, widget=DateInput()
    )
    auto_renewal = forms.BooleanField(label=gettext_lazy("Renews by itself"), required=False)
    heartbeat_interval_seconds = forms.IntegerField(
        label=gettext_lazy("Heartbeat every (seconds)"), min_value=1
    )
    lease_seconds = forms.IntegerField(
        label=gettext_lazy("Lease (seconds)"),
        min_value=1,
        required=False,
        help_text=gettext_lazy("How long a silent device keeps its seat. Empty: three heartbeats."),
    )
    max_borrow_days = forms.IntegerField(
        label=gettext_lazy("Borrowed for (days), at most"),
        min_value=1,
        max_value=MOST_BORROW_DAYS,
        required=False,
        help_text=gettext_lazy("To work away from the network. Empty: not at all."),
    )
    self_service = forms.ChoiceField(
        label=gettext_lazy("When full, offer"), choices=labels.SELF_SERVICE
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Kept in the trail."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, license: License, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if license.license_type == LicenseType.PERPETUAL:
            del self.fields["expiry_date"]
        if not license.leased:
            for name in _LEASE:
                del self.fields[name]


class GrantForm(HouseForm):
    """One feature of the product, granted or not."""

    granted = forms.BooleanField(required=False)
    limit_value = forms.DecimalField(
        label=gettext_lazy("Limit"), required=False, min_value=0, max_digits=24, decimal_places=6
    )
    until = forms.DateField(label=gettext_lazy("Until"), required=False, widget=DateInput())

    def __init__(self, *args: Any, feature: Feature, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"feature-{feature.feature_id}", **kwargs)
        self.feature = feature
        self.fields["granted"].label = feature.feature_name

    def grant(self) -> FeatureGrant | None:
        """Give the feature as it is to be granted, or None where it is not."""
        if not self.cleaned_data["granted"]:
            return None
        until = self.cleaned_data["until"]
        return FeatureGrant(
            feature_id=self.feature.feature_id,
            limit_value=self.cleaned_data["limit_value"],
            expires_at=end_of_day(until) if until else None,
        )


def page_of(admin: ScopedAdmin) -> Callable[..., HttpResponse]:
    """Give the view that changes a licence's terms."""

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        license = admin.license_or_404(object_id)
        data = request.POST or None
        form = TermsForm(data, license=license, initial=_now(license))
        grants = _grant_forms(license, data)
        restricted = restrictions.forms_of(license, data)
        # Each is looked at, so that all faults are told at once.
        faulty = [part for part in (form, *grants, *restricted) if not part.is_valid()]
        if request.method == "POST" and not faulty:
            try:
                _store(request, license, form, grants, restricted)
            except Refusal as refusal:
                restrictions.tell_rows(form, restricted, refusal)
            else:
                messages.success(request, _("The terms are as you left them."))
                page = reverse("admin:licenses_license_change", args=[license.pk])
                return HttpResponseRedirect(page)
        return admin.draw(
            request,
            "admin/licenses/license/terms.html",
            title=_("Change the terms"),
            license=license,
            at=timezone.now(),
            form=form,
            grants=grants,
            restrictions=restricted,
            restriction_help=restrictions.help_list(),
        )

    return view


def _now(license: License) -> dict[str, Any]:
    days = {name: getattr(license, name) for name in _DAYS}
    return {
        **{name: getattr(license, name) for name in _PLAIN},
        **{name: last_day(moment, UTC) for name, moment in days.items() if moment},
        "revision": license.revision,
    }


def _grant_forms(license: License, data: Any) -> list[GrantForm]:
    held = {row.feature_id: row for row in license.entitlements.filter(enabled=True)}
    forms_ = []
    for feature in license.product.features.order_by("feature_name"):
        row = held.get(feature.feature_id)
        initial = {
            "granted": row is not None,
            "limit_value": plain(row.limit_value) if row else None,
            "until": last_day(row.expires_at, UTC) if row and row.expires_at else None,
        }
        forms_.append(GrantForm(data, feature=feature, initial=initial))
    return forms_


def _store(
    request: HttpRequest,
    license: License,
    form: TermsForm,
    grants: list[GrantForm],
    restricted: list[restrictions.RestrictionForm],
) -> None:
    stated = form.cleaned_data
    changes: dict[str, Any] = {}
    for name in form.changed_data:
        if name in _DAYS:
            changes[name] = end_of_day(stated[name]) if stated[name] else None
        elif name in _PLAIN:
            changes[name] = stated[name]
    asked = [grant.grant() for grant in grants]
    touched = any(grant.has_changed() for grant in grants)
    change_license(
        license_id=license.pk,
        changes=changes,
        features=[grant for grant in asked if grant is not None] if touched else None,
        restrictions=restrictions.asked(restricted),
        expected_revision=stated["revision"],
        reason=stated["reason"],
        may_override=may(request, "catalog:write"),
        at=timezone.now(),
        origin=origin_of(request),
    )
