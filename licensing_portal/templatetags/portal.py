"""What every page of the portal shows alike: icons, statuses, keys, dates and the vendor's name."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from licenses import terms
from licenses.models import License
from licenses.models.labels import STATUS
from licenses.portal import words
from licensing_portal.icons import ICONS, MARKS

register = template.Library()

DAY = "j M Y"
MOMENT = "j M Y, H:i"
IN_GRACE = "in-grace"
_WORDS = {code.lower(): word for code, word in STATUS} | {IN_GRACE: _("In grace")}


@register.simple_tag
def vendor_name() -> str:
    """The vendor, as customers know it; from the settings, so that the page of a failure has it."""
    return str(settings.VENDOR_NAME)


@register.simple_tag
def vendor_email() -> str:
    """Where customers write to the vendor."""
    return str(settings.VENDOR_EMAIL)


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """One drawing; it never stands without a word."""
    return format_html(
        '<svg width="{0}" height="{0}" viewBox="0 0 16 16" fill="none" stroke="currentColor"'
        ' stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
        "{1}</svg>",
        size,
        mark_safe(ICONS[name]),  # noqa: S308 - written in this repository
    )


@register.simple_tag
def status(license: License, at: datetime) -> SafeString:
    """The chip that says by word, shape and colour what a licence is at that instant."""
    return chip(mark_of(license, at))


def mark_of(license: License, at: datetime) -> str:
    """Which of the seven marks a licence bears: a status, or "in grace", which still works."""
    return IN_GRACE if license.in_grace_at(at) else license.status_at(at).value.lower()


def chip(mark: str) -> SafeString:
    """One of the seven marks with its word."""
    return format_html(
        '<span class="status status--{}"><svg width="13" height="13" viewBox="0 0 12 12"'
        ' fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"'
        ' aria-hidden="true">{}</svg>{}</span>',
        mark,
        mark_safe(MARKS[mark]),  # noqa: S308 - written in this repository
        _WORDS[mark],
    )


@register.simple_tag
def key_tag(license: License) -> SafeString:
    """The tag by which people know a key; it never holds the key."""
    return format_html('<span class="key">{}</span>', f"…-{license.key_hint}")


@register.simple_tag
def day(value: datetime) -> SafeString:
    """`12 Dec 2026` in the reader's zone."""
    return _time(value, DAY)


@register.simple_tag
def last_day(value: datetime) -> SafeString:
    """The last day of what ends at `value`; a midnight belongs to the day before it."""
    return _time(terms.before_midnight(value), DAY)


@register.simple_tag
def moment(value: datetime) -> SafeString:
    """`12 Dec 2026, 10:02` in the reader's zone."""
    return _time(value, MOMENT)


@register.simple_tag
def control(field: BoundField, **attributes: Any) -> SafeString:
    """A form's control in the portal's look; what it is called is said by its label alone."""
    given: dict[str, str | bool] = {"class": "input", "placeholder": False}
    given |= {name: value for name, value in attributes.items() if value}
    return field.as_widget(attrs=given)


@register.filter
def initials(name: Any) -> str:
    """The letters in a person's round mark."""
    words = str(name).replace("@", " ").replace(".", " ").split()
    return "".join(word[0] for word in words[:2]).upper()


def _time(value: datetime, form: str) -> SafeString:
    local = terms.local(value, timezone.get_current_timezone())
    return format_html(
        '<time datetime="{}" class="nowrap">{}</time>',
        local.isoformat(timespec="minutes"),
        formats.date_format(local, form),
    )


@register.filter
def grouped(number: int | Decimal | None) -> str:
    """`12,400`, and no zeros behind the point that say nothing."""
    if number is None:
        return ""
    text = f"{number:,f}" if isinstance(number, Decimal) else f"{number:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.inclusion_tag("portal/includes/meter.html")
def meter(taken: float | Decimal, most: float | Decimal, label: str) -> dict[str, Any]:
    """A bar that warns from four fifths on and is red when full, and only then."""
    taken, most = (float(n) if isinstance(n, Decimal) else n for n in (taken, most))
    return {
        "value": taken,
        "most": most,
        "almost": round(0.8 * most, 3),
        "full": round(0.999 * most, 3),
        "label": label,
    }


@register.simple_tag(takes_context=True)
def ago(context: template.Context, value: datetime) -> str:
    """`3 minutes ago`, `94 days ago`, as seen from the page's own instant."""
    past = context["at"] - value
    minutes = int(past.total_seconds() // 60)
    if minutes < 1:
        return gettext("just now")
    if minutes < 60:
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
    if minutes < 24 * 60:
        hours = minutes // 60
        return ngettext("%(n)s hour ago", "%(n)s hours ago", hours) % {"n": hours}
    return ngettext("%(n)s day ago", "%(n)s days ago", past.days) % {"n": past.days}


@register.simple_tag
def away(value: datetime, at: datetime) -> str:
    """How far the last day of what ends at `value` is: `in 18 days`, `today` or `52 days ago`."""
    days = terms.days_left(value, at, timezone.get_current_timezone())
    if days == 0:
        return gettext("today")
    if days < 0:
        return ngettext("%(n)s day ago", "%(n)s days ago", -days) % {"n": -days}
    return ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days}


@register.filter
def lasting(seconds: float) -> str:
    """Say a length in the largest unit that it fills evenly: `8 hours`, `90 seconds`."""
    whole = int(seconds)
    if whole and whole % 86_400 == 0:
        words = ngettext("%(number)s day", "%(number)s days", number := whole // 86_400)
    elif whole and whole % 3_600 == 0:
        words = ngettext("%(number)s hour", "%(number)s hours", number := whole // 3_600)
    elif whole and whole % 60 == 0:
        words = ngettext("%(number)s minute", "%(number)s minutes", number := whole // 60)
    else:
        words = ngettext("%(number)s second", "%(number)s seconds", number := whole)
    return words % {"number": f"{number:,}"}


@register.filter
def mark(license: License, at: datetime) -> str:
    """The mark a licence bears, for what a page says about it."""
    return mark_of(license, at)


@register.simple_tag
def units(license: License, number: int) -> str:
    """`47 seats`, in what the licence counts."""
    return words.units(license, number)


@register.simple_tag
def unit_label(license: License) -> str:
    """`Seats`, `Cores` or `Devices`."""
    return words.unit_label(license)


@register.filter
def suspended_by(license: License, at: datetime) -> str:
    """The code of the gravest cause of a suspension."""
    return license.suspension_code_at(at)
