"""What e-mails about licences say."""

import zoneinfo
from datetime import datetime, tzinfo

from django.conf import settings
from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.notifications import Mail, written
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
        return written(
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
    return written(
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
    return written(
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


def life(license: License, *, kind: str, at: datetime, is_member: bool, unsubscribe: str) -> Mail:
    """Return the mail by which a licence's people hear what becomes of it; it holds no key."""
    zone = _zone(license)
    page = reverse("portal:license", args=[license.tenant.code, license.pk])
    with translation.override(license.tenant.language):
        facts = _life_facts(license, at, zone) | {
            # Only members can sign in; everybody else writes to the vendor.
            "page": settings.PUBLIC_URL + page if is_member else "",
            "unsubscribe": unsubscribe,
        }
        return written(kind, str(_SUBJECTS[kind]) % facts, facts)


_SUBJECTS = {
    "license_ends": gettext_lazy("%(product)s ends on %(ends)s"),
    "trial_ends": gettext_lazy("Your trial of %(product)s ends on %(ends)s"),
    "license_expired": gettext_lazy("%(product)s ended on %(ends)s"),
    "license_suspended": gettext_lazy("%(product)s is suspended"),
    "license_revoked": gettext_lazy("%(product)s is revoked"),
    "license_reinstated": gettext_lazy("%(product)s works again"),
    "license_renewed": gettext_lazy("%(product)s is renewed"),
}


def _life_facts(license: License, at: datetime, zone: tzinfo) -> dict[str, object]:
    ends, grace = license.expiry_date, license.grace_ends_at
    has_grace = bool(ends and grace and grace > ends)
    return {
        "license": license,
        "product": license.product_name,
        "hint": f"…-{license.key_hint}",
        "ends": _end(license, zone),
        "days": max(0, terms.days_left(ends, at, zone)) if ends else None,
        "has_grace": has_grace,
        "grace": _last(grace, zone) if has_grace else "",
        "works": license.in_grace_at(at),
        "issued": formats.date_format(license.issued_date.astimezone(zone), _DAY),
        "code": license.suspension_code_at(at),
        "ruler": _ruler(license, at),
    }


def _ruler(license: License, at: datetime) -> tuple[int, int, int] | None:
    """Return how many hundredths of term and grace are over, left, and grace."""
    ends, begun = license.expiry_date, license.activation_date or license.issued_date
    if ends is None or not begun < ends:
        return None
    whole = (license.grace_ends_at or ends) - begun
    over = min(98, max(1, int((min(at, ends) - begun) / whole * 100)))
    grace = max(0, int((whole - (ends - begun)) / whole * 100))
    return over, max(1, 100 - over - grace), grace


def _last(end: datetime | None, zone: tzinfo) -> str:
    return formats.date_format(terms.last_day(end, zone), _DAY) if end else ""


def _end(license: License, zone: tzinfo) -> str:
    """Return the last day of a licence in words."""
    if license.expiry_date is not None:
        return _last(license.expiry_date, zone)
    if license.duration_days:
        return _("%(days)d days after the first activation") % {"days": license.duration_days}
    return _("None: it does not end")


def _zone(license: License) -> tzinfo:
    """Return the zone in which the tenant's people read times."""
    try:
        return zoneinfo.ZoneInfo(license.tenant.time_zone)
    except (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError):
        return zoneinfo.ZoneInfo("UTC")
