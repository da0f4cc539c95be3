"""What happened is told once to whom it concerns, whoever did it and however late it is heard."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, connections, transaction

from accounts.services import telling
from events import trail
from events.models import Mark, Notice
from events.services import following, notices
from licenses.services import lifecycle
from tests.clock import NOW
from tests.engines import ENGINE
from tests.factories import STAFF, issue, make_customer, make_member, make_tenant

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
END = NOW + timedelta(days=365)


def sold(**terms):
    customer = make_customer(email="ada@brenner.example")
    return issue(tenant=customer.tenant, customer_id=customer.pk, **terms).license


def suspend(license, at=NOW, **says):
    asked = {"reason": "Chargeback.", "origin": STAFF} | says
    lifecycle.suspend_license(license_id=license.pk, at=at, **asked)


def reinstate(license, at=NOW):
    lifecycle.reinstate_license(license_id=license.pk, reason="Settled.", at=at, origin=STAFF)


def renew(license, at=NOW):
    lifecycle.renew_license(license_id=license.pk, duration_months=12, at=at, origin=STAFF)


def revoke(license, at=NOW):
    lifecycle.revoke_license(license_id=license.pk, reason="Sold.", at=at, origin=STAFF)


def told(at=NOW):
    """Let everything be told, and return the subjects of the mails that left."""
    telling.tell_of_events(at=at)
    before = len(mail.outbox)
    notices.send_due(at=at)
    return [message.subject for message in mail.outbox[before:]]


ACTS = {
    "suspended": (suspend, "is suspended"),
    "renewed": (renew, "is renewed"),
    "revoked": (revoke, "is revoked"),
}


@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_told_once(act):
    do, words = ACTS[act]
    license = sold()
    do(license)
    assert told() == [f"{license.product_name} {words}"]
    assert told() == []
    assert Notice.objects.get().license_id == license.pk


def test_a_lifted_suspension_is_told():
    license = sold()
    suspend(license)
    told()
    reinstate(license, NOW + DAY)
    assert told(NOW + DAY) == [f"{license.product_name} works again"]


def test_what_is_over_before_it_is_told_is_told_no_more():
    license = sold()
    suspend(license)
    reinstate(license, NOW + DAY)
    assert told(NOW + 7 * DAY) == [f"{license.product_name} works again"]
    assert Notice.objects.get(kind="license_suspended").state == "WITHDRAWN"


@pytest.mark.parametrize(
    ("late", "grace", "words"),
    [
        (DAY, 3, "ended on"),
        (7 * DAY, 3, "is suspended"),
        (7 * DAY, 0, "ended on"),
    ],
)
def test_what_the_clock_did_is_told_as_it_stands(late, grace, words):
    license = sold(grace_period_days=grace)
    lifecycle.catch_up(at=END + late)
    (subject,) = told(END + late)
    assert subject.startswith(f"{license.product_name} {words}")


def test_an_event_that_concerns_nobody_is_told_to_nobody():
    issue()
    trail.record("license.renewed", at=NOW, origin=STAFF)
    assert told() == []


def test_a_tenant_that_is_closed_hears_nothing():
    license = sold()
    suspend(license)
    license.tenant.active = False
    license.tenant.save()
    assert told() == []


def test_what_must_be_said_is_said_to_who_muted_everything():
    license = sold()
    for row in (license.tenant, license.customer):
        row.muted = ["changes", "reminders"]
        row.save()
    renew(license)
    assert told() == []
    suspend(license)
    assert told() == [f"{license.product_name} is suspended"]


def test_a_licence_that_went_to_another_holder_is_told_of_no_more():
    license = sold()
    suspend(license)
    telling.tell_of_events(at=NOW)
    other = make_customer(license.tenant)
    type(license).objects.filter(pk=license.pk).update(customer=other)
    notices.send_due(at=NOW)
    assert Notice.objects.get().state == "WITHDRAWN"


def test_who_stopped_being_an_owner_is_told_of_no_more():
    tenant = make_tenant()
    member = make_member(tenant).memberships.get()
    license = issue(tenant=tenant).license
    suspend(license)
    telling.tell_of_events(at=NOW)
    assert Notice.objects.get().membership_id == member.pk
    member.delete()
    notices.send_due(at=NOW)
    assert Notice.objects.get().state == "WITHDRAWN"
    assert not mail.outbox


def test_many_events_are_taken_in_parts():
    licenses = [sold() for _ in range(5)]
    for license in licenses:
        suspend(license)
    assert telling.tell_of_events(at=NOW, chunk=2) == 5
    assert telling.tell_of_events(at=NOW, chunk=2) == 0


def test_who_was_killed_on_the_way_tells_nobody_twice(monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    suspend(sold())
    with monkeypatch.context() as broken:
        broken.setattr(following, "_move", killed)
        with pytest.raises(KeyboardInterrupt):
            telling.tell_of_events(at=NOW)
    assert Notice.objects.count() == 1
    assert not Mark.objects.exists()
    assert telling.tell_of_events(at=NOW) == 0
    assert Notice.objects.count() == 1


def test_what_happened_before_one_began_is_no_news():
    suspend(sold())
    telling.begin_now()
    assert told() == []
    suspend(sold(), NOW + DAY)
    assert len(told(NOW + DAY)) == 1


@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_committed_after_later_ones_is_not_passed_over():
    early, late = sold(), sold()
    written, go_on = threading.Event(), threading.Event()

    def slowly():
        with transaction.atomic():
            suspend(early)
            written.set()
            go_on.wait(20)
        connections.close_all()

    thread = threading.Thread(target=slowly)
    thread.start()
    assert written.wait(20)
    if ENGINE == "sqlite":
        # There only one transaction writes at a time.
        go_on.set()
    suspend(late)
    for _ in range(3):
        telling.tell_of_events(at=NOW)
    # Nobody waits for what another writes.
    assert Notice.objects.filter(license_id=late.pk).exists()
    go_on.set()
    thread.join()
    for _ in range(3):
        telling.tell_of_events(at=NOW)
    assert set(Notice.objects.values_list("license_id", flat=True)) == {early.pk, late.pk}
    assert Notice.objects.count() == 2
    # And what is behind is not read again for ever.
    assert Mark.objects.get().sequence > 0
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_rounds_in_parallel_owe_each_mail_once():
    for _ in range(6):
        suspend(sold())

    def tell():
        telling.tell_of_events(at=NOW, chunk=2)
        connections.close_all()

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Notice.objects.count() == 6
    assert telling.tell_of_events(at=NOW) == 0
