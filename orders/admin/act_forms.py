"""What an act upon an order asks for."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.admin.forms import HouseForm
from orders import pricing
from orders.models import Order, PaymentMethod

_MOST_DIGITS = 19
_PLACES = 4


class OrderForm(HouseForm):
    """Nothing but to be sure."""

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order


class NotesForm(OrderForm):
    """What is to be remembered of it, if anything."""

    notes = forms.CharField(
        label=_("Notes"), widget=forms.Textarea, max_length=2000, required=False
    )


class ReasonForm(OrderForm):
    """Why: it stands in the trail for good."""

    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea, max_length=2000, help_text=_("Kept in the trail.")
    )


class PaymentForm(OrderForm):
    """How much came, by which way, and by what it is known."""

    amount = forms.DecimalField(
        label=_("Amount"), max_digits=_MOST_DIGITS, decimal_places=_PLACES, localize=False
    )
    method = forms.ChoiceField(label=_("By"), choices=PaymentMethod.choices)
    reference = forms.CharField(
        label=_("Reference"),
        max_length=200,
        help_text=_("As the bank or the card's processor names it; once per order."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order = self.order
        self.fields["amount"].label = _("Amount in %s") % order.currency
        open_amount = max(order.total_amount - order.paid_amount, Decimal(0))
        if open_amount:
            self.fields["amount"].initial = pricing.to_minor_unit(open_amount, order.currency)


class RefundForm(ReasonForm):
    """How much went back; the form that is sent twice gives back once."""

    amount = forms.DecimalField(
        label=_("Amount"), max_digits=_MOST_DIGITS, decimal_places=_PLACES, localize=False
    )
    held = forms.DecimalField(widget=forms.HiddenInput)
    field_order = ("amount", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order = self.order
        held = pricing.to_minor_unit(order.held_amount, order.currency)
        self.fields["amount"].label = _("Amount in %s") % order.currency
        self.fields["amount"].initial = self.fields["held"].initial = held
