"""Importing licences from a file: checked first, then imported, each wrong row by its line."""

import io
from itertools import islice
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.base import ScopedAdmin, origin_of
from accounts.admin.forms import HouseForm
from licenses.services.importing import Unreadable, import_licenses, rows_of
from licenses.services.importing.rows import COLUMNS

# What a person waits for; more is the command's work.
MOST_ROWS = 5_000
MOST_BYTES = 8 * 1024 * 1024
_MOST_FAULTS = 200


class ImportForm(HouseForm):
    """A file, and whether it is only looked at."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or JSON in UTF-8, such as an export writes."),
        widget=forms.FileInput(attrs={"accept": ".csv,.json"}),
    )
    dry_run = forms.BooleanField(
        label=gettext_lazy("Only check it, import nothing"), required=False, initial=True
    )

    def clean_file(self) -> tuple[str, str]:
        """Return the file's text and what kind it is."""
        file = self.cleaned_data["file"]
        form = file.name.lower().rpartition(".")[2]
        if form not in ("csv", "json"):
            raise forms.ValidationError(_("A file that ends in .csv or .json."))
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_too_many())
        try:
            return file.read().decode("utf-8-sig"), form
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The file is not in UTF-8.")) from None


def page_of(admin: ScopedAdmin) -> Any:
    """Give the view that takes a file and tells what came of it."""

    def view(request: HttpRequest) -> HttpResponse:
        form = ImportForm(request.POST or None, request.FILES or None)
        outcome = None
        if request.method == "POST" and form.is_valid():
            try:
                text, kind = form.cleaned_data["file"]
                outcome = _outcome(request, text, kind, form.cleaned_data["dry_run"])
            except Unreadable as error:
                form.add_error("file", str(error))
        return admin.draw(
            request,
            "admin/licenses/license/import.html",
            title=_("Import licences"),
            form=form,
            outcome=outcome,
            columns=list(COLUMNS),
        )

    return view


def _outcome(request: HttpRequest, text: str, form: str, dry_run: bool) -> dict[str, Any]:
    """
    Return what came of a file.

    :raises Unreadable: if it is no such file, or one for the command
    """
    # Read to its end before anything is written: half a file would be a riddle.
    rows = list(islice(rows_of(io.StringIO(text, newline=""), form=form), MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        raise Unreadable(_too_many())
    steps = list(
        import_licenses(rows=rows, at=timezone.now(), origin=origin_of(request), dry_run=dry_run)
    )
    faults = [fault for step in steps for fault in step.faults]
    return {
        "dry_run": dry_run,
        "imported": steps[-1].imported if steps else 0,
        "wrong": len(faults),
        "faults": faults[:_MOST_FAULTS],
    }


def _too_many() -> str:
    return _("More than %d rows: use `manage.py import_licenses`.") % MOST_ROWS
