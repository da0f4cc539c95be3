"""A licence's page: the whole story, and every act that is possible now."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.admin.base import may
from events.models import Event
from licenses import pages
from licenses.admin.acts import possible_acts
from licenses.models import License
from licenses.selectors.drawing import term_of
from licenses.selectors.emergencies import codes_of
from licenses.selectors.entitlements import grants_of
from licenses.selectors.mailed import mailed
from licenses.selectors.releases import coverage_of
from licenses.selectors.restricted import restricted_to
from licenses.selectors.seat_names import names_on
from licenses.selectors.seats import drawn, resting, seat_holders
from licenses.selectors.story import story
from licenses.states import GRACE_PERIOD_ENDED, Status

DEVICES_SHOWN = 8
NAMES_SHOWN = 100
LINES_SHOWN = 15
CODES_SHOWN = 6
FILES_SHOWN = 5


def facts_of(license: License, request: HttpRequest, at: datetime) -> dict[str, Any]:
    """Gather everything that the page of a licence shows to whoever asks."""
    acts = [act for act in possible_acts(license, at) if may(request, act.scope)]
    status = license.status_at(at)
    return {
        "license": license,
        "at": at,
        "in_grace": license.in_grace_at(at),
        "acts": [act for act in acts if not act.grave],
        "grave_acts": [act for act in acts if act.grave],
        "way_out": next((act for act in acts if act.main), None),
        "trouble": _trouble(license, status, at),
        "ruler": term_of(license, at) if license.expiry_date else None,
        "outlook": _outlook(license, status, at),
        "coverage": coverage_of(license, at=at),
        "seats": drawn(license, at=at),
        "names": names_on(license, limit=NAMES_SHOWN),
        "devices": [
            *seat_holders(license, at=at, limit=DEVICES_SHOWN),
            *(resting(license, at=at, limit=DEVICES_SHOWN) if license.leased else []),
        ],
        "files": license.files.select_related("activation").order_by("-seq")[:FILES_SHOWN],
        "grants": grants_of(license, at=at),
        "restrictions": restricted_to(license),
        "holds": license.holds.order_by("-placed_at")[:LINES_SHOWN],
        "codes": codes_of(license, at=at, limit=CODES_SHOWN)
        if may(request, "security:read")
        else [],
        "lines": story(Event.objects.of_license(license.pk), limit=LINES_SHOWN)
        if may(request, "events:read")
        else [],
        "mailed": mailed(license, at=at, limit=LINES_SHOWN) if may(request, "events:read") else [],
        "panels": _panels(license, request, at),
        "may_check": may(request, "security:read"),
        "may_free": may(request, "activations:write"),
        "may_change": may(request, "licenses:write") and status != Status.REVOKED,
    }


def _trouble(license: License, status: Status, at: datetime) -> str:
    """Say in a sentence why the licence does not work, where it does not."""
    if license.in_grace_at(at):
        return _("It has ended and works on in grace: devices that were known before still run.")
    match status:
        case Status.SUSPENDED if license.suspension_code_at(at) == GRACE_PERIOD_ENDED:
            return _("Its grace has ended, so nothing runs any more. A renewal brings it back.")
        case Status.SUSPENDED:
            return license.hold_reason
        case Status.EXPIRED if license.on_trial:
            return _("It has ended, so nothing runs any more. Extend it, or convert it to paid.")
        case Status.EXPIRED:
            return _("It has ended, so nothing runs any more. A renewal brings it back.")
        case Status.INACTIVE:
            return _("It is parked: devices keep their seats and do not validate.")
        case Status.PENDING:
            return _("It does not run yet. It waits for: %s.") % (
                license.get_pending_cause_display().lower()
            )
        case Status.REVOKED:
            return _("It was revoked, which is final.")
    return ""


def _outlook(license: License, status: Status, at: datetime) -> str:
    """Say what happens if nobody does anything."""
    if status == Status.REVOKED:
        return _("Nothing happens any more.")
    if license.expiry_date is None:
        if license.duration_days:
            return _("Its %d days are counted from the first activation.") % license.duration_days
        return _("It has no end.")
    if at < license.expiry_date:
        return (
            _("It renews by itself before it ends.")
            if license.auto_renewal
            else _("Nothing renews it by itself.")
        )
    return ""


def _panels(license: License, request: HttpRequest, at: datetime) -> list[dict[str, Any]]:
    shown = []
    for panel in pages.panels:
        facts = panel.facts(license, at) if may(request, panel.scope) else None
        if facts is not None:
            shown.append({"title": panel.title, "template": panel.template, "facts": facts})
    return shown
