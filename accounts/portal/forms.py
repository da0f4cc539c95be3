"""What a person may say of a webhook endpoint."""

from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.selectors.webhook_words import KINDS
from events.models import WebhookEndpoint
from events.refusals import Refusal


class WebhookForm(forms.Form):
    """Where it is and what it hears of; single types asked for elsewhere stay on offer."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        help_text=_("Starts with https:// and takes a POST for every event."),
    )
    description = forms.CharField(
        label=_("What it is for"), max_length=200, required=False, help_text=_("For you alone.")
    )
    event_types = forms.MultipleChoiceField(
        label=_("Hears of"), choices=list(KINDS.items()), widget=forms.CheckboxSelectMultiple
    )

    @classmethod
    def of(cls, endpoint: WebhookEndpoint, data: Any = None) -> Self:
        """Make the form that changes an endpoint."""
        names = ("url", "description", "event_types")
        form = cls(data, initial={name: getattr(endpoint, name) for name in names})
        others = [(text, text) for text in endpoint.event_types if text not in KINDS]
        form.fields["event_types"].choices = [*KINDS.items(), *others]
        return form

    def tell(self, refusal: Refusal) -> None:
        """Put what the rule said where the eye is."""
        placed = [name for name in refusal.details if name in self.fields]
        for name in placed:
            for text in refusal.details[name]:
                self.add_error(name, text)
        if not placed:
            self.add_error(None, _("There are as many as there may be: change one of them."))


class AfterForm(forms.Form):
    """Which page of a list; what names none is left out."""

    after = forms.UUIDField(required=False)
    before = forms.UUIDField(required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        return {name: given.get(name) for name in ("after", "before")}
