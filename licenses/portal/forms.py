"""What a person may ask of the licence list, state of an act, and bring for an offline device."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from licenses.models import Product
from licenses.models.labels import STATUS
from licenses.models.license_queries import LicenseQuerySet
from licenses.models.named_user import MAX_IDENTITY
from licenses.selectors.portfolio import SOON
from licenses.services.offline import MOST_DAYS
from licenses.signing.compact import MOST_CHARACTERS
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


class Bringing(forms.Form):
    """A code that a device wrote: pasted, or in a file."""

    code = forms.CharField(
        label=_("Paste the request code"),
        required=False,
        max_length=MOST_CHARACTERS,
        help_text=_("Spaces and line breaks do not matter."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
    )
    file = forms.FileField(
        label=_("Upload the request file"),
        required=False,
        help_text=_("A text file of at most 64 KB."),
        widget=forms.FileInput(attrs={"accept": ".req,.txt"}),
    )

    def clean(self) -> dict[str, Any]:
        stated = super().clean() or {}
        if not self.errors and not stated.get("code") and not stated.get("file"):
            self.add_error("code", _("Paste the code, or choose its file."))
        return stated


class BringingReceipt(Bringing):
    """What a device wrote when it ended itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Paste the receipt")
        self.fields["file"].label = _("Upload the receipt’s file")


class FileWish(forms.Form):
    """For how long a file is to hold, and for which device."""

    ttl_days = forms.IntegerField(
        label=_("For how many days"), required=False, min_value=1, max_value=MOST_DAYS
    )
    device_fingerprint = forms.CharField(
        label=_("The device’s fingerprint"),
        required=False,
        max_length=512,
        help_text=_("As the software shows it; asked for once."),
    )
