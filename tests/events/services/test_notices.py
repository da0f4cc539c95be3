"""What is owed is sent once: by a real server that takes it, refuses it, or hangs up."""

import socket
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from events.models import Notice, PersonKey
from events.notifications import Kind, Mail, kinds
from events.selectors.recipients import recipients_of
from events.services import notices
from events.services.notices import Outcome
from tests import mail
from tests.clock import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def say(notice, address, at):
    return Mail(subject="News\r\nBcc: all@brenner.example", text=f"To {address}", html="<p>x</p>")


@pytest.fixture(autouse=True)
def _kind(monkeypatch):
    monkeypatch.setitem(kinds, "test", Kind("News", say))


@pytest.fixture
def post(settings):
    with mail.server() as found:
        mail.sent_through(settings, found.port)
        yield found


def owe(occasion="1", **fields):
    given = {"kind": "test", "occasion": occasion, "recipient": "ada@brenner.example", "at": NOW}
    return notices.queue(**given | fields)


def send(notice, at=NOW):
    outcome = notices.send(notice_id=notice.pk, at=at)
    notice.refresh_from_db()
    return outcome


def test_a_notice_is_sent_and_says_so(post):
    notice = owe()
    assert send(notice) is Outcome.SENT
    assert (notice.state, notice.sent_at, notice.attempts) == ("SENT", NOW, 1)
    assert post.recipients == ["ada@brenner.example"]
    assert post.only["Subject"] == "News Bcc: all@brenner.example"
    assert post.only["Bcc"] is None
    assert post.only["Auto-Submitted"] == "auto-generated"
    assert "To ada@brenner.example" in post.only.get_body(("plain",)).get_content()


def test_what_was_sent_is_not_sent_again(post):
    notice = owe()
    send(notice)
    assert send(notice, NOW + timedelta(days=9)) is Outcome.NOTHING
    assert notices.send_due(at=NOW + timedelta(days=9)) == {"sent": 0, "failed": 0}
    assert len(post.mails) == 1


def test_of_one_occasion_there_is_one_notice():
    assert owe().pk == owe(recipient="else@brenner.example").pk
    assert owe("2").pk != owe().pk
    assert Notice.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(
            kind="test", dedup_key="test:1", recipient_sealed="x", queued_at=NOW, due_at=NOW
        )


def test_it_leaves_when_what_it_tells_of_is_committed(post, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        owe()
        owe()
    assert len(callbacks) == 1
    assert not post.mails
    callbacks[0]()
    assert Notice.objects.get().state == "SENT"


def test_a_queue_that_is_away_fails_no_act(monkeypatch, django_capture_on_commit_callbacks):
    def away(pk):
        raise ConnectionError

    monkeypatch.setattr(notices, "on_queued", [away])
    with django_capture_on_commit_callbacks(execute=True):
        owe()
    assert Notice.objects.get().state == "QUEUED"


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ({"to": "451 later"}, "SMTPRecipientsRefused"),
        ({"end": "452 full"}, "SMTPDataError"),
    ],
)
def test_a_refusal_for_now_is_tried_again_later_and_later(settings, behaviour, error):
    notice = owe()
    with mail.server(**behaviour) as post:
        mail.sent_through(settings, post.port)
        assert send(notice) is Outcome.FAILED
        assert (notice.state, notice.due_at, notice.last_error) == ("QUEUED", NOW + MINUTE, error)
        assert send(notice) is Outcome.NOTHING
        assert send(notice, NOW + MINUTE) is Outcome.FAILED
        assert (notice.attempts, notice.due_at) == (2, NOW + 6 * MINUTE)
        post.to, post.end = "250 fine", "250 taken"
        assert notices.send_due(at=NOW + 6 * MINUTE) == {"sent": 1, "failed": 0}
    notice.refresh_from_db()
    assert (notice.state, notice.attempts, notice.last_error) == ("SENT", 3, "")


def test_after_the_last_try_nobody_tries_again(settings):
    notice, at = owe(), NOW
    with mail.server(to="451 later") as post:
        mail.sent_through(settings, post.port)
        while notice.state == "QUEUED":
            send(notice, at)
            at = notice.due_at
        assert (notice.state, notice.attempts) == ("FAILED", len(notices.WAITS) + 1)
        assert send(notice, at + timedelta(days=30)) is Outcome.NOTHING
        assert len(post.recipients) == notice.attempts
    assert Notice.objects.in_trouble(NOW).get() == notice


@pytest.mark.parametrize("behaviour", [{"to": "550 nobody"}, {"end": "554 spam"}])
def test_a_refusal_for_good_is_not_repeated(settings, behaviour):
    notice = owe()
    with mail.server(**behaviour) as post:
        mail.sent_through(settings, post.port)
        assert send(notice) is Outcome.FAILED
    assert (notice.state, notice.attempts) == ("FAILED", 1)


def test_a_mail_whose_end_nobody_knows_is_never_sent_again_by_itself(settings):
    notice = owe()
    with mail.server(hangs_up=True) as post:
        mail.sent_through(settings, post.port)
        assert send(notice) is Outcome.UNCLEAR
        post.hangs_up = False
        assert notices.send_due(at=NOW + timedelta(days=1)) == {"sent": 0, "failed": 0}
        assert len(post.mails) == 1
    notice.refresh_from_db()
    assert (notice.state, notice.last_error) == ("SENDING", "SMTPServerDisconnected")
    assert notice.unclear_at(NOW)
    assert Notice.objects.in_trouble(NOW).get() == notice


def test_a_claim_that_was_left_behind_is_shown_and_not_taken_up(post):
    notice = owe()
    Notice.objects.update(state="SENDING", claimed_at=NOW)
    later = NOW + timedelta(minutes=10)
    assert send(notice, later) is Outcome.NOTHING
    assert not notice.unclear_at(NOW + MINUTE)
    assert not Notice.objects.in_trouble(NOW + MINUTE).exists()
    assert notice.unclear_at(later)
    assert Notice.objects.in_trouble(later).exists()
    assert not post.mails


def test_a_server_that_is_away_ends_the_round_at_once(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        mail.sent_through(settings, free.getsockname()[1])
        first, second = owe("1"), owe("2")
        assert notices.send_due(at=NOW) == {"sent": 0, "failed": 1}
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.last_error) == ("QUEUED", "ConnectionRefusedError")
    assert (second.state, second.attempts) == ("QUEUED", 0)


def test_the_job_takes_up_what_nobody_sent(post):
    owe("1")
    owe("2", at=NOW + MINUTE)
    assert notices.send_due(at=NOW) == {"sent": 1, "failed": 0}
    assert notices.send_due(at=NOW + MINUTE) == {"sent": 1, "failed": 0}


def test_a_notice_with_nothing_left_to_say_is_withdrawn(post, monkeypatch):
    monkeypatch.setitem(kinds, "test", Kind("News", lambda notice, address, at: None))
    notice = owe()
    assert send(notice) is Outcome.NOTHING
    assert notice.state == "WITHDRAWN"
    assert not post.mails


def test_a_notice_that_cannot_be_written_stops_none_of_the_others(post, monkeypatch):
    def broken(notice, address, at):
        raise ValueError

    monkeypatch.setitem(kinds, "broken", Kind("Broken", broken))
    owe(kind="broken")
    owe()
    assert notices.send_due(at=NOW) == {"sent": 1, "failed": 1}
    bad = Notice.objects.get(kind="broken")
    assert (bad.state, bad.attempts, bad.last_error) == ("QUEUED", 1, "ValueError")
    assert bad.due_at == NOW + MINUTE


def test_the_address_is_sealed_and_forgotten_with_the_person(post):
    person, license_id = uuid.uuid4(), uuid.uuid4()
    notice = owe(customer_id=person, license_id=license_id)
    assert "ada" not in notice.recipient_sealed
    assert recipients_of([notice]) == {notice.pk: "ada@brenner.example"}
    PersonKey.objects.filter(person_id=person).delete()
    assert recipients_of([notice]) == {}
    assert send(notice) is Outcome.NOTHING
    assert notice.state == "WITHDRAWN"
    assert not post.mails


def test_what_waits_is_withdrawn_and_what_left_stays(post):
    license_id = uuid.uuid4()
    left, waits = owe("1", license_id=license_id), owe("2", license_id=license_id)
    other = owe("3", license_id=uuid.uuid4())
    send(left)
    assert notices.withdraw(kind="test", license_id=license_id) == 1
    states = {notice.pk: notice.state for notice in Notice.objects.all()}
    assert states == {left.pk: "SENT", waits.pk: "WITHDRAWN", other.pk: "QUEUED"}
