"""The words for what a licence counts, and for what a rule refused."""

import math

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.refusals import Refusal
from licenses.models import License
from licenses.selectors import offline_words
from licenses.terms import LicenseModel


def units(license: License, number: int) -> str:
    """Give `47 seats`, in what the licence counts."""
    if license.held_by_names:
        words = ngettext("%(number)s name", "%(number)s names", number)
        return words % {"number": f"{number:,}"}
    match license.license_model:
        case LicenseModel.PER_SEAT:
            words = ngettext("%(number)s seat", "%(number)s seats", number)
        case LicenseModel.PER_CPU:
            words = ngettext("%(number)s CPU", "%(number)s CPUs", number)
        case LicenseModel.PER_CORE:
            words = ngettext("%(number)s core", "%(number)s cores", number)
        case _:
            words = ngettext("%(number)s device", "%(number)s devices", number)
    return words % {"number": f"{number:,}"}


def unit_label(license: License) -> str:
    """Give the head of the column in which they are counted."""
    if license.held_by_names:
        return _("Names")
    match license.license_model:
        case LicenseModel.PER_SEAT:
            return _("Seats")
        case LicenseModel.PER_CPU:
            return _("CPUs")
        case LicenseModel.PER_CORE:
            return _("Cores")
        case _:
            return _("Devices")


def of_refusal(refusal: Refusal) -> str:
    """Say what a refusal means to the person who asked, before any code."""
    if refusal.code == "RELEASE_LIMIT":
        full = _(
            "So many devices or names of this licence were freed in the last 30 days that no more"
            " can be freed now. Nothing was changed."
        )
        return f"{full} {_when(refusal)}"
    if refusal.code == "EMERGENCY_CODE_MADE":
        return _(
            "This code was made a moment ago, and was shown once. It stands in the list below;"
            " make another only if nobody has it."
        )
    if known := offline_words.of(refusal):
        return known
    return _(
        "This was refused (%(code)s). Nothing was changed. Write to us if it should be possible."
    ) % {"code": refusal.code}


def _when(refusal: Refusal) -> str:
    """Say when to try again, where time helps, and whom to ask meanwhile."""
    seconds = refusal.details.get("retry_after")
    if seconds is None:
        return _("Write to us: we can free them.")
    days = math.ceil(seconds / 86_400)
    return ngettext(
        "Try again tomorrow, or write to us.",
        "Try again in %(days)d days, or write to us.",
        days,
    ) % {"days": days}
