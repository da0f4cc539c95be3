"""What a person may ask of the licence list, and state of an act."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from licenses.models import Product
from licenses.models.labels import STATUS
from licenses.models.license_queries import LicenseQuerySet
from licenses.models.named_user import MAX_IDENTITY
from licenses.selectors.portfolio import SOON
from licenses.states import Status


class NameSearch(forms.Form):
    """A part of a name."""

    q = forms.CharField(
        label=_("Search"),
        max_length=MAX_IDENTITY,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class EmergencyForm(forms.Form):
    """Why a device is to be let in; the form that is sent twice makes one code."""

    number = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("What happened"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The vendor reads it."),
    )


class LicenseFilter(forms.Form):
    """Search, status and product; a value that makes no sense is said to be wrong and left out."""

    q = forms.CharField(label=_("Search"), max_length=200, required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("Any status")),
            ("in-force", _("In force")),
            ("ending", _("Ending in 30 days")),
            ("in-grace", _("In grace")),
            ("full", _("No free seat")),
            *STATUS,
        ],
    )
    product = forms.ChoiceField(label=_("Product"), required=False)
    after = forms.UUIDField(required=False)
    before = forms.UUIDField(required=False)

    def __init__(self, *args: Any, products: list[Product], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["product"])
        field.choices = [
            ("", _("Any product")),
            *((product.product_id, product.product_name) for product in products),
        ]
        self.fields["q"].widget = forms.TextInput(attrs={"type": "search"})

    @property
    def asks(self) -> bool:
        """Whether anything but a page was asked for."""
        return any(self.cleaned_data.get(name) for name in ("q", "status", "product"))

    def narrow(self, licenses: LicenseQuerySet, at: datetime) -> LicenseQuerySet:
        """Keep of the licences what the form asks for."""
        asked = self.cleaned_data
        if text := asked.get("q"):
            licenses = licenses.matching(text)
        if product := asked.get("product"):
            licenses = licenses.filter(product__product_id=product)
        match asked.get("status", ""):
            case "":
                return licenses
            case "in-force":
                return self._in_force(licenses, at)
            case "ending":
                return licenses.in_status(Status.ACTIVE, at).expiring_between(at, at + SOON)
            case "full":
                return self._in_force(licenses, at).full()
            case "in-grace":
                return licenses.in_grace(at)
            case Status.EXPIRED:
                return licenses.run_out(at)
            case status:
                return licenses.in_status(status, at)

    @staticmethod
    def _in_force(licenses: LicenseQuerySet, at: datetime) -> LicenseQuerySet:
        return licenses.in_status(Status.ACTIVE, at) | licenses.in_grace(at)
