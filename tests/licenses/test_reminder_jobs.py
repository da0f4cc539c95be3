"""The jobs by which people hear of their licences, as `run_due` and beat start them."""

import io
import multiprocessing
import signal
import threading
import time
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from events.models import Event, Mark, Notice
from events.services import notices
from licenses.models import KeyLink
from licenses.services import delivery, key_links
from licenses.tasks import note_silent_devices, prune_key_links, remind_of_ends
from tests import mail as post
from tests.clock import NOW
from tests.factories import STAFF, issue, make_customer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
END = NOW + timedelta(days=365)


def sold(at=NOW, **terms):
    customer = make_customer(email="ada@brenner.example")
    return issue(tenant=customer.tenant, customer_id=customer.pk, at=at, **terms).license


def run_due(at, *options):
    call_command("run_due", "--at", at.isoformat(), *options, stdout=io.StringIO())


def test_any_day_can_be_tried(settings):
    settings.DEBUG = True
    sold()
    for at in (END - 30 * DAY, END - 7 * DAY, END - 7 * DAY, END + DAY, END + 31 * DAY):
        run_due(at)
    subjects = [message.subject.partition(" ")[2].partition(" ")[2] for message in mail.outbox]
    ends = f"{END:%-d %b %Y}"
    assert subjects == [f"ends on {ends}"] * 2 + [f"ended on {ends}", "is suspended"]


def test_a_dry_run_owes_nobody_anything(settings):
    settings.DEBUG = True
    sold()
    run_due(END - 7 * DAY, "--dry-run")
    assert not Notice.objects.exists()
    assert not mail.outbox


def test_only_a_round_that_is_now_moves_the_marks():
    for job in (remind_of_ends, note_silent_devices):
        job(at=END.isoformat())
    assert not Mark.objects.filter(moment__isnull=False).exists()
    for job in (remind_of_ends, note_silent_devices):
        job()
    assert Mark.objects.filter(moment__gt=timezone.now() - DAY).count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_while_it_sends_leaves_it_unclear(settings):
    sold()
    remind_of_ends(at=(END - 7 * DAY).isoformat())
    answers = threading.Event()
    with post.server(answers=answers) as server:
        post.sent_through(settings, server.port)
        _kill_while_it_sends(server)
        answers.set()
        assert remind_of_ends(at=(END - 7 * DAY).isoformat()) == {"notices": 0}
        assert notices.send_due(at=END - 6 * DAY) == {"sent": 0, "failed": 0}
        # The server took it: one more would be a second.
        assert len(server.mails) == 1
    notice = Notice.objects.get()
    assert notice.state == "SENDING"
    assert notice.unclear_at(END - 6 * DAY)
    assert Notice.objects.in_trouble(END - 6 * DAY).exists()


def _kill_while_it_sends(server):
    connections.close_all()
    worker = multiprocessing.get_context("fork").Process(
        target=notices.send_due, kwargs={"at": END - 7 * DAY}
    )
    worker.start()
    end = time.monotonic() + 20
    while not server.mails and time.monotonic() < end:
        time.sleep(0.01)
    worker.kill()
    worker.join()
    assert worker.exitcode == -signal.SIGKILL


def test_links_are_forgotten_90_days_after_their_end():
    license = sold()
    for at in (NOW, NOW + DAY):
        notice = delivery.deliver_key(
            license_id=license.pk, email="a@b.example", at=at, origin=STAFF
        )
        key_links.make_link(license, notice, at=at)
    assert prune_key_links(at=(NOW + 97 * DAY).isoformat()) == {"links": 0}
    late = (NOW + 97 * DAY + timedelta(seconds=1)).isoformat()
    assert prune_key_links(at=late) == {"links": 1}
    assert KeyLink.objects.get().made_at == NOW + DAY
    assert Event.objects.filter(type="license.delivered").count() == 2
