"""From an act's form to the one service that does it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from events.trail import Origin
from licenses.models import License
from licenses.services import delivery, emergency, keyring, lifecycle
from licenses.states import HoldCode

Run = Callable[[License, Mapping[str, Any], datetime, Origin], Any]


def plainly(service: Callable[..., Any]) -> Run:
    def run(license: License, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Any:
        return service(license_id=license.pk, reason=stated["reason"], at=at, origin=origin)

    return run


def renew(license: License, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Any:
    return lifecycle.renew_license(
        license_id=license.pk,
        duration_months=stated["duration_months"],
        extend_maintenance=stated["extend_maintenance"],
        reason=stated["reason"],
        at=at,
        origin=origin,
    )


def extend(license: License, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Any:
    return lifecycle.extend_trial(
        license_id=license.pk, days=stated["days"], reason=stated["reason"], at=at, origin=origin
    )


def convert(license: License, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Any:
    return lifecycle.convert_trial(
        license_id=license.pk,
        template_id=stated["template"].pk,
        max_activations=stated["max_activations"],
        reason=stated["reason"],
        at=at,
        origin=origin,
    )


def suspend(license: License, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Any:
    return lifecycle.suspend_license(
        license_id=license.pk,
        reason=stated["reason"],
        code=HoldCode(stated["code"]),
        at=at,
        origin=origin,
    )


def reinstate(license: License, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Any:
    return lifecycle.reinstate_license(
        license_id=license.pk,
        reason=stated["reason"],
        code=HoldCode(stated["code"]),
        at=at,
        origin=origin,
    )


def transfer(license: License, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Any:
    customer = stated["new_customer"]
    return lifecycle.transfer_license(
        license_id=license.pk,
        new_issued_to=stated["new_issued_to"],
        new_customer_id=customer.pk if customer else None,
        deactivate_existing=stated["deactivate_existing"],
        reason=stated["reason"],
        at=at,
        origin=origin,
    )


def reissue(license: License, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Any:
    reason = stated["reason"]
    return keyring.reissue_key(license_id=license.pk, reason=reason, at=at, origin=origin).key


def emergency_code(
    license: License, stated: Mapping[str, Any], at: datetime, origin: Origin
) -> Any:
    return emergency.issue_code(
        license_id=license.pk,
        number=stated["number"],
        reason=stated["reason"],
        at=at,
        origin=origin,
    )


def deliver(license: License, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Any:
    return delivery.deliver_key(
        license_id=license.pk,
        email=stated["email"],
        reason=stated["reason"],
        at=at,
        origin=origin,
    )
