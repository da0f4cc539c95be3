"""Giving seats back: one device's, a name's devices', or every device's, an event each."""

from datetime import datetime

from django.db.models import F

from events import trail
from events.models import Event
from events.trail import Origin
from licenses.models import Activation, License, NamedUser
from licenses.services import seat_counter
from licenses.services.forgetting import forget


def release(
    license: License, activation: Activation, *, reason: str, at: datetime, origin: Origin
) -> None:
    """Give back one live activation's seat; both rows are locked, the licence's first."""
    activation.deactivated_at = at
    activation.deactivation_reason = reason
    activation.revision += 1
    activation.save(update_fields=["deactivated_at", "deactivation_reason", "revision"])
    seat_counter.move(license, -activation.units, at=at, origin=origin)
    Event.objects.bulk_create([_released(license, activation, reason, at=at, origin=origin)])
    forget(activation)


def release_all(
    license: License, *, reason: str, at: datetime, origin: Origin, of: NamedUser | None = None
) -> None:
    """
    Sign out every device of a locked licence, or of one name, an event each.

    The caller stores the licence.
    """
    rows = license.activations.live() if of is None else of.activations.live()
    live = list(rows.select_for_update().order_by("pk"))
    if not live:
        return
    license.activations.filter(pk__in=[activation.pk for activation in live]).update(
        deactivated_at=at, deactivation_reason=reason, revision=F("revision") + 1
    )
    for activation in live:
        activation.revision += 1
    license.current_activations -= sum(activation.units for activation in live)
    Event.objects.bulk_create(
        [_released(license, activation, reason, at=at, origin=origin) for activation in live],
        batch_size=1_000,
    )
    forget(*live)


def _released(
    license: License, activation: Activation, reason: str, *, at: datetime, origin: Origin
) -> Event:
    return Event(
        **trail.columns(
            "activation.deactivated",
            at=at,
            origin=origin,
            salt=trail.salt_of(license.customer_id),
            tenant_id=license.tenant_id,
            customer_id=license.customer_id,
            license_id=license.pk,
            activation_id=activation.pk,
            changes={"machine_name": (activation.machine_name or None, None)},
            reason=reason,
        )
    )
