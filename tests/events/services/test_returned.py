"""Mails that did not arrive: noted, and sent again only where somebody says so."""

import uuid
from datetime import timedelta

import pytest

from events.models import Event, Notice
from events.notifications import Kind, Mail, kinds
from events.refusals import Refusal
from events.services import notices, returned
from tests import mail
from tests.clock import NOW
from tests.factories import STAFF

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
STATES = {
    "waits": {"state": "QUEUED"},
    "on its way": {"state": "SENDING", "claimed_at": LATER},
    "unclear": {"state": "SENDING", "claimed_at": NOW, "last_error": "SMTPServerDisconnected"},
    "left behind": {"state": "SENDING", "claimed_at": NOW},
    "sent": {"state": "SENT", "sent_at": NOW},
    "failed": {"state": "FAILED", "attempts": 8, "last_error": "SMTPDataError"},
    "withdrawn": {"state": "WITHDRAWN"},
    "bounced": {"state": "BOUNCED", "sent_at": NOW},
}


@pytest.fixture(autouse=True)
def _kind(monkeypatch):
    def say(notice, address, at):
        return Mail(subject="News", text="News", html="<p>News</p>")

    monkeypatch.setitem(kinds, "test", Kind("News", say))


def owed(state):
    notice = notices.queue(kind="test", occasion=state, recipient="ada@brenner.example", at=NOW)
    Notice.objects.filter(pk=notice.pk).update(**STATES[state])
    return notice


@pytest.mark.parametrize("state", STATES)
def test_what_is_in_trouble_is_sent_again_and_nothing_else(state, settings):
    notice = owed(state)
    if state in ("unclear", "left behind", "failed", "bounced"):
        again = returned.send_again(notice_id=notice.pk, at=LATER, origin=STAFF)
        assert (again.state, again.attempts, again.last_error) == ("QUEUED", 0, "")
        with mail.server() as post:
            mail.sent_through(settings, post.port)
            assert notices.send_due(at=LATER) == {"sent": 1, "failed": 0}
        assert post.only["Message-ID"] == f"<{notice.pk}.notice@localhost>"
        assert Event.objects.get().type == "notice.repeated"
        return
    before = Notice.objects.values().get()
    with pytest.raises(Refusal) as refused:
        returned.send_again(notice_id=notice.pk, at=LATER, origin=STAFF)
    assert refused.value.code == "NOTICE_NOT_IN_TROUBLE"
    assert Notice.objects.values().get() == before
    assert not Event.objects.exists()


@pytest.mark.parametrize("state", STATES)
def test_what_can_have_left_can_have_come_back(state):
    notice = owed(state)
    if state in ("unclear", "left behind", "sent"):
        bounced = returned.mark_bounced(notice_id=notice.pk, at=LATER, origin=STAFF)
        assert (bounced.state, bounced.last_error) == ("BOUNCED", "Bounced")
        assert list(Notice.objects.in_trouble(LATER)) == [bounced]
        assert Event.objects.get().type == "notice.bounced"
        return
    before = Notice.objects.values().get()
    if state == "bounced":
        returned.mark_bounced(notice_id=notice.pk, at=LATER, origin=STAFF)
    else:
        with pytest.raises(Refusal) as refused:
            returned.mark_bounced(notice_id=notice.pk, at=LATER, origin=STAFF)
        assert refused.value.code == "NOTICE_NOT_SENT"
    assert Notice.objects.values().get() == before
    assert not Event.objects.exists()


@pytest.mark.parametrize("act", [returned.send_again, returned.mark_bounced])
def test_a_mail_that_there_is_not_is_refused(act):
    with pytest.raises(Refusal) as refused:
        act(notice_id=uuid.uuid4(), at=NOW, origin=STAFF)
    assert refused.value.code == "NOTICE_NOT_FOUND"


def test_two_who_press_the_button_send_it_once(settings):
    notice = owed("failed")
    returned.send_again(notice_id=notice.pk, at=LATER, origin=STAFF)
    with pytest.raises(Refusal):
        returned.send_again(notice_id=notice.pk, at=LATER, origin=STAFF)
    with mail.server() as post:
        mail.sent_through(settings, post.port)
        notices.send_due(at=LATER)
        notices.send_due(at=LATER)
    assert len(post.mails) == 1
