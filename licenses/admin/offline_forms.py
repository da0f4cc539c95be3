"""What staff bring for a device without a network, and ask of its files."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.forms import HouseForm
from accounts.admin.refusals import words_of
from events.refusals import Refusal
from licenses.selectors import offline_words
from licenses.services.offline import MOST_DAYS
from licenses.signing.compact import MOST_CHARACTERS


class Bringing(HouseForm):
    """A code that a device wrote: pasted, or in a file."""

    code = forms.CharField(
        label=gettext_lazy("Paste the code"),
        required=False,
        max_length=MOST_CHARACTERS,
        help_text=gettext_lazy("Spaces and line breaks do not matter."),
        widget=forms.Textarea(
            attrs={"class": "input--mono", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("Or upload its file"),
        required=False,
        help_text=gettext_lazy("A text file of at most 64 KB."),
        widget=forms.FileInput(attrs={"accept": ".req,.txt"}),
    )

    def clean(self) -> dict[str, Any]:
        stated = super().clean() or {}
        if not self.errors and not stated.get("code") and not stated.get("file"):
            self.add_error("code", _("Paste the code, or choose its file."))
        return stated


class LicenseFileWish(HouseForm):
    """For how long a file is to hold."""

    ttl_days = forms.IntegerField(
        label=gettext_lazy("For how many days"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text=gettext_lazy("At most as long as the licence lasts."),
    )


class DeviceFileWish(LicenseFileWish):
    """And for which device."""

    device_fingerprint = forms.CharField(
        label=gettext_lazy("The device's fingerprint"),
        required=False,
        max_length=512,
        help_text=gettext_lazy(
            "As the software shows it. Only a device that never had a file has to be named."
        ),
    )


def tell(form: forms.Form, refusal: Refusal, *, field: str | None = None) -> None:
    """Say on a form what a refusal means to whoever carries codes and files."""
    form.add_error(field, offline_words.of(refusal) or words_of(refusal))
