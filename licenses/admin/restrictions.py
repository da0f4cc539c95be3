"""Inputs for restrictions: one value a line, and for each kind what may stand there."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.base import ScopedInline
from accounts.admin.forms import HouseForm
from accounts.admin.refusals import tell
from events.refusals import Refusal
from licenses.models import License, TemplateRestriction, labels
from licenses.terms import Operator, RestrictionType

# Besides the rows that are there.
_BLANK_ROWS = 2
HELP = {
    RestrictionType.GEOGRAPHIC: gettext_lazy("Two letters a country: DE, AT, CH."),
    RestrictionType.DOMAIN: gettext_lazy(
        "app.example.com for itself, *.example.com for all below example.com, not for it."
    ),
    RestrictionType.IP_RANGE: gettext_lazy(
        "192.0.2.0/24, 2001:db8::/32, or one address: where the call comes from."
    ),
    RestrictionType.MAC_ADDRESS: gettext_lazy(
        "00:1a:2b:3c:4d:5e. Kept as a digest; only its end is shown again."
    ),
    RestrictionType.HARDWARE_ID: gettext_lazy(
        "A hardware id or device fingerprint. Kept as a digest; only its end is shown again."
    ),
    RestrictionType.TIME_BASED: gettext_lazy(
        "Mon-Fri 08:00-18:00 Europe/Berlin, or 2026-01-01/2026-06-30."
    ),
}


class Lines(forms.CharField):
    """Several values, one a line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)


class RestrictionForm(HouseForm):
    """One restriction; a row whose kind is left empty is none."""

    restriction_type = forms.ChoiceField(
        label=gettext_lazy("Looks at"),
        choices=[("", gettext_lazy("Nothing")), *labels.RESTRICTION_TYPE],
        required=False,
    )
    operator = forms.ChoiceField(
        label=gettext_lazy("Then"), choices=labels.OPERATOR, required=False
    )
    values = Lines(label=gettext_lazy("Values, one a line"), required=False)

    def given(self) -> dict[str, Any] | None:
        """Give the row as services take it, or None where it is none."""
        stated = self.cleaned_data
        if not stated["restriction_type"]:
            return None
        return {**stated, "operator": stated["operator"] or Operator.ALLOW.value}

    def touched(self) -> bool:
        """Tell whether somebody changed the row; one that was not sent was not seen."""
        if self.add_prefix("restriction_type") not in self.data:
            return False
        return self.has_changed() if self.initial.get("values") else self.given() is not None


def forms_of(license: License | None, data: Any) -> list[RestrictionForm]:
    """Give a form for each restriction of a licence, and some that are empty."""
    held = license.restrictions.order_by("position", "id") if license else []
    initial: list[dict[str, Any]] = [
        {
            "restriction_type": row.restriction_type,
            "operator": row.operator,
            "values": row.shown_values,
        }
        for row in held
    ]
    initial += [{"operator": Operator.ALLOW}] * _BLANK_ROWS
    return [
        RestrictionForm(data, prefix=f"restriction-{number}", initial=row)
        for number, row in enumerate(initial)
    ]


def asked(rows: Iterable[RestrictionForm]) -> list[dict[str, Any]] | None:
    """Give all rows as services take them; None where nobody touched any."""
    rows = list(rows)
    if not any(row.touched() for row in rows):
        return None
    return [given for row in rows if (given := row.given())]


def tell_rows(form: forms.BaseForm, rows: Iterable[RestrictionForm], refusal: Refusal) -> None:
    """Put what a service says of restrictions at their rows, the rest at the form."""
    stated = [row for row in rows if row.given()]
    details = dict(refusal.details)
    for path in refusal.details:
        part, _dot, place = path.partition(".")
        number = place.partition(".")[0]
        if part == "restrictions" and number.isdecimal() and int(number) < len(stated):
            for text in details.pop(path):
                stated[int(number)].add_error(_input_of(path), _line_of(path, text))
    if details or not refusal.details:
        tell(form, Refusal(refusal.code, refusal.message, **details))


def _input_of(path: str) -> str:
    name = path.split(".")[2:3]
    return name[0] if name and name[0] in RestrictionForm.base_fields else "values"


def _line_of(path: str, text: str) -> str:
    """Say which line is meant where a row has several values."""
    _row, _dot, line = path.partition(".values.")
    if not line:
        return text
    return _("Line %(number)d: %(text)s") % {"number": int(line) + 1, "text": text}


def help_list() -> SafeString:
    """Give what may stand in each kind, as a list."""
    kinds = dict(labels.RESTRICTION_TYPE)
    rows = ((kinds[kind.value], text) for kind, text in HELP.items())
    return format_html("<dl>{}</dl>", format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows))


class TemplateRestrictionForm(forms.ModelForm):
    """A restriction of a template; its values may be left to be stated when it is issued."""

    default_values = Lines(label=gettext_lazy("Values, one a line"), required=False)

    class Meta:
        model = TemplateRestriction
        fields = ("restriction_type", "operator", "default_values", "configurable")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["default_values"] = self.instance.shown_values
        self.fields["default_values"].widget.attrs["rows"] = 3
        self.fields["default_values"].help_text = " ".join(str(text) for text in HELP.values())


class RestrictionInline(ScopedInline):
    """Where, when and on what a licence of this template may run."""

    model = TemplateRestriction
    form = TemplateRestrictionForm
    read_scope = "templates:read"
    write_scope = "templates:write"
    fields = ("restriction_type", "operator", "default_values", "configurable")
    ordering = ("position",)
    can_delete = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A part of the template's terms, not a row of its own; the trail tells.
        return self.has_change_permission(request, obj)
