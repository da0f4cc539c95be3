"""Trials and evaluations: more days for one, and turning one into a paid licence."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from events.refusals import Refusal, invalid
from events.trail import Origin
from licenses import terms
from licenses.models import License, LicenseTemplate
from licenses.services import entitlements, issue_terms, reasons, restricting
from licenses.services.issue_terms import IssueRequest, grace_end
from licenses.services.lifecycle.writing import lock_for, told, write
from licenses.services.settling import settle_devices
from licenses.states import Act, PendingCause
from licenses.terms import ExpiryBasis

# What a paid licence has of its template; the key, its form and what a first device has tied the
# licence to stay as they are.
SOLD = (
    "template", "product_name", "product_version", "license_type", "license_model",
    "max_activations", "overage", "expiry_basis", "duration_days", "grace_period_days",
    "auto_renewal", "heartbeat_interval_seconds", "lease_seconds", "max_borrow_days",
    "require_heartbeat", "self_service", "releases_per_30_days",
)  # fmt: skip


@transaction.atomic
def extend_trial(
    *, license_id: uuid.UUID, days: int, reason: str, at: datetime, origin: Origin
) -> License:
    """
    Give a trial or an evaluation more days: from its expiry, or from `at` once that is past.

    One that waits for its first device gets a longer term.

    :raises VALIDATION_ERROR: if no reason is given, or the days are too many
    :raises ILLEGAL_STATUS_CHANGE: if it is revoked
    :raises NOT_A_TRIAL: if it is neither
    :raises TRIAL_EXTENSION_LIMIT: if it was extended twice
    :raises NOTHING_TO_RENEW: if it has no end
    """
    reasons.demand(reason)
    if not 1 <= days <= terms.MAX_EXTENSION_DAYS:
        raise invalid(days=f"Between 1 and {terms.MAX_EXTENSION_DAYS} days.")
    license = lock_for(Act.EXTEND, license_id, at=at)
    before = told(license)
    _check_is_trial(license)
    if license.trial_extensions >= terms.MAX_TRIAL_EXTENSIONS:
        raise Refusal("TRIAL_EXTENSION_LIMIT", limit=terms.MAX_TRIAL_EXTENSIONS)
    if license.expiry_date is not None:
        base = max(license.expiry_date, at)
        if terms.CALENDAR[1] - base < timedelta(days):
            raise invalid(days=terms.BEYOND_CALENDAR)
        license.expiry_date = base + timedelta(days)
        license.grace_ends_at = grace_end(license)
    elif license.duration_days:
        license.duration_days += days
    else:
        raise Refusal("NOTHING_TO_RENEW")
    license.trial_extensions += 1
    return write(
        license, "license.trial_extended", before=before, at=at, origin=origin, reason=reason
    )


@transaction.atomic
def convert_trial(
    *,
    license_id: uuid.UUID,
    template_id: uuid.UUID,
    reason: str,
    at: datetime,
    origin: Origin,
    max_activations: int | None = None,
) -> License:
    """
    Turn a trial or an evaluation into the paid licence of a template: same key, same devices.

    Its paid term begins at `at`, or with its first device where it waits for one and the template
    counts from there. Holds and parking stay, and devices hold what the new terms say. That there
    was a trial stays on record, and that it was converted.

    :raises ILLEGAL_STATUS_CHANGE: if it is revoked
    :raises NOT_A_TRIAL: if it is neither
    :raises TEMPLATE_NOT_FOUND: if the template is not on offer to its tenant
    :raises VALIDATION_ERROR: if no reason is given, the template is of another product or itself
        of a trial, or leaves something to be stated that the licence lacks
    """
    reasons.demand(reason)
    license = lock_for(Act.CONVERT, license_id, at=at)
    before = told(license)
    _check_is_trial(license)
    template = _paid_template(license, template_id)
    request = IssueRequest(
        tenant_id=license.tenant_id, issued_to=license.issued_to, max_activations=max_activations
    )
    sold = issue_terms.terms_of(request, license.product, template)
    for name in SOLD:
        setattr(license, name, getattr(sold, name))
    _begin(license, at=at)
    settle_devices(license, before=before, at=at, origin=origin)
    changed: dict[str, Any] = entitlements.replace(license, entitlements.grants_of(template))
    changed |= restricting.take_over(license, template)
    license.trial_uses.filter(converted_at=None).update(converted_at=at)
    return write(
        license,
        "license.converted",
        before=before,
        at=at,
        origin=origin,
        reason=reason,
        extra=changed,
    )


def _paid_template(license: License, template_id: uuid.UUID) -> LicenseTemplate:
    on_offer = LicenseTemplate.objects.on_offer_to(license.tenant)
    template = on_offer.filter(pk=template_id).first()
    if template is None:
        raise Refusal("TEMPLATE_NOT_FOUND")
    if template.product_id != license.product_id:
        raise invalid(template_id="The template is of another product.")
    if template.license_type in terms.TRIALS:
        raise invalid(template_id="The template is itself of a trial.")
    return template


def _begin(license: License, *, at: datetime) -> None:
    """Count the paid term from now, or leave it to the first device that the licence waits for."""
    waits = license.pending_cause == PendingCause.FIRST_ACTIVATION
    license.expiry_date = None
    if waits and license.expiry_basis == ExpiryBasis.FIRST_ACTIVATION:
        license.grace_ends_at = None
        return
    if waits:
        license.pending_cause = PendingCause.NONE
    if license.duration_days:
        if terms.CALENDAR[1] - at < timedelta(license.duration_days):
            raise invalid(template_id=terms.BEYOND_CALENDAR)
        license.expiry_date = at + timedelta(license.duration_days)
    license.grace_ends_at = grace_end(license)


def _check_is_trial(license: License) -> None:
    if license.license_type not in terms.TRIALS:
        raise Refusal("NOT_A_TRIAL", license_type=license.license_type)
