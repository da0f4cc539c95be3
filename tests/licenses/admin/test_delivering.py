"""Staff deliver by e-mail, and see what became of it."""

import pytest
from django.core import mail
from django.urls import reverse

from events.models import Notice
from events.services import notices
from licenses.services import delivery
from tests.clock import NOW
from tests.factories import STAFF, issue, make_customer, make_template
from tests.licenses.admin.test_issuing import ask
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def license():
    customer = make_customer(email="vik@brenner.example")
    return issue(tenant=customer.tenant, customer_id=customer.pk).license


def act(license):
    return reverse("admin:licenses_license_deliver", args=[license.pk])


def story(client, license):
    page = client.get(reverse("admin:licenses_license_change", args=[license.pk]))
    return page.content.decode()


def test_the_form_begins_with_the_customers_address(license):
    page = signed_in("licenses:reveal").get(act(license)).content.decode()
    assert 'value="vik@brenner.example"' in page


def test_a_delivery_is_owed_and_told_on_the_page(license, django_capture_on_commit_callbacks):
    client = signed_in("licenses:reveal", "licenses:read", "events:read")
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(act(license), {"email": "bo@brenner.example"}, follow=True)
    assert "on its way" in answer.content.decode()
    assert mail.outbox[0].to == ["bo@brenner.example"]
    page = story(client, license)
    assert "bo@brenner.example" in page
    assert "Sent" in page
    assert "bo@brenner.example" not in story(signed_in("licenses:read"), license)


def test_an_opened_link_and_an_unclear_mail_are_told(license):
    client = signed_in("licenses:read", "events:read")
    notice = delivery.deliver_key(
        license_id=license.pk, email="bo@brenner.example", at=NOW, origin=STAFF
    )
    notices.send(notice_id=notice.pk, at=NOW)
    link = license.key_links.get()
    delivery.open_link(link_id=link.pk, at=NOW, origin=STAFF)
    assert "key shown" in story(client, license)
    Notice.objects.update(state="SENDING", last_error="SMTPServerDisconnected")
    assert "never answered" in story(client, license)


def test_what_is_refused_comes_back_in_words(license):
    client = signed_in("licenses:reveal")
    for number in range(delivery.MOST_A_DAY):
        delivery.deliver_key(
            license_id=license.pk, email=f"b{number}@x.example", at=NOW, origin=STAFF
        )
    answer = client.post(act(license), {"email": "bo@brenner.example"})
    assert "ten times" in answer.content.decode()
    assert Notice.objects.count() == delivery.MOST_A_DAY


def test_issuing_may_send_the_key_along():
    customer, template = make_customer(), make_template()
    client = signed_in("licenses:write", "licenses:read")
    ask(client, template=template.pk, customer=customer.pk, deliver_to="nonsense")
    assert not Notice.objects.exists()
    ask(client, template=template.pk, customer=customer.pk, deliver_to=customer.email)
    assert Notice.objects.get().state == "QUEUED"


def test_the_list_of_mails_shows_what_a_person_should_look_at(license):
    client = signed_in("events:read", "licenses:read")
    delivery.deliver_key(license_id=license.pk, email="bo@brenner.example", at=NOW, origin=STAFF)
    listed = reverse("admin:events_notice_changelist")
    assert "bo@brenner.example" in client.get(listed).content.decode()
    assert "bo@brenner.example" not in client.get(f"{listed}?state=TROUBLE").content.decode()
    assert "E-mails to look at" not in client.get("/admin/").content.decode()
    Notice.objects.update(state="FAILED")
    assert "bo@brenner.example" in client.get(f"{listed}?state=TROUBLE").content.decode()
    assert "E-mails to look at" in client.get("/admin/").content.decode()
    found = client.get(f"{listed}?q={license.pk}").content.decode()
    assert "bo@brenner.example" in found
    assert "bo@brenner.example" not in client.get(f"{listed}?q=nobody").content.decode()
