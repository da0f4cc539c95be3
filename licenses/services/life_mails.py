"""The mails about a licence's life: each is written when it leaves, if it still holds."""

from collections.abc import Callable
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.selectors.addressees import still_wanted
from accounts.selectors.choices import unsubscribe_address
from events.models import Notice
from events.notifications import Kind, Mail, Topic, kinds
from licenses import notifications
from licenses.models import License
from licenses.services import reminding
from licenses.states import Status

Holds = Callable[[License, datetime, Notice], bool]


def _still_reminds(license: License, at: datetime, notice: Notice) -> bool:
    """A step that is passed, and a date that moved, are reminded of no more."""
    if license.status_at(at) not in (Status.PENDING, Status.ACTIVE, Status.INACTIVE):
        return False
    about = reminding.occasion_at(license, at)
    return bool(about) and notice.dedup_key.startswith(f"{notice.kind}:{about}:")


def _is(status: Status) -> Holds:
    return lambda license, at, _notice: license.status_at(at) == status


def _is_open(license: License, at: datetime, _notice: Notice) -> bool:
    return license.status_at(at) not in (Status.REVOKED, Status.SUSPENDED)


def _compose(kind: str, holds: Holds) -> Callable[[Notice, str, datetime], Mail | None]:
    def compose(notice: Notice, address: str, at: datetime) -> Mail | None:
        rows = License.objects.select_for_update(of=("self",)).select_related("tenant")
        license = rows.filter(pk__in=[notice.license_id]).first()
        topic = kinds[kind].topic
        if license is None or not _is_theirs(license, notice) or not holds(license, at, notice):
            return None
        if not still_wanted(notice, topic=topic):
            return None
        return notifications.life(
            license,
            kind=kind,
            at=at,
            is_member=notice.membership_id is not None,
            unsubscribe=unsubscribe_address(notice, topic),
        )

    return compose


def _is_theirs(license: License, notice: Notice) -> bool:
    """Since a transfer it is the business of somebody else."""
    is_buyer = notice.customer_id in (None, license.customer_id)
    return license.tenant_id == notice.tenant_id and is_buyer


def _kind(words: Promise, name: str, holds: Holds, *follows: str, topic: str = "") -> None:
    kinds[name] = Kind(words, _compose(name, holds), topic, follows)


def register() -> None:
    """Let these kinds be known, and the events that occasion them be followed."""
    _kind(_("Licence ends"), reminding.ENDS, _still_reminds, topic=Topic.REMINDERS)
    _kind(_("Trial ends"), reminding.TRIAL_ENDS, _still_reminds, topic=Topic.REMINDERS)
    _kind(
        _("Licence ended"),
        "license_expired",
        _is(Status.EXPIRED),
        "license.expired",
        topic=Topic.REMINDERS,
    )
    _kind(_("Licence suspended"), "license_suspended", _is(Status.SUSPENDED), "license.suspended")
    _kind(_("Licence revoked"), "license_revoked", _is(Status.REVOKED), "license.revoked")
    _kind(
        _("Licence reinstated"),
        "license_reinstated",
        _is_open,
        "license.reinstated",
        topic=Topic.CHANGES,
    )
    _kind(
        _("Licence renewed"),
        "license_renewed",
        _is_open,
        "license.renewed",
        "license.trial_extended",
        topic=Topic.CHANGES,
    )
