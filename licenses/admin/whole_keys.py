"""Whole keys in the search of any list: they lead to their licence and stand in no address."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.admin.base import may
from licenses import keys
from licenses.selectors.search import license_of_key


def lead(request: HttpRequest, sought: str) -> str | None:
    """Return where a search text leads: to a key's licence, "" for nowhere, None if no key."""
    found = license_of_key(sought)
    # What could only be a key of another system may as well be a name.
    if found is None and keys.parse(sought) is None:
        return None
    if not may(request, "licenses:read"):
        messages.error(request, _("Keys are sought among the licences."))
        return ""
    if found is None:
        messages.error(request, _("No licence has this key."))
        return ""
    return reverse("admin:licenses_license_change", args=[found.pk])
