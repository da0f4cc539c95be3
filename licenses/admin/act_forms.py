"""What an act asks for: always a reason, sometimes more."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.forms import HouseForm
from accounts.models import Customer
from licenses.models import License, LicenseTemplate, labels
from licenses.selectors.emergencies import allowance_of
from licenses.states import HoldCode
from licenses.terms import MAX_EXTENSION_DAYS, MAX_RENEWAL_MONTHS, TRIALS


class ReasonForm(HouseForm):
    """Why: it stands in the trail for good."""

    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea, max_length=500, help_text=_("Kept in the trail.")
    )

    def __init__(self, *args: Any, license: License, told: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.license = license
        if told:
            self.fields["reason"].help_text = _(
                "Kept in the trail. The customer sees this in the portal."
            )


class RenewForm(ReasonForm):
    """How long, and whether maintenance goes along."""

    duration_months = forms.IntegerField(
        label=_("Months"), min_value=1, max_value=MAX_RENEWAL_MONTHS, initial=12
    )
    extend_maintenance = forms.BooleanField(
        label=_("Extend maintenance by as much"), required=False
    )
    field_order = ("duration_months", "extend_maintenance", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False


class ExtendForm(ReasonForm):
    """By how many days."""

    days = forms.IntegerField(
        label=_("Days"), min_value=1, max_value=MAX_EXTENSION_DAYS, initial=14
    )
    field_order = ("days", "reason")


class ConvertForm(ReasonForm):
    """Into what it is turned."""

    template = forms.ModelChoiceField(label=_("Template"), queryset=LicenseTemplate.objects.none())
    max_activations = forms.IntegerField(
        label=_("Seats"), min_value=1, required=False, help_text=_("Empty: as the template.")
    )
    field_order = ("template", "max_activations", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = (
            LicenseTemplate.objects.on_offer_to(self.license.tenant)
            .filter(product=self.license.product)
            .exclude(license_type__in=TRIALS)
            .order_by("template_name")
        )


class SuspendForm(ReasonForm):
    """For which cause; each is placed once and lifted on its own."""

    code = forms.ChoiceField(
        label=_("Cause"), choices=labels.HOLD_CODE, initial=HoldCode.STAFF.value
    )
    field_order = ("code", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = _open_holds(self.license)
        self.fields["code"].choices = [pair for pair in labels.HOLD_CODE if pair[0] not in held]


class ReinstateForm(ReasonForm):
    """Which of the open causes is lifted."""

    code = forms.ChoiceField(label=_("Lift the hold for"), choices=labels.HOLD_CODE)
    field_order = ("code", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = _open_holds(self.license)
        self.fields["code"].choices = [pair for pair in labels.HOLD_CODE if pair[0] in held]


class DeliverForm(ReasonForm):
    """To whom; the customer's own address unless another is written."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    field_order = ("email", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False
        if self.license.customer:
            self.fields["email"].initial = self.license.customer.email


class EmergencyForm(ReasonForm):
    """Which code of the licence it will be: the form that is sent twice makes one."""

    number = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowance = allowance_of(self.license, at=timezone.now())
        self.fields["number"].initial = allowance.next_number


class TransferForm(ReasonForm):
    """To whom inside the tenant, and whether the devices go along."""

    new_issued_to = forms.CharField(label=_("Issued to"), max_length=200)
    new_customer = forms.ModelChoiceField(
        label=_("Customer"),
        queryset=Customer.objects.none(),
        required=False,
        help_text=_("Empty: the customer stays."),
    )
    deactivate_existing = forms.BooleanField(
        label=_("Sign out the devices it has now"), required=False
    )
    field_order = ("new_issued_to", "new_customer", "deactivate_existing", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_customer"].queryset = self.license.tenant.customers.filter(
            active=True
        ).order_by("name")


def _open_holds(license: License) -> set[str]:
    return set(license.holds.filter(lifted_at=None).values_list("code", flat=True))
