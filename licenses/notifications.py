"""What e-mails about licences say."""

import zoneinfo
from datetime import datetime, tzinfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation import gettext as _

from events.notifications import Mail
from licenses import terms
from licenses.models import Activation, EmergencyCode, License
from licenses.models.emergency import MOST_IN_A_YEAR

_DAY, _MINUTE = "j M Y", "j M Y H:i e"


def key_link(license: License, *, token: str, expires_at: datetime) -> Mail:
    """Return the mail with the link that shows a licence's key once."""
    address = settings.PUBLIC_URL + reverse("key-link", args=[token])
    return _key_mail(license, link=address, link_ends=expires_at)


def key_itself(license: License, *, key: str) -> Mail:
    """Return the mail that holds a licence's key."""
    return _key_mail(license, key=key)


def _key_mail(
    license: License, *, key: str = "", link: str = "", link_ends: datetime | None = None
) -> Mail:
    zone = _zone(license)
    with translation.override(license.tenant.language):
        return _written(
            "license_key",
            _("Your licence for %(product)s") % {"product": license.product_name},
            {
                "license": license,
                "hint": f"…-{license.key_hint}",
                "seats": _("No limit") if license.unlimited else license.max_activations,
                "ends": _end(license, zone),
                "key": key,
                "link": link,
                "link_ends": link_ends and formats.date_format(link_ends.astimezone(zone), _DAY),
            },
        )


def emergency_code(code: EmergencyCode, *, locked: bool) -> Mail:
    """Return the mail by which staff hear of an emergency code; it holds no part of the code."""
    license = code.license
    # Staff read the installation's own language and zone, whoever the licence is for.
    told = _("Emergency code locked") if locked else _("Emergency code made")
    return _written(
        "emergency_code",
        f"{told}: {license.issued_to}",
        {
            "code": code,
            "license": license,
            "hint": f"…-{license.key_hint}",
            "locked": locked,
            "most": MOST_IN_A_YEAR,
            "until": formats.date_format(code.valid_until, _MINUTE),
            "page": settings.PUBLIC_URL
            + reverse("admin:licenses_license_change", args=[license.pk]),
        },
    )


def offline_alert(device: Activation, *, forked: bool) -> Mail:
    """Return the mail by which staff hear that an offline device may be two."""
    license = device.license
    return _written(
        "offline_alert",
        _("An offline device may be two: %(holder)s") % {"holder": license.issued_to},
        {
            "license": license,
            "hint": f"…-{license.key_hint}",
            "machine": str(device),
            "forked": forked,
            "page": settings.PUBLIC_URL
            + reverse("admin:licenses_license_change", args=[license.pk]),
        },
    )


def _end(license: License, zone: tzinfo) -> str:
    """Return the last day of a licence in words."""
    if license.expiry_date is not None:
        return formats.date_format(terms.last_day(license.expiry_date, zone), _DAY)
    if license.duration_days:
        return _("%(days)d days after the first activation") % {"days": license.duration_days}
    return _("None: it does not end")


def _written(name: str, subject: str, facts: dict[str, object]) -> Mail:
    """Return a mail of that name in both forms; whoever calls it chose the language."""
    context = {
        "subject": subject,
        "vendor": settings.VENDOR_NAME,
        "vendor_email": settings.VENDOR_EMAIL,
        **facts,
    }
    return Mail(
        subject=subject,
        text=render_to_string(f"email/{name}.txt", context).strip() + "\n",
        html=render_to_string(f"email/{name}.html", context),
    )


def _zone(license: License) -> tzinfo:
    """Return the zone in which the tenant's people read times."""
    try:
        return zoneinfo.ZoneInfo(license.tenant.time_zone)
    except (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError):
        return zoneinfo.ZoneInfo("UTC")
