"""Delivering by e-mail: to whom, how often, and what becomes of the link."""

import re
from datetime import timedelta

import pytest
from django.core import mail

from events import trail
from events.models import Event, Notice
from events.refusals import Refusal
from events.services import notices
from licenses.models import KeyLink, License
from licenses.selectors import mailed
from licenses.services import delivery, keyring, lifecycle
from tests import factories
from tests.clock import NOW
from tests.factories import STAFF, issue

pytestmark = pytest.mark.django_db
ADA = "ada@brenner.example"
LATER = NOW + timedelta(minutes=2)
LINK = re.compile(r"/k/([^/]+)/")


def deliver(license, email=ADA, *, at=NOW, **asked):
    return delivery.deliver_key(license_id=license.pk, email=email, at=at, origin=STAFF, **asked)


def sent(license, *, at=NOW):
    """Deliver, let the mail leave, and return the token in it."""
    notices.send(notice_id=deliver(license, at=at).pk, at=at)
    return LINK.search(mail.outbox[-1].body)[1]


def shown(token, at=NOW):
    link = mailed.link_of(token)
    return delivery.open_link(link_id=link.pk, at=at, origin=STAFF)


def test_the_mail_carries_a_link_and_not_the_key():
    issued = issue()
    token = sent(issued.license)
    (message,) = mail.outbox
    html = message.alternatives[0].content
    assert issued.key not in message.body + html
    assert token in html
    assert "21 Mar 2026" in message.body
    assert message.to == [ADA]
    link = KeyLink.objects.get()
    assert token not in str(link.__dict__)
    assert len(token) == 43
    assert shown(token) == issued.key


def test_a_link_shows_the_key_once():
    issued = issue()
    token = sent(issued.license)
    assert shown(token) == issued.key
    assert shown(token) is None
    event = Event.objects.filter(type="license.key_revealed").get()
    assert event.license_id == issued.license.pk


def test_a_link_works_for_seven_days():
    token = sent(issue().license)
    end = NOW + timedelta(days=7)
    assert shown(token, end) is None
    assert not mailed.link_of(token).works_at(end)
    assert mailed.link_of(token).works_at(end - timedelta(seconds=1))
    assert shown(token, end - timedelta(seconds=1))


def test_a_newer_link_takes_the_place_of_the_older():
    license = issue().license
    older, newer = sent(license), sent(license, at=LATER)
    assert shown(older, LATER) is None
    assert shown(newer, LATER)


MOVES = {
    "reissue": lambda pk: keyring.reissue_key(license_id=pk, reason="x", at=NOW, origin=STAFF),
    "revoke": lambda pk: lifecycle.revoke_license(license_id=pk, reason="x", at=NOW, origin=STAFF),
    "transfer": lambda pk: lifecycle.transfer_license(
        license_id=pk,
        new_issued_to="Bo",
        reason="x",
        deactivate_existing=False,
        at=NOW,
        origin=STAFF,
    ),
}


@pytest.mark.parametrize("move", MOVES)
def test_a_key_that_moves_takes_its_link_along(move):
    license = issue().license
    token = sent(license)
    MOVES[move](license.pk)
    assert shown(token) is None
    assert not mailed.link_of(token).works_at(NOW)


@pytest.mark.parametrize("move", MOVES)
def test_a_mail_that_waits_while_the_key_moves_never_leaves(move):
    license = issue().license
    notice = deliver(license)
    MOVES[move](license.pk)
    assert notices.send_due(at=LATER) == {"sent": 0, "failed": 0}
    notice.refresh_from_db()
    assert notice.state == "WITHDRAWN"
    assert not mail.outbox


def test_a_wish_repeated_at_once_is_one_mail():
    license = issue().license
    first = deliver(license)
    assert deliver(license, ADA.upper()).pk == first.pk
    notices.send(notice_id=first.pk, at=NOW)
    assert deliver(license, at=NOW + timedelta(seconds=59)).pk == first.pk
    assert deliver(license, "bo@brenner.example").pk != first.pk
    assert deliver(license, at=LATER).pk != first.pk
    assert Event.objects.filter(type="license.delivered").count() == 3


def test_a_wish_after_the_key_moved_is_a_new_one():
    license = issue().license
    first = deliver(license)
    MOVES["reissue"](license.pk)
    assert deliver(license).pk != first.pk


def test_a_licence_is_mailed_ten_times_a_day_at_most():
    license = issue().license
    for number in range(delivery.MOST_A_DAY):
        deliver(license, f"buyer{number}@brenner.example", at=NOW + timedelta(minutes=number))
    with pytest.raises(Refusal) as refused:
        deliver(license, at=NOW + timedelta(hours=1))
    assert refused.value.code == "DELIVERY_LIMIT"
    assert refused.value.details["retry_after"] == 23 * 3600
    assert Notice.objects.count() == delivery.MOST_A_DAY
    deliver(license, at=NOW + timedelta(days=1))


def test_the_trail_tells_to_whom_and_keeps_the_address_sealed():
    deliver(issue().license, reason="Lost it")
    event = Event.objects.filter(type="license.delivered").get()
    assert ADA not in str(event.changes)
    assert event.reason == "Lost it"
    assert trail.unsealed(event, {})["changes"]["email"]["after"] == ADA


def test_a_revoked_licence_is_delivered_to_nobody():
    license = issue().license
    MOVES["revoke"](license.pk)
    with pytest.raises(Refusal) as refused:
        deliver(license)
    assert refused.value.code == "ILLEGAL_STATUS_CHANGE"
    assert not Notice.objects.exists()


@pytest.mark.parametrize("email", ["", "ada", "a@b", "a@b.example\nBcc: c@d.example", "x" * 300])
def test_what_is_no_address_is_refused(email):
    with pytest.raises(Refusal) as refused:
        deliver(issue().license, email)
    assert refused.value.details.keys() == {"email"}
    assert not Notice.objects.exists()


def test_inside_a_tenant_only_its_own_people_are_written_to():
    tenant, other = factories.make_tenant(), factories.make_tenant()
    license = issue(tenant=tenant).license
    customer = factories.make_customer(tenant)
    known = [customer.email, factories.make_member(tenant, "admin").email]
    strangers = [
        factories.make_member(tenant, "viewer").email,
        factories.make_customer(other).email,
        factories.make_customer(tenant, active=False).email,
        "stranger@elsewhere.example",
    ]
    for email in known:
        deliver(license, email.upper(), inside_tenant=True)
    for email in strangers:
        with pytest.raises(Refusal) as refused:
            deliver(license, email, inside_tenant=True)
        assert refused.value.code == "RECIPIENT_FORBIDDEN"
    assert Notice.objects.count() == len(known)


def test_issuing_delivers_in_the_same_breath():
    issued = issue(deliver_to=ADA)
    notice = Notice.objects.get()
    assert (notice.license_id, notice.state) == (issued.license.pk, "QUEUED")
    types = Event.objects.order_by("sequence").values_list("type", flat=True)
    assert list(types)[-2:] == ["license.issued", "license.delivered"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"deliver_to": "nonsense"}, "VALIDATION_ERROR"),
        ({"deliver_to": ADA, "deliver_inside_tenant": True}, "RECIPIENT_FORBIDDEN"),
    ],
)
def test_a_licence_that_cannot_be_delivered_is_not_issued(asked, code):
    with pytest.raises(Refusal) as refused:
        issue(**asked)
    assert refused.value.code == code
    assert not License.objects.exists()
    assert not Notice.objects.exists()


def test_a_setting_mails_the_key_itself_which_is_stored_nowhere(settings):
    settings.MAIL_LICENSE_KEYS = True
    issued = issue(deliver_to=ADA)
    notices.send_due(at=NOW)
    (message,) = mail.outbox
    assert issued.key in message.body
    assert issued.key in message.alternatives[0].content
    assert not KeyLink.objects.exists()
    assert issued.key not in str(Notice.objects.values().get())
    assert Event.objects.filter(type="license.key_revealed").count() == 1


def test_a_try_that_failed_leaves_a_link_that_nobody_has(settings):
    """The next try makes its own; the first token was in no mail that anybody took."""
    license = issue().license
    notice = deliver(license)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    notices.send(notice_id=notice.pk, at=NOW)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    notices.send_due(at=LATER)
    assert KeyLink.objects.filter(withdrawn_at=None).count() == 1
    assert shown(LINK.search(mail.outbox[0].body)[1], LATER)
