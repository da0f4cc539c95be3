"""Reminders: once for each step, however late, and never several at once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Mark, Notice
from events.services import notices
from licenses.models import License
from licenses.services import lifecycle, reminding
from tests.clock import NOW
from tests.factories import STAFF, issue, make_customer, make_member, make_tenant

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
END = NOW + timedelta(days=365)


def sold(**terms):
    customer = terms.pop("customer", None) or make_customer()
    return issue(tenant=customer.tenant, customer_id=customer.pk, **terms).license


def steps():
    """The steps that were told, in their order."""
    keys = Notice.objects.order_by("id").values_list("dedup_key", flat=True)
    return [int(key.split(":")[3]) for key in keys]


def rounds(start, end, *, every=DAY):
    """Let the job run from one moment to another, and the mails leave."""
    at = start
    while at <= end:
        reminding.remind(at=at)
        notices.send_due(at=at)
        at += every


def test_every_step_is_told_once_and_in_its_time():
    sold()
    rounds(END - 40 * DAY, END + 40 * DAY, every=DAY / 2)
    assert steps() == [30, 14, 7, 3, 1]
    queued = Notice.objects.order_by("id").values_list("queued_at", flat=True)
    assert [END - moment for moment in queued] == [30 * DAY, 14 * DAY, 7 * DAY, 3 * DAY, DAY]
    assert len(mail.outbox) == 5


@pytest.mark.parametrize(("days", "told"), [(7, [7, 1]), (1, [1])])
def test_a_trial_is_reminded_of_a_week_and_a_day_before(days, told):
    license = sold(license_type="TRIAL", trial_period_days=days + 1, expiry_basis="ISSUE")
    rounds(NOW, license.expiry_date + DAY, every=DAY / 2)
    assert steps() == told
    assert set(Notice.objects.values_list("kind", flat=True)) == {"trial_ends"}


def test_a_missed_week_is_made_good_by_the_nearest_step_alone():
    sold()
    reminding.remind(at=END - 9 * DAY)
    assert reminding.remind(at=END - 2 * DAY) == 1
    assert steps() == [3]
    assert reminding.remind(at=END - DAY) == 1
    assert steps() == [3, 1]


def test_a_missed_month_reminds_nobody_of_what_is_over():
    sold()
    reminding.remind(at=END - 31 * DAY)
    assert reminding.remind(at=END + DAY) == 0


def test_mails_that_waited_for_the_server_do_not_leave_together():
    sold()
    for days in (7, 3, 1):
        reminding.remind(at=END - days * DAY)
    notices.send_due(at=END - DAY)
    assert [notice.state for notice in Notice.objects.order_by("id")] == [
        "WITHDRAWN",
        "WITHDRAWN",
        "SENT",
    ]
    assert len(mail.outbox) == 1


def test_the_same_round_twice_owes_nothing_new():
    sold()
    assert [reminding.remind(at=END - 7 * DAY) for _ in range(2)] == [1, 0]


def test_a_round_that_died_before_its_mark_is_made_good():
    sold()
    reminding.remind(at=END - 9 * DAY)
    mark = Mark.objects.get().moment
    reminding.remind(at=END - 7 * DAY)
    Mark.objects.update(moment=mark)
    assert reminding.remind(at=END - 6 * DAY) == 0
    assert steps() == [7]


def test_a_day_that_is_merely_tried_moves_no_mark():
    sold()
    reminding.remind(at=END - 40 * DAY)
    for days in (30, 14, 7, 3, 1):
        assert reminding.remind(at=END - days * DAY, is_now=False) == 1
        assert reminding.remind(at=END - (days + 2) * DAY, is_now=False) == 0
    assert Mark.objects.get().moment == END - 40 * DAY


def test_renewed_it_is_reminded_of_for_its_new_date():
    license = sold()
    reminding.remind(at=END - 7 * DAY)
    renewed = lifecycle.renew_license(
        license_id=license.pk, duration_months=12, at=END - 6 * DAY, origin=STAFF
    )
    notices.send_due(at=END - 6 * DAY)
    assert Notice.objects.get().state == "WITHDRAWN"
    assert not mail.outbox
    reminding.remind(at=END)
    reminding.remind(at=renewed.expiry_date - 7 * DAY)
    assert steps() == [7, 7]


OUT_OF_IT = {
    "held": {"hold_code": "STAFF", "status": "SUSPENDED"},
    "revoked": {"revoked_at": NOW, "status": "REVOKED"},
    "unpaid": {"pending_cause": "PAYMENT", "status": "PENDING"},
    "unapproved": {"pending_cause": "APPROVAL", "status": "PENDING"},
    "without end": {"expiry_date": None, "grace_ends_at": None},
}


@pytest.mark.parametrize("what", OUT_OF_IT)
def test_nobody_is_reminded_of_what_does_not_end_for_them(what):
    License.objects.filter(pk=sold().pk).update(**OUT_OF_IT[what])
    assert reminding.remind(at=END - 7 * DAY) == 0


@pytest.mark.parametrize("change", ["held", "revoked"])
def test_what_was_stopped_meanwhile_is_not_reminded_of(change):
    license = sold()
    reminding.remind(at=END - 7 * DAY)
    License.objects.filter(pk=license.pk).update(**OUT_OF_IT[change])
    notices.send_due(at=END - 7 * DAY)
    assert Notice.objects.get().state == "WITHDRAWN"


def test_a_short_licence_is_not_reminded_of_on_the_day_it_is_issued():
    sold(expiry_date=NOW + 10 * DAY)
    assert reminding.remind(at=NOW) == 0
    assert reminding.remind(at=NOW + 3 * DAY) == 1
    assert steps() == [7]


def test_the_customer_and_those_who_decide_are_told_and_nobody_twice():
    tenant = make_tenant()
    customer = make_customer(tenant, email="Ada@brenner.example")
    for role, email in (
        ("owner", "ada@brenner.example"),
        ("admin", "bo@brenner.example"),
        ("member", "cy@brenner.example"),
        ("viewer", "di@brenner.example"),
    ):
        make_member(tenant, role, email=email)
    make_member(tenant, "owner", email="gone@brenner.example", is_active=False)
    sold(customer=customer)
    assert reminding.remind(at=END - 7 * DAY) == 2
    notices.send_due(at=END - 7 * DAY)
    assert sorted(message.to[0] for message in mail.outbox) == [
        "ada@brenner.example",
        "bo@brenner.example",
    ]


@pytest.mark.parametrize("whose", ["tenant", "customer", "member"])
def test_who_muted_reminders_gets_none(whose):
    tenant = make_tenant()
    customer = make_customer(tenant)
    member = make_member(tenant).memberships.get()
    row = {"tenant": tenant, "customer": customer, "member": member}[whose]
    sold(customer=customer)
    reminding.remind(at=END - 7 * DAY)
    assert Notice.objects.count() == 2
    row.muted = ["reminders"]
    row.save()
    left = 0 if whose == "tenant" else 1
    # Neither what is to come, nor what waits.
    assert reminding.remind(at=END - 3 * DAY) == left
    Notice.objects.filter(dedup_key__contains=":7:").delete()
    row.muted = []
    row.save()
    reminding.remind(at=END - DAY)
    row.muted = ["reminders"]
    row.save()
    notices.send_due(at=END - DAY)
    assert len(mail.outbox) == left


def test_what_is_not_due_costs_nothing_and_many_cost_as_few_statements_as_one():
    def counted(at):
        with CaptureQueriesContext(connection) as queries:
            reminding.remind(at=at)
        return len(queries)

    customer = make_customer()
    sold(customer=customer)
    counted(END - 40 * DAY)
    idle, one = counted(END - 39 * DAY), counted(END - 30 * DAY)
    for _ in range(4):
        sold(customer=customer, expiry_date=END - DAY)
    counted(END - 20 * DAY)
    many = counted(END - 15 * DAY)
    assert Notice.objects.count() == 5
    assert idle <= 12
    assert many <= one


def test_each_step_is_found_in_the_index_of_expiry_dates():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A table of a few rows is read whole unless that is made dear.
            cursor.execute("SET LOCAL enable_seqscan = off")
    for _, _, licenses in reminding._due(END - 9 * DAY, END - 8 * DAY):
        assert "license_by_expiry" in licenses.order_by("expiry_date", "pk").explain()
