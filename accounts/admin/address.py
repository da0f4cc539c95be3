"""A postal address as fields of a form: nobody types JSON."""

from typing import Any

from django.forms import CharField, ModelForm
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

_PARTS = {
    "line1": gettext_lazy("Street"),
    "line2": gettext_lazy("More of the street"),
    "postal_code": gettext_lazy("Postal code"),
    "city": gettext_lazy("City"),
    "region": gettext_lazy("Region"),
    "country": gettext_lazy("Country"),
}
PREFIX = "address_"
FIELDS = tuple(PREFIX + part for part in _PARTS)
FIELDSET = (gettext_lazy("Billing address"), {"fields": FIELDS})


def _field(label: Any) -> CharField:
    return CharField(
        label=label, required=False, max_length=200, widget=UnfoldAdminTextInputWidget()
    )


class AddressForm(ModelForm):
    """A form whose `billing_address` is edited part by part; unknown parts are kept."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in _PARTS:
            self.fields[PREFIX + part].initial = self.instance.billing_address.get(part, "")

    def billing_address(self) -> dict[str, Any]:
        stated = {part: self.cleaned_data[PREFIX + part] for part in _PARTS}
        parts = self.instance.billing_address | stated
        return {name: value for name, value in parts.items() if value}


# Declared here, not in __init__: the admin looks for its fields on the class.
for _part, _label in _PARTS.items():
    AddressForm.base_fields[PREFIX + _part] = AddressForm.declared_fields[PREFIX + _part] = _field(
        _label
    )
