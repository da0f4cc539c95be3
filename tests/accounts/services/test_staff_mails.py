"""Staff hear of mails in trouble once a day, until somebody has seen to them."""

from datetime import timedelta

import pytest
from django.core import mail

from accounts.services import staff_mails
from events.models import Notice
from events.services import notices
from tests.clock import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def trouble(at=NOW, **fields):
    given = {"kind": "told", "state": "FAILED", "queued_at": at, "due_at": at} | fields
    return Notice.objects.create(dedup_key=f"x{Notice.objects.count()}", **given)


def test_one_mail_a_day_says_how_many(settings):
    settings.VENDOR_EMAIL = "licensing@tern-vale.example"
    trouble()
    trouble()
    assert [staff_mails.tell_of_trouble(at=NOW) for _ in range(3)] == [1, 0, 0]
    notices.send_due(at=NOW)
    (message,) = mail.outbox
    assert (message.subject, message.to) == (
        "2 e-mails to look at",
        ["licensing@tern-vale.example"],
    )
    assert "/admin/events/notice/?state=TROUBLE" in message.body
    assert staff_mails.tell_of_trouble(at=NOW + DAY) == 1


def test_where_all_is_well_nobody_is_mailed():
    trouble(state="SENT", sent_at=NOW)
    assert staff_mails.tell_of_trouble(at=NOW) == 0


def test_what_is_seen_to_meanwhile_is_not_told():
    one = trouble()
    staff_mails.tell_of_trouble(at=NOW)
    one.delete()
    notices.send_due(at=NOW)
    assert Notice.objects.get().state == "WITHDRAWN"


def test_its_own_failure_is_no_news():
    trouble(kind=staff_mails.KIND)
    assert staff_mails.tell_of_trouble(at=NOW) == 0
