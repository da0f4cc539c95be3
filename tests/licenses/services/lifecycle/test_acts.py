"""Every act in every status, and what each leaves behind."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from events import trail
from events.models import Event
from events.refusals import Refusal
from licenses import states
from licenses.models import License
from licenses.services import lifecycle
from licenses.states import Act, HoldCode, PendingCause, Status
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_template

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(days=1)


def pending() -> License:
    return issue(pending_cause=PendingCause.APPROVAL).license


def active() -> License:
    return issue().license


def inactive() -> License:
    license = issue().license
    return lifecycle.park_license(license_id=license.pk, reason="aside", at=NOW, origin=STAFF)


def expired() -> License:
    return issue(at=NOW - timedelta(days=370)).license


def suspended() -> License:
    license = issue().license
    return lifecycle.suspend_license(license_id=license.pk, reason="odd", at=NOW, origin=STAFF)


def revoked() -> License:
    license = issue().license
    return lifecycle.revoke_license(license_id=license.pk, reason="fraud", at=NOW, origin=STAFF)


IN_STATUS: dict[Status, Callable[[], License]] = {
    Status.PENDING: pending,
    Status.ACTIVE: active,
    Status.INACTIVE: inactive,
    Status.EXPIRED: expired,
    Status.SUSPENDED: suspended,
    Status.REVOKED: revoked,
}
GIVEN: dict[str, Any] = {"reason": "because", "origin": STAFF}


def do(act: Act, license_id: uuid.UUID) -> License:
    given = {"license_id": license_id, "at": SOON} | GIVEN
    match act:
        case Act.RENEW:
            return lifecycle.renew_license(duration_months=12, **given)
        case Act.EXTEND:
            return lifecycle.extend_trial(days=14, **given)
        case Act.CONVERT:
            license = License.objects.filter(pk=license_id).first()
            template = make_template(license and license.product)
            return lifecycle.convert_trial(template_id=template.pk, **given)
        case Act.SUSPEND:
            return lifecycle.suspend_license(code=HoldCode.COMPLIANCE, **given)
        case Act.REINSTATE:
            return lifecycle.reinstate_license(**given)
        case Act.PARK:
            return lifecycle.park_license(**given)
        case Act.UNPARK:
            return lifecycle.unpark_license(**given)
        case Act.APPROVE:
            return lifecycle.approve_license(**given)
        case Act.REVOKE:
            return lifecycle.revoke_license(**given)
        case Act.TRANSFER:
            return lifecycle.transfer_license(
                new_issued_to="Somebody else", deactivate_existing=False, **given
            )
    raise AssertionError(act)


TIME = (Act.RENEW, Act.EXTEND, Act.CONVERT)
OF_TRIALS = (Act.EXTEND, Act.CONVERT)
# Where an allowed act leads; a pending licence cannot be renewed before it is paid or approved,
# and one that is held stays suspended whatever else is done to it.
LEADS_TO = {
    **{(act, status): status for act in TIME for status in Status if status != Status.REVOKED},
    **{(act, Status.EXPIRED): Status.ACTIVE for act in TIME},
    (Act.SUSPEND, Status.PENDING): Status.SUSPENDED,
    (Act.SUSPEND, Status.ACTIVE): Status.SUSPENDED,
    (Act.SUSPEND, Status.INACTIVE): Status.SUSPENDED,
    (Act.SUSPEND, Status.EXPIRED): Status.SUSPENDED,
    (Act.SUSPEND, Status.SUSPENDED): Status.SUSPENDED,
    (Act.REINSTATE, Status.SUSPENDED): Status.ACTIVE,
    (Act.PARK, Status.ACTIVE): Status.INACTIVE,
    (Act.UNPARK, Status.INACTIVE): Status.ACTIVE,
    (Act.APPROVE, Status.PENDING): Status.ACTIVE,
    (Act.REVOKE, Status.PENDING): Status.REVOKED,
    (Act.REVOKE, Status.ACTIVE): Status.REVOKED,
    (Act.REVOKE, Status.INACTIVE): Status.REVOKED,
    (Act.REVOKE, Status.EXPIRED): Status.REVOKED,
    (Act.REVOKE, Status.SUSPENDED): Status.REVOKED,
    (Act.TRANSFER, Status.PENDING): Status.PENDING,
    (Act.TRANSFER, Status.ACTIVE): Status.ACTIVE,
    (Act.TRANSFER, Status.INACTIVE): Status.INACTIVE,
    (Act.TRANSFER, Status.EXPIRED): Status.EXPIRED,
}
STAFF_ACTS = [act for act in Act if act != Act.ACTIVATE]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("act", STAFF_ACTS)
def test_each_act_in_each_status_leads_where_the_table_says(act: Act, status: Status) -> None:
    license = IN_STATUS[status]()
    assert license.status_at(SOON) == status
    if act in OF_TRIALS:
        License.objects.filter(pk=license.pk).update(license_type="TRIAL")
    events = Event.objects.count()
    before = License.objects.filter(pk=license.pk).values().get()

    if code := states.refusal_of(act, status):
        with pytest.raises(Refusal) as refused:
            do(act, license.pk)
        assert refused.value.code == code
        assert License.objects.filter(pk=license.pk).values().get() == before
        assert Event.objects.count() == events
        return

    done = do(act, license.pk)

    assert done.status_at(SOON) == LEADS_TO[act, status]
    row = License.objects.get(pk=license.pk)
    assert row.status == LEADS_TO[act, status]
    assert row.revision == before["revision"] + 1
    last = Event.objects.order_by("sequence").last()
    assert last is not None
    assert (last.license_id, last.reason, last.actor_kind) == (row.pk, "because", "staff")


def test_the_table_of_outcomes_names_every_allowed_pair() -> None:
    allowed = {
        (act, status)
        for act in STAFF_ACTS
        for status in Status
        if states.refusal_of(act, status) is None
    }

    assert set(LEADS_TO) == allowed


@pytest.mark.parametrize("act", STAFF_ACTS)
def test_an_unknown_licence_is_not_found(act: Act) -> None:
    with pytest.raises(Refusal) as refused:
        do(act, uuid.uuid4())

    assert refused.value.code == "LICENSE_NOT_FOUND"


@pytest.mark.parametrize("act", [Act.SUSPEND, Act.REINSTATE, Act.REVOKE, Act.TRANSFER])
def test_a_grave_act_needs_a_reason(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    license = active()
    monkeypatch.setitem(GIVEN, "reason", "  ")

    with pytest.raises(Refusal) as refused:
        do(act, license.pk)

    assert refused.value.code == "VALIDATION_ERROR"
    assert License.objects.get(pk=license.pk).revision == 1


def test_each_act_lifts_only_its_own_hold() -> None:
    license = issue().license
    given = {"license_id": license.pk, "reason": "r", "at": NOW, "origin": STAFF}
    for code in (HoldCode.STAFF, HoldCode.PAYMENT_FAILED):
        lifecycle.suspend_license(code=code, **given)

    shown = License.objects.get()
    assert shown.suspension_code_at(NOW) == "STAFF"
    reinstated = lifecycle.reinstate_license(**given)

    assert reinstated.status_at(NOW) == Status.SUSPENDED
    assert reinstated.suspension_code_at(NOW) == "PAYMENT_FAILED"
    renewed = lifecycle.renew_license(
        license_id=license.pk, duration_months=1, at=NOW, origin=STAFF
    )
    assert renewed.status_at(NOW) == Status.ACTIVE


def test_the_same_hold_twice_is_refused() -> None:
    license = suspended()

    with pytest.raises(Refusal) as refused:
        lifecycle.suspend_license(license_id=license.pk, reason="again", at=NOW, origin=STAFF)

    assert refused.value.code == "ILLEGAL_STATUS_CHANGE"
    assert license.holds.count() == 1


def test_reinstating_shows_the_status_by_the_clock() -> None:
    license = issue(at=NOW - timedelta(days=364)).license
    lifecycle.suspend_license(license_id=license.pk, reason="odd", at=NOW, origin=STAFF)
    after_expiry = NOW + timedelta(days=10)

    done = lifecycle.reinstate_license(
        license_id=license.pk, reason="settled", at=after_expiry, origin=STAFF
    )

    assert done.status == Status.EXPIRED
    assert done.in_grace_at(after_expiry)


def test_revoking_signs_every_device_out_and_nothing_brings_them_back() -> None:
    issued = issue()
    for number in range(3):
        activate(issued.key, f"device-{number}")

    done = lifecycle.revoke_license(
        license_id=issued.license.pk, reason="fraud", at=NOW, origin=STAFF
    )

    assert done.current_activations == 0
    assert not done.activations.live().exists()
    assert Event.objects.filter(type="activation.deactivated").count() == 3
    with pytest.raises(Refusal) as refused:
        activate(issued.key, "device-1")
    assert refused.value.code == "LICENSE_REVOKED"


def test_a_suspended_licence_keeps_its_seats() -> None:
    issued = issue()
    token = activate(issued.key).token

    lifecycle.suspend_license(license_id=issued.license.pk, reason="odd", at=NOW, origin=STAFF)
    assert License.objects.get().current_activations == 1
    lifecycle.reinstate_license(license_id=issued.license.pk, reason="ok", at=NOW, origin=STAFF)

    assert activate(issued.key).token == token


def test_an_act_on_a_licence_the_sweep_has_not_seen_tells_the_missed_steps_first() -> None:
    license = issue(at=NOW - timedelta(days=400)).license

    lifecycle.renew_license(license_id=license.pk, duration_months=12, at=NOW, origin=STAFF)

    told = Event.objects.of_license(license.pk).order_by("sequence")
    assert [(event.type, event.occurred_at) for event in told][1:] == [
        ("license.expired", NOW - timedelta(days=35)),
        ("license.suspended", NOW - timedelta(days=5)),
        ("license.renewed", NOW),
    ]


def test_the_trail_tells_who_did_what_and_keeps_addresses_sealed() -> None:
    license = suspended()

    event = Event.objects.of_license(license.pk).newest_first()[0]

    assert event.changes["status"] == {"before": "ACTIVE", "after": "SUSPENDED"}
    assert event.changes["hold"] == {"before": None, "after": "STAFF"}
    assert "support@" not in repr(vars(event))
    assert trail.unsealed(event, {})["actor_label"] == "support@tern-vale.example"
