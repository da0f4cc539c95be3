"""Every act upon a licence as a page of its own: what it does, why, and what was refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.trail import Origin
from licenses.admin.act_forms import (
    DeliverForm,
    ReasonForm,
    ReinstateForm,
    RenewForm,
    SuspendForm,
    TransferForm,
)
from licenses.models import License
from licenses.services import delivery, keyring, lifecycle
from licenses.states import Act, HoldCode, PendingCause, Status, refusal_of
from licenses.terms import TRIALS

Words = str | Promise
Run = Callable[[License, Mapping[str, Any], datetime, Origin], Any]


@dataclass(frozen=True, slots=True)
class ActPage:
    """One act: how it is named, what it will do, who may, and the service that does it."""

    name: str
    label: Words
    effect: Words
    done: Words
    run: Run
    act: Act | None = None
    form: type[ReasonForm] = ReasonForm
    scope: str = "licenses:write"
    grave: bool = False
    # Whether the service would refuse this licence for a reason beside its status.
    fits: Callable[[License], bool] = field(default=lambda license: True)
    shows_key: bool = False
    main: bool = False
    # Whether customers read the reason in the portal.
    told: bool = False

    def possible(self, license: License, at: datetime) -> bool:
        """Say whether the button stands on the licence's page at that instant."""
        status = license.status_at(at)
        if self.act is None:
            return (status != Status.REVOKED or not self.grave) and self.fits(license)
        return refusal_of(self.act, status) is None and self.fits(license)


def _plainly(service: Callable[..., Any]) -> Run:
    def run(license: License, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Any:
        return service(license_id=license.pk, reason=stated["reason"], at=at, origin=origin)

    return run


def _renew(license: License, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Any:
    return lifecycle.renew_license(
        license_id=license.pk,
        duration_months=stated["duration_months"],
        extend_maintenance=stated["extend_maintenance"],
        reason=stated["reason"],
        at=at,
        origin=origin,
    )


def _suspend(license: License, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Any:
    return lifecycle.suspend_license(
        license_id=license.pk,
        reason=stated["reason"],
        code=HoldCode(stated["code"]),
        at=at,
        origin=origin,
    )


def _reinstate(license: License, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Any:
    return lifecycle.reinstate_license(
        license_id=license.pk,
        reason=stated["reason"],
        code=HoldCode(stated["code"]),
        at=at,
        origin=origin,
    )


def _transfer(license: License, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Any:
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


def _deliver(license: License, stated: Mapping[str, Any], at: datetime, origin: Origin) -> Any:
    return delivery.deliver_key(
        license_id=license.pk,
        email=stated["email"],
        reason=stated["reason"],
        at=at,
        origin=origin,
    )


ACT_PAGES = {
    page.name: page
    for page in (
        ActPage(
            name="approve",
            act=Act.APPROVE,
            label=_("Approve"),
            effect=_("The licence no longer waits for payment or approval."),
            done=_("Approved."),
            run=_plainly(lifecycle.approve_license),
            fits=lambda license: license.pending_cause != PendingCause.FIRST_ACTIVATION,
            main=True,
        ),
        ActPage(
            name="reinstate",
            told=True,
            act=Act.REINSTATE,
            label=_("Reinstate"),
            effect=_(
                "One hold is lifted. The licence is then what it is by the clock and its other "
                "holds; devices that kept their seats validate again."
            ),
            done=_("The hold is lifted."),
            run=_reinstate,
            form=ReinstateForm,
            fits=lambda license: license.held,
            main=True,
        ),
        ActPage(
            name="unpark",
            told=True,
            act=Act.UNPARK,
            label=_("Take back into use"),
            effect=_("Its devices validate again."),
            done=_("Back in use."),
            run=_plainly(lifecycle.unpark_license),
            main=True,
        ),
        ActPage(
            name="renew",
            told=True,
            act=Act.RENEW,
            label=_("Renew"),
            effect=_(
                "The term grows by calendar months: from its end while it works, else from today. "
                "A hold for a failed payment is lifted; every other hold stays."
            ),
            done=_("Renewed."),
            run=_renew,
            form=RenewForm,
            fits=lambda license: license.license_type not in TRIALS,
            main=True,
        ),
        ActPage(
            name="transfer",
            told=True,
            act=Act.TRANSFER,
            label=_("Transfer"),
            effect=_("The same right gets another holder inside its tenant; the key stays."),
            done=_("Transferred."),
            run=_transfer,
            form=TransferForm,
        ),
        ActPage(
            name="park",
            told=True,
            act=Act.PARK,
            label=_("Park"),
            effect=_(
                "Its devices stop validating and keep their seats. The term runs on meanwhile."
            ),
            done=_("Parked."),
            run=_plainly(lifecycle.park_license),
        ),
        ActPage(
            name="suspend",
            told=True,
            act=Act.SUSPEND,
            label=_("Suspend"),
            effect=_(
                "Its devices stop validating within a second. They keep their seats and come back "
                "when it is reinstated."
            ),
            done=_("Suspended."),
            run=_suspend,
            form=SuspendForm,
            # Staff hold it once; the other causes are placed by what they come from.
            fits=lambda license: not license.held_for(HoldCode.STAFF),
        ),
        ActPage(
            name="reveal",
            label=_("Show the key"),
            effect=_("The whole key is shown once, and the trail tells that you saw it."),
            done=_("The key"),
            run=_plainly(keyring.reveal_key),
            scope="licenses:reveal",
            shows_key=True,
        ),
        ActPage(
            name="deliver",
            label=_("Deliver by e-mail"),
            effect=_(
                "Whoever gets the mail can see the key. A link that was mailed for this licence "
                "before shows nothing any more."
            ),
            done=_("The mail is on its way: its state stands below."),
            run=_deliver,
            form=DeliverForm,
            scope="licenses:reveal",
            fits=lambda license: not license.revoked,
        ),
        ActPage(
            name="reissue",
            label=_("Reissue the key"),
            effect=_(
                "A new key takes the place of the old one, which is unknown from then on. Devices "
                "that are signed in stay so."
            ),
            done=_("The new key"),
            run=lambda license, stated, at, origin: (
                keyring.reissue_key(
                    license_id=license.pk, reason=stated["reason"], at=at, origin=origin
                ).key
            ),
            scope="licenses:reveal",
            grave=True,
            shows_key=True,
        ),
        ActPage(
            name="revoke",
            told=True,
            act=Act.REVOKE,
            label=_("Revoke"),
            effect=_(
                "Final. Every device is signed out and the key never works again. The row and its "
                "history stay."
            ),
            done=_("Revoked for good."),
            run=_plainly(lifecycle.revoke_license),
            grave=True,
        ),
    )
}


def possible_acts(license: License, at: datetime) -> list[ActPage]:
    """Give the acts whose buttons stand on a licence's page, whoever looks at it."""
    return [page for page in ACT_PAGES.values() if page.possible(license, at)]
