"""Making emergency codes: for which licence, how many, and who hears of it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail

from events import vault
from events.models import Event, Notice
from events.refusals import Refusal
from events.selectors.recipients import recipients_of
from events.services import notices
from licenses.models import EmergencyCode, License
from licenses.models.emergency import MOST_IN_A_YEAR, YEAR
from licenses.selectors import signers
from licenses.services import emergency
from licenses.services.emergency import IssuedCode, issue_code
from licenses.signing import Kind, opened
from tests.clock import NOW
from tests.factories import STAFF, activate, issue

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def make(license: License, *, at: Any = NOW, reason: str = "The line stands still.") -> IssuedCode:
    return issue_code(license_id=license.pk, reason=reason, at=at, origin=STAFF)


def code_of_refusal(license_id: uuid.UUID, *, at: Any = NOW, reason: str = "x") -> Refusal:
    with pytest.raises(Refusal) as refused:
        issue_code(license_id=license_id, reason=reason, at=at, origin=STAFF)
    return refused.value


def test_both_forms_hold_for_a_day_and_name_the_licence() -> None:
    license = issue().license
    at = NOW + timedelta(microseconds=7)
    made = make(license, at=at)
    assert made.valid_until == NOW.replace(microsecond=0) + DAY
    document = opened(
        made.signed,
        Kind.EMERGENCY_CODE,
        roots=signers.roots(),
        at=made.valid_until - SECOND,
        product_id=license.product.product_id,
    )
    assert document.claims["sub"] == str(license.pk)
    assert document.claims["jti"] == str(made.row.pk)
    assert document.claims["exp"] == made.valid_until.timestamp()


def test_neither_form_can_be_read_from_any_table_again() -> None:
    made = make(issue().license)
    row = EmergencyCode.objects.get()
    assert bytes(row.typed_digest) == vault.digest(emergency.PURPOSE, made.typed)
    kept = repr([list(model.objects.values()) for model in (EmergencyCode, Event, Notice)])
    assert made.typed not in kept
    assert made.signed not in kept


def test_it_changes_nothing_of_the_licence_and_leaves_an_event() -> None:
    license = issue().license
    before = License.objects.values().get()
    make(license)
    assert License.objects.values().get() == before
    event = Event.objects.filter(type=emergency.ISSUED).get()
    assert (event.license_id, event.tenant_id) == (license.pk, license.tenant_id)
    assert (event.reason, event.actor_kind) == ("The line stands still.", "staff")
    assert event.changes["number"] == {"before": None, "after": 1}


def test_staff_are_told_each_time_and_the_mail_holds_no_code(settings: LazySettings) -> None:
    settings.VENDOR_EMAIL = "licensing@tern-vale.example"
    license = issue().license
    codes = [make(license) for _ in range(2)]
    owed = list(Notice.objects.filter(kind=emergency.NOTICE))
    assert set(recipients_of(owed).values()) == {"licensing@tern-vale.example"}
    assert {notice.tenant_id for notice in owed} == {None}
    notices.send_due(at=NOW)
    mails = mail.outbox
    assert len(mails) == 2
    for each in mails:
        said = each.body + str(each.alternatives)
        assert license.issued_to in said
        assert not [code for code in codes if code.typed in said or code.signed in said]


def test_a_full_an_expired_and_an_unpaid_licence_get_one() -> None:
    issued = issue(max_activations=1)
    activate(issued.key)
    make(issued.license)
    assert issued.license.expiry_date
    make(issued.license, at=issued.license.expiry_date + 100 * DAY)
    License.objects.update(hold_code="PAYMENT_FAILED")
    make(issued.license, at=NOW + DAY)
    assert EmergencyCode.objects.count() == 3


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"revoked_at": NOW}, "LICENSE_REVOKED"),
        ({"hold_code": "STAFF"}, "LICENSE_SUSPENDED"),
        ({"hold_code": "PAYMENT_DISPUTED", "expiry_date": NOW - DAY}, "LICENSE_SUSPENDED"),
        ({"pending_cause": "PAYMENT"}, "LICENSE_PENDING"),
        ({"pending_cause": "FIRST_ACTIVATION"}, "LICENSE_PENDING"),
        ({"parked": True}, "LICENSE_INACTIVE"),
        ({"parked": True, "expiry_date": NOW - DAY}, "LICENSE_INACTIVE"),
    ],
)
def test_what_no_emergency_excuses_refuses_the_code(facts: dict[str, Any], code: str) -> None:
    license = issue().license
    License.objects.update(**facts)
    assert code_of_refusal(license.pk).code == code
    assert not EmergencyCode.objects.exists()
    assert not Notice.objects.exists()


def test_without_a_reason_or_a_licence_there_is_none() -> None:
    assert code_of_refusal(issue().license.pk, reason=" ").code == "VALIDATION_ERROR"
    assert code_of_refusal(uuid.uuid4()).code == "LICENSE_NOT_FOUND"


def test_a_licence_has_three_in_any_year_and_hears_when_the_next_may_be_made() -> None:
    license, other = issue().license, issue().license
    for number in range(MOST_IN_A_YEAR):
        make(license, at=NOW + number * DAY)
    last = NOW + YEAR - SECOND
    refused = code_of_refusal(license.pk, at=last)
    assert refused.code == "EMERGENCY_LIMIT_EXCEEDED"
    assert refused.details == {"limit": 3, "retry_after": 1}
    assert license.emergency_codes.count() == 3
    make(other, at=last)
    assert make(license, at=NOW + YEAR).row.number == 4


def test_no_code_is_counted_that_could_not_be_signed(settings: LazySettings) -> None:
    settings.SIGNING_ROOT = "offline"
    license = issue().license
    assert code_of_refusal(license.pk).code == "SIGNING_ROOT_ABSENT"
    assert not EmergencyCode.objects.exists()
    assert not Event.objects.filter(type=emergency.ISSUED).exists()
