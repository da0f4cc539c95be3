"""Metering: consuming a quota, giving back, reporting; each may be repeated with its key."""

from typing import Any

import msgspec
from django.db import transaction
from django.http import HttpResponse
from msgspec import UNSET

from accounts.services import repeats
from accounts.services.repeats import Answer, Attempt
from licenses.device_api import answers, payloads, shapes
from licenses.device_api.door import DeviceView
from licenses.selectors.snapshots import Snapshot
from licenses.services import quotas, reports


class MeteredView(DeviceView):
    """A call that counts, so that its repeat with the same Idempotency-Key must not."""

    def reply(self, body: Any) -> HttpResponse:
        found = self.by_key_or_token(body)
        key = self.request.META.get("HTTP_IDEMPOTENCY_KEY")
        if key is None:
            return self.act(found, body)
        attempt = Attempt(
            credential=f"license:{found.license.id}",
            route=f"POST {self.request.path}"[:300],
            key=repeats.checked_key(key),
            content=msgspec.json.encode(body),
        )
        told = repeats.once(attempt, lambda: self._told(found, body), at=self.at)
        response = HttpResponse(told.body, status=told.status, content_type="application/json")
        if told.replayed:
            response["Idempotency-Replayed"] = "true"
        return response

    def act(self, found: Snapshot, body: Any) -> HttpResponse:
        """Make the one service call."""
        raise NotImplementedError

    def _told(self, found: Snapshot, body: Any) -> Answer:
        try:
            # A refused act leaves nothing, yet its refusal is remembered.
            with transaction.atomic():
                response = self.act(found, body)
        except Exception as error:
            response = self.handle_exception(error)
        return Answer(response.status_code, response.content.decode())


class ConsumeUsage(MeteredView):
    """Consume of a feature's quota: counted whole, or refused and nothing counted."""

    payload = payloads.Metered
    told = shapes.QuotaReading

    def act(self, found: Snapshot, body: payloads.Metered) -> HttpResponse:
        read = quotas.consume(
            found=found,
            feature_id=body.feature_id,
            amount=body.amount,
            at=self.at,
            origin=self.origin,
        )
        return answers.answer(answers.quota(read), body)


class ReleaseUsage(MeteredView):
    """Give back what was consumed in this period; never more than that."""

    payload = payloads.Metered
    told = shapes.QuotaReading

    def act(self, found: Snapshot, body: payloads.Metered) -> HttpResponse:
        read = quotas.release(
            found=found,
            feature_id=body.feature_id,
            amount=body.amount,
            at=self.at,
            origin=self.origin,
        )
        return answers.answer(answers.quota(read), body)


class ReportUsage(MeteredView):
    """Report what was used on a day; the same report again adds nothing."""

    payload = payloads.Report
    told = shapes.ReportTaken

    def act(self, found: Snapshot, body: payloads.Report) -> HttpResponse:
        taken = reports.report_usage(
            found=found,
            usage=body.usage,
            report_date=None if body.report_date is UNSET else body.report_date,
            report_id=None if body.report_id is UNSET else body.report_id,
            at=self.at,
            origin=self.origin,
        )
        told = shapes.ReportTaken(accepted=True, duplicate=taken.duplicate)
        return answers.answer(told, body)
