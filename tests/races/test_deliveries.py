"""One link shows a key to one of many, and one notice is one mail, however many try."""

import re

import pytest
from django.core import mail as outbox

from events.models import Event, Notice
from events.services import notices
from events.services.notices import Outcome
from licenses.models import KeyLink
from licenses.selectors import mailed
from licenses.services import delivery, keyring
from tests import mail
from tests.clock import NOW
from tests.factories import STAFF, issue
from tests.races.threads import at_once, succeeded

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 20


def deliver(license):
    return delivery.deliver_key(
        license_id=license.pk, email="ada@brenner.example", at=NOW, origin=STAFF
    )


def test_of_many_who_press_the_button_at_once_one_sees_the_key():
    issued = issue()
    # Sent at once, by the task that runs in this process.
    deliver(issued.license)
    token = re.search(r"/k/([^/]+)/", outbox.outbox[0].body)[1]

    def press():
        link = mailed.link_of(token)
        return delivery.open_link(link_id=link.pk, at=NOW, origin=STAFF)

    results = at_once(*[press] * AT_ONCE)
    assert sorted(results, key=str) == sorted([issued.key] + [None] * (AT_ONCE - 1), key=str)
    assert Event.objects.filter(type="license.key_revealed").count() == 1


def test_of_many_who_send_one_notice_one_sends(settings, monkeypatch):
    monkeypatch.setattr(notices, "on_queued", [])
    notice = deliver(issue().license)
    with mail.server() as post:
        mail.sent_through(settings, post.port)
        results = at_once(*[lambda: notices.send(notice_id=notice.pk, at=NOW)] * 8)
        assert len(post.mails) == 1
    assert results.count(Outcome.SENT) == 1
    assert set(results) == {Outcome.SENT, Outcome.NOTHING}
    assert KeyLink.objects.count() == 1
    assert Notice.objects.get().attempts == 1


def test_many_who_ask_for_the_same_mail_at_once_get_one(monkeypatch):
    monkeypatch.setattr(notices, "on_queued", [])
    license = issue().license
    results = at_once(*[lambda: deliver(license).pk] * 8)
    assert len(set(results)) == Notice.objects.count() == 1


def test_a_key_reissued_while_its_mail_leaves_is_shown_by_no_old_link(monkeypatch):
    monkeypatch.setattr(notices, "on_queued", [])
    license = issue().license
    notice = deliver(license)
    results = at_once(
        lambda: notices.send(notice_id=notice.pk, at=NOW),
        lambda: keyring.reissue_key(license_id=license.pk, reason="x", at=NOW, origin=STAFF),
    )
    assert len(succeeded(results)) == 2
    notice.refresh_from_db()
    # Whichever came first: withdrawn before it left, or its link stopped afterwards.
    assert notice.state in {"WITHDRAWN", "SENT"}
    assert not KeyLink.objects.filter(withdrawn_at=None).exists()
