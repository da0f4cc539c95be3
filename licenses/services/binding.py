"""Tying a licence to the first device that activates it."""

from datetime import datetime

from events.refusals import invalid
from events.trail import Origin
from licenses.models import License
from licenses.services.kept_restrictions import Kept, held_by, with_value
from licenses.services.lifecycle.writing import told, write
from licenses.services.restricting import allows, replace
from licenses.terms import BindTo, Operator, RestrictionType

_TIED = "Tied to its first device."


def bind_license(
    license: License, *, domain: str, hardware: str, at: datetime, origin: Origin
) -> None:
    """
    Tie a locked licence to its first device, as it was sold to be; later ones must be the same.

    :raises VALIDATION_ERROR: the device's domain is none
    """
    kinds = BindTo(license.bind_on_first_activation).types
    if not kinds:
        return
    before = told(license)
    given = {RestrictionType.DOMAIN: domain, RestrictionType.HARDWARE_ID: hardware}
    held = held_by(license)
    rows = list(held)
    for kind in kinds:
        if any(allows(row, kind) for row in held):
            continue
        try:
            rows.append(with_value(Kept(kind, Operator.ALLOW, ()), given[kind], ()))
        except ValueError as error:
            name = "domain" if kind is RestrictionType.DOMAIN else "hardware_id"
            raise invalid(**{name: str(error)}) from None
    license.bind_on_first_activation = BindTo.NOTHING
    write(
        license,
        "license.updated",
        before=before,
        at=at,
        origin=origin,
        reason=_TIED,
        extra=replace(license, rows, held),
    )
