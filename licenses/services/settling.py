"""What devices hold of a locked licence, brought in line with the terms that it has now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from events import trail
from events.models import Event
from events.trail import Origin
from licenses import terms
from licenses.models import Activation, License
from licenses.services import leases
from licenses.services.forgetting import forget
from licenses.terms import ActivationType, LicenseModel, LicenseType

_HELD = ["units", "declared_units", "lease_expires_at", "heartbeat_due_at", "revision"]
_BATCH = 1_000


def settle_devices(
    license: License, *, before: Mapping[str, Any], at: datetime, origin: Origin
) -> None:
    """
    Let the devices of a licence hold what its changed terms say; nobody is signed out.

    Where something else is counted now, what they declared counts no more: each holds one unit
    until it declares anew. Where seats are leased or heartbeats asked for now, the time in which
    they are to be heard of begins at `at`, or those that are silent already would hold on for ever.
    The caller stores the licence.
    """
    recount = _counted(before["license_type"], before["license_model"]) != _counted(
        license.license_type, license.license_model
    )
    asks = license.require_heartbeat and not before["require_heartbeat"]
    if not (recount or asks or license.leased):
        return
    changed = []
    told = []
    for row in license.activations.live().select_for_update().order_by("pk"):
        held = [getattr(row, name) for name in _HELD]
        if recount and row.declared_units is not None:
            units, row.declared_units, row.units = row.units, None, min(row.units, 1)
            license.current_activations -= units - row.units
            told.append(_recounted(license, row, units, at=at, origin=origin))
        if row.activation_type == ActivationType.ONLINE:
            if license.lease_length is not None and row.lease_expires_at is None:
                row.lease_expires_at = at + license.lease_length
            if asks:
                row.heartbeat_due_at = leases.heartbeat_due(license, at=at)
        if held != [getattr(row, name) for name in _HELD]:
            row.revision += 1
            changed.append(row)
    Activation.objects.bulk_update(changed, _HELD, batch_size=_BATCH)
    Event.objects.bulk_create(told, batch_size=_BATCH)
    forget(*changed)


def _counted(license_type: str, license_model: str) -> str | None:
    """Return what devices declare that is counted, or None where each holds one unit, or none."""
    if license_type == LicenseType.NAMED_USER:
        return None
    return terms.DECLARED.get(LicenseModel(license_model))


def _recounted(
    license: License, row: Activation, units: int, *, at: datetime, origin: Origin
) -> Event:
    return Event(
        **trail.columns(
            "activation.updated",
            at=at,
            origin=origin,
            salt=trail.salt_of(license.customer_id) if trail.is_personal(origin) else None,
            tenant_id=license.tenant_id,
            customer_id=license.customer_id,
            license_id=license.pk,
            activation_id=row.pk,
            changes={"units": (units, row.units)},
        )
    )
