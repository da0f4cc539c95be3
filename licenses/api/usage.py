"""Use over time, as the roll-ups hold it."""

from datetime import datetime, timedelta
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ManagementView
from accounts.api.shapes import Choice, Moment, Number, Shown, Text
from events.refusals import invalid
from licenses.models import License
from licenses.selectors.series import LONGEST, Granularity, series_of

_UNSAID = timedelta(days=30)


class UsageAsked(serializers.Serializer):
    license_id = Text()
    granularity = Choice(choices=[each.value for each in Granularity], required=False)

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of the language, so it cannot be declared like the others.
        ends = {"from": Moment(required=False), "to": Moment(required=False, ends_day=True)}
        return super().get_fields() | ends


class PointShown(Shown):
    at = Moment()
    value = Number()


class UsageShown(Shown):
    license_id = serializers.UUIDField()
    granularity = serializers.CharField()
    series = serializers.DictField(child=PointShown(many=True))

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"from": Moment(), "to": Moment()}


class GetUsage(ManagementView):
    """Return what a licence used in each hour, day or month: last 30 days unless told otherwise."""

    scope = "licenses:read"
    Output = UsageShown
    parameters = {
        "license_id": [],
        "from": [],
        "to": [],
        "granularity": [each.value for each in Granularity],
    }

    def get(self, request: Request) -> Response:
        asked = UsageAsked(data=_stated(request))
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        license = self.one(License, given["license_id"], "LICENSE_NOT_FOUND")
        granularity = Granularity(given.get("granularity", Granularity.DAY))
        end = given.get("to", self.at)
        start = given.get("from", end - _UNSAID)
        _check(start, end, granularity)
        series = series_of(license, start=start, end=end, granularity=granularity)
        return self.answer(
            {
                "license_id": license.pk,
                "from": start,
                "to": end,
                "granularity": granularity.value,
                "series": series,
            }
        )


def _stated(request: Request) -> dict[str, str]:
    """Return the query, a blank in a zone being the plus sign it was before it was decoded."""
    found = {name: value.strip() for name, value in request.query_params.items()}
    for name in ("from", "to"):
        if "T" in found.get(name, ""):
            found[name] = found[name].replace(" ", "+")
    return {name: value for name, value in found.items() if value}


def _check(start: datetime, end: datetime, granularity: Granularity) -> None:
    """
    Let a stretch of time pass that can be read at once.

    :raises VALIDATION_ERROR: if it ends before it begins, or is longer than that
    """
    if start >= end:
        raise invalid(**{"from": "Before `to`."})
    longest = LONGEST[granularity]
    if end - start > longest:
        raise invalid(**{"from": f"At most {longest.days} days before `to`, by this granularity."})
