"""One licence: its time, its seats, what it includes, and what happened to it."""

import uuid
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from accounts.portal.door import TenantView
from events.models import Event
from licenses.models import License, NamedUser
from licenses.selectors import drawing
from licenses.selectors.charts import charts_of
from licenses.selectors.entitlements import grants_of
from licenses.selectors.releases import coverage_of
from licenses.selectors.restricted import restricted_to
from licenses.selectors.seats import SeatHolder, drawn, resting, seat_holders
from licenses.selectors.story import story

_DEVICES = 10
_NAMES = 10
_ALL_DEVICES = 200
_EVENTS = 12


class LicensePage(TenantView):
    """`/t/<code>/licenses/<id>/`."""

    scope = "licenses:read"
    section = "licenses"
    template_name = "portal/licenses/license.html"

    def get(self, request: HttpRequest, license_id: uuid.UUID) -> HttpResponse:
        license = self.find(self.rows(License).select_related("customer"), pk=license_id)
        events = self.rows(Event).of_license(license.pk)
        grants = grants_of(license, at=self.at)
        # One more than is shown tells whether there are more.
        holders = _devices(license, at=self.at, limit=_DEVICES + 1)
        names = self._names(license)
        return self.page(
            {
                "license": license,
                "names": names,
                "ruler": drawing.term_of(license, self.at),
                "coverage": coverage_of(license, at=self.at),
                "limited": [grant for grant in grants if grant.limit is not None],
                "unlimited": [grant for grant in grants if grant.limit is None],
                "charts": charts_of(license, at=self.at),
                "holders": holders[:_DEVICES],
                "there_are_more": len(holders) > _DEVICES,
                "restrictions": restricted_to(license),
                "seats": drawn(license, at=self.at),
                "story": [(line, "") for line in story(events, limit=_EVENTS)],
            }
        )

    def _names(self, license: License) -> list[NamedUser] | None:
        """Give some of the names that hold the seats, to whoever may see them; else None."""
        if not license.held_by_names:
            return None
        rows = self.rows(NamedUser).filter(license_id=license.pk).assigned()
        return list(rows.with_devices().order_by("identity")[:_NAMES])


class DevicesPage(TenantView):
    """`/t/<code>/licenses/<id>/devices/`."""

    scope = "activations:read"
    section = "licenses"
    template_name = "portal/licenses/devices.html"

    def get(self, request: HttpRequest, license_id: uuid.UUID) -> HttpResponse:
        license = self.find(self.rows(License), pk=license_id)
        holders = _devices(license, at=self.at, limit=_ALL_DEVICES)
        return self.page(
            {
                "license": license,
                "holders": holders,
                "there_are_more": len(holders) == _ALL_DEVICES,
                "limit": _ALL_DEVICES,
            }
        )


def _devices(license: License, *, at: datetime, limit: int) -> list[SeatHolder]:
    """Those that hold a seat, and behind them those that let their lease lapse."""
    holders = seat_holders(license, at=at, limit=limit)
    if license.leased and len(holders) < limit:
        holders += resting(license, at=at, limit=limit - len(holders))
    return holders
