"""Every act upon a licence as a page of its own: what it does, why, and what was refused."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from licenses import states
from licenses.admin import act_runs
from licenses.admin.act_forms import (
    ConvertForm,
    DeliverForm,
    EmergencyForm,
    ExtendForm,
    ReasonForm,
    ReinstateForm,
    RenewForm,
    SuspendForm,
    TransferForm,
)
from licenses.models import License
from licenses.services import keyring, lifecycle
from licenses.states import Act, HoldCode, PendingCause, Status, refusal_of
from licenses.terms import MAX_TRIAL_EXTENSIONS, TRIALS

Words = str | Promise
KEY_PAGE = "admin/licenses/license/key.html"


@dataclass(frozen=True, slots=True)
class ActPage:
    """One act: how it is named, what it will do, who may, and the service that does it."""

    name: str
    label: Words
    effect: Words
    done: Words
    run: act_runs.Run
    act: Act | None = None
    form: type[ReasonForm] = ReasonForm
    scope: str = "licenses:write"
    grave: bool = False
    # Whether the service would refuse this licence for a reason beside its status.
    fits: Callable[[License], bool] = field(default=lambda license: True)
    # The page that shows what it made, once.
    shows: str = ""
    main: bool = False
    # Whether customers read the reason in the portal.
    told: bool = False

    def possible(self, license: License, at: datetime) -> bool:
        """Say whether the button stands on the licence's page at that instant."""
        status = license.status_at(at)
        if self.act is None:
            return (status != Status.REVOKED or not self.grave) and self.fits(license)
        return refusal_of(self.act, status) is None and self.fits(license)


def _is_trial(license: License) -> bool:
    return license.license_type in TRIALS


ACT_PAGES = {
    page.name: page
    for page in (
        ActPage(
            name="approve",
            act=Act.APPROVE,
            label=_("Approve"),
            effect=_("The licence no longer waits for payment or approval."),
            done=_("Approved."),
            run=act_runs.plainly(lifecycle.approve_license),
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
            run=act_runs.reinstate,
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
            run=act_runs.plainly(lifecycle.unpark_license),
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
            run=act_runs.renew,
            form=RenewForm,
            fits=lambda license: not _is_trial(license),
            main=True,
        ),
        ActPage(
            name="convert",
            act=Act.CONVERT,
            label=_("Convert to paid"),
            effect=_(
                "The same licence, with its key and its devices, gets the terms of a paid "
                "template from today on. Holds and parking stay."
            ),
            done=_("It is a paid licence now."),
            run=act_runs.convert,
            form=ConvertForm,
            fits=_is_trial,
            main=True,
        ),
        ActPage(
            name="extend",
            act=Act.EXTEND,
            label=_("Extend the trial"),
            effect=_(
                "It gets more days: from its end while it runs, else from today. Twice at most."
            ),
            done=_("Extended."),
            run=act_runs.extend,
            form=ExtendForm,
            fits=lambda license: (
                _is_trial(license) and license.trial_extensions < MAX_TRIAL_EXTENSIONS
            ),
        ),
        ActPage(
            name="transfer",
            told=True,
            act=Act.TRANSFER,
            label=_("Transfer"),
            effect=_("The same right gets another holder inside its tenant; the key stays."),
            done=_("Transferred."),
            run=act_runs.transfer,
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
            run=act_runs.plainly(lifecycle.park_license),
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
            run=act_runs.suspend,
            form=SuspendForm,
            # Staff hold it once; the other causes are placed by what they come from.
            fits=lambda license: not license.held_for(HoldCode.STAFF),
        ),
        ActPage(
            name="reveal",
            label=_("Show the key"),
            effect=_("The whole key is shown once, and the trail tells that you saw it."),
            done=_("The key"),
            run=act_runs.plainly(keyring.reveal_key),
            scope="licenses:reveal",
            shows=KEY_PAGE,
        ),
        ActPage(
            name="deliver",
            label=_("Deliver by e-mail"),
            effect=_(
                "Whoever gets the mail can see the key. A link that was mailed for this licence "
                "before shows nothing any more."
            ),
            done=_("The mail is on its way: its state stands below."),
            run=act_runs.deliver,
            form=DeliverForm,
            scope="licenses:reveal",
            fits=lambda license: not license.revoked,
        ),
        ActPage(
            name="emergency",
            label=_("Make an emergency code"),
            effect=_(
                "One device is let in for 24 hours, though every seat is taken, the licence has "
                "ended or was not paid. It has three such codes in any 365 days."
            ),
            done=_("The emergency code"),
            run=act_runs.emergency_code,
            form=EmergencyForm,
            scope="security:write",
            fits=lambda license: states.refusal_in_emergency(license) is None,
            shows="admin/licenses/license/emergency_code.html",
        ),
        ActPage(
            name="reissue",
            label=_("Reissue the key"),
            effect=_(
                "A new key takes the place of the old one, which is unknown from then on. Devices "
                "keep their seats, and go on once they are given the new key."
            ),
            done=_("The new key"),
            run=act_runs.reissue,
            scope="licenses:reveal",
            grave=True,
            shows=KEY_PAGE,
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
            run=act_runs.plainly(lifecycle.revoke_license),
            grave=True,
        ),
    )
}


def possible_acts(license: License, at: datetime) -> list[ActPage]:
    """Give the acts whose buttons stand on a licence's page, whoever looks at it."""
    return [page for page in ACT_PAGES.values() if page.possible(license, at)]
