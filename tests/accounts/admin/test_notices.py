"""What staff do about e-mails that did not arrive."""

import io
import sys
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from events.models import Event, Notice
from events.services import notices
from tests.clock import NOW
from tests.factories import make_customer, make_tenant
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


def owed(customer=None, *, state="FAILED", at=NOW, **fields):
    customer = customer or make_customer(email="ada@brenner.example")
    notice = notices.queue(
        kind="license_key",
        occasion=f"{state}{at}",
        recipient=fields.pop("recipient", customer.email),
        at=at,
        tenant_id=customer.tenant_id,
        customer_id=customer.pk,
    )
    Notice.objects.filter(pk=notice.pk).update(state=state, sent_at=NOW, **fields)
    return notice


def act(notice, name):
    return reverse(f"admin:events_notice_{name}", args=[notice.pk])


@pytest.fixture
def support():
    return signed_in(group="support")


@pytest.mark.parametrize(
    ("name", "before", "after", "event"),
    [
        ("repeat", "FAILED", "QUEUED", "notice.repeated"),
        ("bounced", "SENT", "BOUNCED", "notice.bounced"),
    ],
)
def test_an_act_is_asked_for_and_then_done(support, name, before, after, event):
    notice = owed(state=before)
    page = reverse("admin:events_notice_change", args=[notice.pk])
    shown = support.get(page).content.decode()
    assert act(notice, name) in shown
    assert f"(&#x27;{before}" not in shown
    assert "ada@brenner.example" in support.get(act(notice, name)).content.decode()
    notice.refresh_from_db()
    assert notice.state == before
    assert support.post(act(notice, name)).url == page
    notice.refresh_from_db()
    assert notice.state == after
    assert Event.objects.latest("sequence").type == event


def test_a_second_press_changes_nothing_and_says_so(support):
    notice = owed(state="SENT")
    answer = support.post(act(notice, "repeat"), follow=True)
    assert "Only e-mails that failed" in answer.content.decode()
    notice.refresh_from_db()
    assert notice.state == "SENT"


def test_who_only_reads_sees_no_button():
    notice = owed()
    reader = signed_in(group="read-only")
    page = reverse("admin:events_notice_change", args=[notice.pk])
    assert act(notice, "repeat") not in reader.get(page).content.decode()
    assert reader.post(act(notice, "repeat")).status_code == 403


FAILING = "E-mails do not reach this address"


@pytest.mark.parametrize(
    ("history", "shown"),
    [
        (["SENT"], False),
        (["FAILED"], True),
        (["SENT", "BOUNCED"], True),
        (["BOUNCED", "SENT"], False),
        (["BOUNCED", "QUEUED"], True),
    ],
)
def test_a_customers_page_says_that_their_address_fails(support, history, shown):
    customer = make_customer(email="ada@brenner.example")
    for number, state in enumerate(history):
        owed(customer, state=state, at=NOW + timedelta(minutes=number))
    page = reverse("admin:accounts_customer_change", args=[customer.pk])
    assert (FAILING in support.get(page).content.decode()) is shown
    customer.email = "ada.new@brenner.example"
    customer.save()
    assert FAILING not in support.get(page).content.decode()


def test_what_a_customer_or_a_tenant_wants_is_ticked_and_kept():
    sales = signed_in(group="sales")
    customer = make_customer(make_tenant(), name="Marta", email="marta@brenner.example")
    page = reverse("admin:accounts_customer_change", args=[customer.pk])
    form = {"name": "Marta", "email": customer.email, "active": "on", "muted": ["changes"]}
    assert sales.post(page, form).status_code == 302
    customer.refresh_from_db()
    assert customer.muted == ["changes"]
    assert sales.get(page).content.decode().count('name="muted"') == 2
    assert sales.post(page, form | {"muted": ["everything"]}).status_code == 200
    customer.refresh_from_db()
    assert customer.muted == ["changes"]


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("mark_bounced", *arguments, stdout=out, stderr=err)
    return out.getvalue().strip(), err.getvalue().strip()


def test_a_mail_servers_report_marks_what_it_quotes(monkeypatch):
    notice, waits = owed(state="SENT"), owed(state="QUEUED")
    report = f"""Subject: Undelivered Mail Returned to Sender

--b
Content-Type: text/rfc822-headers

Message-ID: <{notice.pk}.notice@tern-vale.example>
References: <{notice.pk}.notice@tern-vale.example> <{waits.pk}.notice@tern-vale.example>
Message-ID: <somebody@else.example>
"""
    monkeypatch.setattr(sys, "stdin", io.StringIO(report))
    assert run("-") == ("Marked as come back: 1.", f"{waits.pk}: NOTICE_NOT_SENT")
    states = dict(Notice.objects.values_list("pk", "state"))
    assert states == {notice.pk: "BOUNCED", waits.pk: "QUEUED"}


def test_an_id_is_taken_too_and_nonsense_is_refused():
    notice = owed(state="SENT")
    assert run(str(notice.pk)) == ("Marked as come back: 1.", "")
    assert run(str(notice.pk)) == ("Marked as come back: 1.", "")
    with pytest.raises(CommandError, match="no id"):
        run("ada@brenner.example")
    assert Event.objects.filter(type="notice.bounced").count() == 1
