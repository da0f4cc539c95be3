"""The admin's first page: what there is, what needs a person, what ran by itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.admin.notices import TROUBLE
from accounts.admin.webhooks import IN_TROUBLE
from accounts.roles import permission_of
from compliance.models import IncidentStatus
from compliance.selectors import incidents
from licenses.admin.filters import IN_GRACE
from licenses.selectors import glance
from licenses.selectors.glance import Activity, Count
from licenses.selectors.reasons import REASONS
from licenses.states import PendingCause, Status
from licensing_portal.celery import jobs
from licensing_portal.models import JobRun
from orders.models import EventState
from orders.selectors.attention import messages_for_a_person

# What each job of the beat table does, in the words of whoever reads of it.
JOB_WORDS = {
    "accounts.tasks.prune_stored_answers": _lazy("Forget answers kept for a day"),
    "events.tasks.deliver_webhooks": _lazy("Tell other systems of events"),
    "events.tasks.prune_webhook_deliveries": _lazy("Forget deliveries kept for 30 days"),
    "accounts.tasks.tell_of_mail_trouble": _lazy("Tell staff of e-mails in trouble"),
    "accounts.tasks.tell_of_events": _lazy("Owe e-mails about what happened"),
    "events.tasks.prune_notices": _lazy("Forget old e-mails"),
    "events.tasks.send_due_notices": _lazy("Send e-mails that wait"),
    "licenses.tasks.catch_up_every_status": _lazy("Look through every status"),
    "licenses.tasks.catch_up_statuses": _lazy("Write down what expired"),
    "licenses.tasks.flush_heartbeats": _lazy("Write down heartbeats"),
    "licenses.tasks.keep_signing_keys": _lazy("Make signing keys ahead"),
    "licenses.tasks.prune_applied_batches": _lazy("Forget heartbeat batches"),
    "licenses.tasks.prune_offline_requests": _lazy("Forget requests of offline devices"),
    "licenses.tasks.note_silent_devices": _lazy("Note silent devices"),
    "licenses.tasks.prune_key_links": _lazy("Forget links of e-mails"),
    "licenses.tasks.prune_usage_hours": _lazy("Forget the hours of old usage"),
    "licenses.tasks.reap_leases": _lazy("Take back leases that ran out"),
    "licenses.tasks.remind_of_ends": _lazy("Owe reminders"),
    "licenses.tasks.roll_up_usage": _lazy("Add up usage"),
    "licenses.tasks.sign_out_barred": _lazy("Sign out barred devices"),
    "orders.tasks.apply_gateway_events": _lazy("Apply what gateways told"),
    "orders.tasks.fulfil_batch": _lazy("Fulfil the orders left to the night"),
    "orders.tasks.fulfil_ready_orders": _lazy("Fulfil orders that are ready"),
    "licensing_portal.tasks.prune_sessions": _lazy("Forget sessions that ended"),
}
# The chart's own units, stretched to its place.
HEIGHT = 150.0
STEP = 30.0


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be done, and the list on which it is found."""

    label: str
    count: Count
    link: str


@dataclass(frozen=True, slots=True)
class Bars:
    """One day of the chart."""

    x: float
    activated_y: float
    activated_height: float
    refused_y: float
    refused_height: float


@dataclass(frozen=True, slots=True)
class Job:
    """A job of the beat table and how its last run went."""

    name: str
    run: JobRun | None

    @property
    def words(self) -> str:
        """What the job does."""
        return str(JOB_WORDS[self.name])

    @property
    def state(self) -> str:
        return "never" if self.run is None else self.run.state


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the first page shows to whoever may see licences."""
    at = timezone.now()
    context |= {"title": _("Dashboard"), "at": at}
    if not request.user.has_perm(permission_of("licenses:read")):
        return context
    counts = glance.by_status(at)
    grace = glance.in_grace(at)
    activity = glance.activity(at)
    ran = _jobs()
    needs = [
        *_needs(at, counts, grace),
        *_incidents(request),
        *_mails(request, at),
        *_webhooks(request, at),
        *_gateways(request),
    ]
    return context | {
        "counts": counts,
        "grace": grace,
        "ending": glance.ending(at),
        "seats": glance.seats(),
        "activity": activity,
        "bars": _bars(activity),
        "reasons": [(REASONS.get(code, code), code, many) for code, many in activity.reasons],
        "needs": needs,
        "needed": sum(item.count.number for item in needs),
        "jobs": ran,
        "failed_jobs": sum(job.state == "failed" for job in ran),
        "list": reverse("admin:licenses_license_changelist"),
        "may_issue": request.user.has_perm(permission_of("licenses:write")),
    }


def _needs(at: datetime, counts: dict[str, Count], grace: Count) -> list[Item]:
    licenses = reverse("admin:licenses_license_changelist")
    items = [
        Item(
            _("Licences to approve"),
            glance.awaiting_approval(at),
            f"{licenses}?now={Status.PENDING}&waits={PendingCause.APPROVAL}",
        ),
        Item(_("In grace"), grace, f"{licenses}?now={IN_GRACE}"),
        Item(_("Suspended"), counts[Status.SUSPENDED.value], f"{licenses}?now={Status.SUSPENDED}"),
        Item(_("Every seat taken"), glance.full(at), f"{licenses}?now={Status.ACTIVE}&full=1"),
    ]
    return [item for item in items if item.count]


def _incidents(request: HttpRequest) -> list[Item]:
    """Suspicious activity that was reported and that nobody has looked into."""
    if not request.user.has_perm(permission_of("compliance:read")):
        return []
    count = incidents.awaiting()
    listed = reverse("admin:compliance_incident_changelist")
    link = f"{listed}?status={IncidentStatus.OPEN}"
    return [Item(_("Incidents to look into"), count, link)] if count else []


def _mails(request: HttpRequest, at: datetime) -> list[Item]:
    """E-mails of the last week that failed, or of which nobody knows whether they left."""
    if not request.user.has_perm(permission_of("events:read")):
        return []
    count = glance.mails_in_trouble(at)
    mails = reverse("admin:events_notice_changelist")
    return [Item(_("E-mails to look at"), count, f"{mails}?state={TROUBLE}")] if count else []


def _webhooks(request: HttpRequest, at: datetime) -> list[Item]:
    """Webhook endpoints that take nothing, or that were switched off for it."""
    if not request.user.has_perm(permission_of("webhooks:read")):
        return []
    count = glance.webhooks_in_trouble(at)
    listed = reverse("admin:events_webhookendpoint_changelist")
    return [Item(_("Webhooks to look at"), count, f"{listed}?state={IN_TROUBLE}")] if count else []


def _gateways(request: HttpRequest) -> list[Item]:
    """What gateways told and no rule could apply."""
    if not request.user.has_perm(permission_of("orders:read")):
        return []
    count = messages_for_a_person()
    listed = reverse("admin:orders_gatewayevent_changelist")
    link = f"{listed}?state={EventState.NEEDS_PERSON.value}"
    return [Item(_("Payments to look at"), count, link)] if count else []


def _bars(activity: Activity) -> list[Bars]:
    """Lay the days side by side: refusals stand on top of activations."""
    most = max((day.activated + day.refused for day in activity.days), default=0) or 1
    bars = []
    for number, day in enumerate(activity.days):
        activated = day.activated / most * HEIGHT
        refused = day.refused / most * HEIGHT
        bars.append(
            Bars(
                x=number * STEP + 4,
                activated_y=round(HEIGHT - activated, 1),
                activated_height=round(activated, 1),
                refused_y=round(HEIGHT - activated - refused, 1),
                refused_height=round(refused, 1),
            )
        )
    return bars


def _jobs() -> list[Job]:
    runs = JobRun.objects.in_bulk(field_name="name")
    return [Job(name, runs.get(name)) for name in jobs()]
