"""A template's price and volume discounts, on the template's own page."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.forms import BaseModelFormSet, modelformset_factory
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.admin.base import ScopedInline
from accounts.admin.forms import PlainNumbers
from events.trail import Origin
from licenses.models import LicenseTemplate
from orders.models import Pricing, VolumeDiscount
from orders.services.pricing import BAND_FIELDS, PRICING_FIELDS, set_price


class PriceForm(PlainNumbers):
    plain_fields = {"base_price": 2, "per_seat_price": 2, "maintenance_percentage": 0}


class PricingInline(ScopedInline):
    """One price, or none while the template is not for sale."""

    model = Pricing
    form = PriceForm
    read_scope = "templates:read"
    write_scope = "templates:write"
    fields = PRICING_FIELDS
    max_num = 1


class BandForm(PlainNumbers):
    """From how many on how much is taken off."""

    plain_fields = {"discount_percentage": 0, "discount_amount": 2}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Said in words below, and by the service.
        self.instance.validate_constraints = lambda exclude=None: None

    def clean(self) -> dict[str, Any]:
        stated: dict[str, Any] = super().clean() or self.cleaned_data
        low, high = stated.get("min_quantity"), stated.get("max_quantity")
        if low is not None and low < 1:
            self.add_error("min_quantity", _("At least 1."))
        if low is not None and high is not None and high < low:
            self.add_error("max_quantity", _("Not below where the band begins."))
        off = stated.get("discount_percentage")
        if off is not None and not 0 <= off <= 100:
            self.add_error("discount_percentage", _("Between 0 and 100."))
        return stated


class BandFormSet(BaseModelFormSet):
    """Bands hang on the price, which hangs on the template whose page this is."""

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        instance: LicenseTemplate,
        queryset: QuerySet[VolumeDiscount],
        save_as_new: bool = False,
        **kwargs: Any,
    ) -> None:
        of_template = queryset.filter(pricing__template=instance.pk)
        super().__init__(data, files, queryset=of_template, **kwargs)
        self.instance = instance

    @classmethod
    def get_default_prefix(cls) -> str:
        return "volume_discounts"


class BandInline(ScopedInline):
    """Volume discounts: of one quantity there is one price."""

    model = VolumeDiscount
    form = BandForm
    read_scope = "templates:read"
    write_scope = "templates:write"
    fields = BAND_FIELDS
    ordering = ("min_quantity",)
    can_delete = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A part of the price, not a row of its own; the trail tells.
        return self.has_change_permission(request, obj)

    def get_formset(
        self, request: HttpRequest, obj: Any = None, **kwargs: Any
    ) -> type[BaseModelFormSet]:
        may_change = self.has_change_permission(request, obj)
        return modelformset_factory(
            VolumeDiscount,
            form=self.form,
            formset=BandFormSet,
            fields=BAND_FIELDS if may_change else (),
            extra=self.get_extra(request, obj),
            can_delete=may_change,
            formfield_callback=partial(self.formfield_for_dbfield, request=request),
        )


def store_price(
    template: LicenseTemplate, formsets: Iterable[Any], at: datetime, origin: Origin
) -> None:
    """Hand price and discounts to their service, where they were touched."""
    by_model = {formset.model: formset for formset in formsets}
    price, bands = by_model[Pricing], by_model[VolumeDiscount]
    fields = [
        {name: form.cleaned_data[name] for name in PRICING_FIELDS}
        for form in price.forms
        if form.has_changed()
    ]
    if not fields and not bands.has_changed():
        return
    set_price(
        template=template,
        fields=fields[0] if fields else {},
        bands=_bands(bands) if bands.has_changed() else None,
        at=at,
        origin=origin,
    )


def _bands(formset: BaseModelFormSet) -> list[dict[str, Any]]:
    stated = [form.cleaned_data for form in formset.forms if form.cleaned_data]
    return [
        {name: row[name] for name in BAND_FIELDS}
        for row in stated
        if row.get("min_quantity") is not None and not row.get("DELETE")
    ]
