"""Whether a licence is what was issued, in words, and whether a pasted file is one of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.base import ScopedAdmin
from accounts.admin.forms import HouseForm
from licenses.models import License
from licenses.services.integrity import Difference, check_integrity
from licenses.signing import pasted

SCOPE = "security:read"
# The longest document there is, with room for the frame around it.
_MOST_PASTED = 80_000

WORDS: dict[str, Any] = {
    "KEY_UNKNOWN": gettext_lazy("There is no such licence."),
    "KEY_UNREADABLE": gettext_lazy("The stored key opens with none of the encryption keys."),
    "KEY_OF_ANOTHER": gettext_lazy("The stored key is not the one that lets its devices in."),
    "KEY_NOT_GENUINE": gettext_lazy("The key was not made here: its checksum or signature is not."),
    "KEY_SHOWN_WRONGLY": gettext_lazy("Lists show another end than the key has."),
    "STATUS_IMPOSSIBLE": gettext_lazy("The stored status does not follow from its dates and acts."),
    "HOLDS_DISAGREE": gettext_lazy("The hold that is shown is not the gravest that is open."),
    "SEATS_MISCOUNTED": gettext_lazy("Its devices and names hold another number of seats."),
    "DEVICE_UNTOLD": gettext_lazy("A device holds a seat that the trail never tells of."),
    "ISSUE_UNTOLD": gettext_lazy("The trail does not begin with its issue."),
    "TRAIL_BROKEN": gettext_lazy("The trail contradicts itself, or lacks an event: %(field)s."),
    "TRAIL_AFTER_REVOCATION": gettext_lazy(
        "The trail tells that it came back after it was revoked."
    ),
    "ROW_NOT_AS_TOLD": gettext_lazy("The trail tells something else: %(field)s."),
    "SIGNATURE_DISTRUSTED": gettext_lazy("The file is not to be believed: %(field)s."),
    "SIGNATURE_OF_ANOTHER": gettext_lazy("The file is genuine and of another licence."),
}
_PARTS = {
    "features": gettext_lazy("features"),
    "restrictions": gettext_lazy("restrictions"),
}


class FileForm(HouseForm):
    """A file that somebody holds, to be held against the licence."""

    signature = forms.CharField(
        label=gettext_lazy("Licence file or device file"),
        required=False,
        max_length=_MOST_PASTED,
        widget=forms.Textarea,
        help_text=gettext_lazy("Paste it here to check it too."),
    )


def page_of(admin: ScopedAdmin) -> Callable[..., HttpResponse]:
    """Give the view that checks a licence, and the file that was pasted."""

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        license = admin.license_or_404(object_id)
        form = FileForm(request.POST or None)
        text = pasted(form.cleaned_data["signature"]) if form.is_valid() else ""
        at = timezone.now()
        report = check_integrity(license_id=license.pk, signature=text, at=at)
        return admin.draw(
            request,
            "admin/licenses/license/integrity.html",
            title=_("Integrity"),
            license=license,
            at=at,
            form=form,
            with_file=bool(text),
            intact=report.intact,
            found=[words_of(one) for one in report.differences],
        )

    return view


def words_of(difference: Difference) -> str:
    """Say in a sentence what differs."""
    return str(WORDS[difference.code]) % {"field": _named(difference.field)}


def _named(field: str) -> str:
    if field in _PARTS:
        return str(_PARTS[field])
    try:
        return str(License._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        # A code of distrust, which the docs explain.
        return field
