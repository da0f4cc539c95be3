"""A device reports suspicious activity."""

from django.http import HttpResponse
from msgspec import UNSET

from compliance.device_api.payloads import ActivityReport, ActivityReported
from compliance.services.reporting import About, report_activity
from events.refusals import Refusal
from licenses import ways_out
from licenses.device_api import answers
from licenses.device_api.door import DeviceView, known
from licenses.device_api.schema import DeviceSchema
from licenses.selectors.snapshots import Snapshot


class _EitherWay(DeviceSchema):
    """Devices report by their own credential, integrators by an API key."""

    def get_description(self) -> str:
        return (
            "The licence key or the activation token in the body lets it in; without either an "
            "API key does. Scope of the key: `compliance:write`; it may name a `license_id`."
        )

    def get_auth(self) -> list[dict[str, list[str]]]:
        return [{}, {"apiKey": []}]


class ReportSuspiciousActivity(DeviceView):
    """Report what looks wrong; the same again within a day is counted on the same incident."""

    payload = ActivityReport
    told = ActivityReported
    statuses = (201, 200)
    schema = _EitherWay()

    def reply(self, body: ActivityReport) -> HttpResponse:
        found = self._reporter(body)
        license, device = found.license, found.device
        incident, is_new = report_activity(
            about=About(
                tenant_id=license.tenant_id,
                customer_id=license.customer_id,
                license_id=license.id,
                activation_id=device.id if device else None,
            ),
            activity_type=body.activity_type,
            description=body.description,
            evidence=body.evidence or {},
            at=self.at,
            origin=self.origin,
        )
        told = ActivityReported(incident_id=incident.pk)
        return answers.answer(told, body, 201 if is_new else 200)

    def _reporter(self, body: ActivityReport) -> Snapshot:
        """Return who reports: by its token, which says most, else by the licence's key."""
        if body.activation_token is UNSET:
            return self.by_key_or_token(body)
        found = known(self.let_in(self.by_token(body)))
        if found.left_behind:
            # What was its licence is a stranger's now.
            code = "ACTIVATION_DEACTIVATED"
            raise Refusal(code, **ways_out.way_out_of(found.license, code, at=self.at))
        return found
