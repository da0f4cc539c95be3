"""Who gets which e-mails: chosen on a page of the portal, or by the link at a mail's foot."""

import pytest
import time_machine
from django.test import Client

from accounts.selectors.choices import unsubscribe_address
from accounts.services import choices
from events.models import Event, Notice
from events.refusals import Refusal
from tests.clock import NOW
from tests.factories import STAFF, make_customer, make_member, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now():
    with time_machine.travel(NOW, tick=False):
        yield


def inside(tenant, role="owner"):
    user = make_member(tenant, role)
    client = Client()
    client.force_login(user)
    return client, user.memberships.get()


def url(tenant):
    return f"/t/{tenant.code}/e-mails/"


def test_a_member_chooses_for_themselves():
    tenant = make_tenant()
    client, member = inside(tenant)
    page = client.get(url(tenant)).content.decode()
    assert page.count("checked") == 4
    answer = client.post(url(tenant), {"wanted": ["reminders"]})
    assert answer.status_code == 302
    member.refresh_from_db()
    tenant.refresh_from_db()
    assert (member.muted, tenant.muted) == (["changes"], [])
    assert Event.objects.get(type="member.mails_chosen").changes["muted"]["after"] == ["changes"]
    assert client.get(url(tenant)).content.decode().count("checked") == 3


def test_an_owner_chooses_for_everybody_also_where_a_reseller_sold():
    tenant = make_tenant(sold_by=make_tenant(is_reseller=True))
    client, member = inside(tenant)
    assert client.post(url(tenant), {"organisation": "1"}).status_code == 302
    member.refresh_from_db()
    tenant.refresh_from_db()
    assert (member.muted, tenant.muted) == ([], ["changes", "reminders"])
    assert Event.objects.filter(type="tenant.updated", tenant=tenant).count() == 1


def test_the_same_choice_again_is_no_event():
    tenant = make_tenant()
    client, _ = inside(tenant)
    for _ in range(2):
        client.post(url(tenant), {"wanted": ["reminders"]})
    assert Event.objects.filter(type="member.mails_chosen").count() == 1


def test_what_is_no_topic_changes_nothing():
    tenant = make_tenant()
    client, member = inside(tenant)
    assert client.post(url(tenant), {"wanted": ["everything"]}).status_code == 400
    with pytest.raises(Refusal) as refused:
        choices.choose_own_mails(
            membership_id=member.pk, muted=["everything"], at=NOW, origin=STAFF
        )
    assert refused.value.code == "VALIDATION_ERROR"
    member.refresh_from_db()
    assert member.muted == []
    assert not Event.objects.filter(type="member.mails_chosen").exists()


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_who_gets_no_mails_has_no_choice(role):
    tenant = make_tenant()
    client, member = inside(tenant, role)
    assert client.get(url(tenant)).status_code == 403
    assert client.post(url(tenant), {}).status_code == 403
    member.refresh_from_db()
    assert member.muted == []


def test_another_organisations_page_does_not_exist():
    client, _ = inside(make_tenant())
    other = make_tenant()
    assert client.post(url(other), {"organisation": "1"}).status_code == 404
    other.refresh_from_db()
    assert other.muted == []


def link_for(row, topic="reminders"):
    """The path of the link that a mail to them would carry."""
    named = "customer_id" if hasattr(row, "company") else "membership_id"
    address = unsubscribe_address(Notice(**{named: row.pk}), topic)
    return "/u/" + address.partition("/u/")[2]


@pytest.fixture(params=["customer", "member"])
def row(request):
    tenant = make_tenant()
    if request.param == "customer":
        return make_customer(tenant)
    return make_member(tenant).memberships.get()


def test_opening_the_link_ends_nothing(row, client):
    for method in ("get", "head"):
        assert getattr(client, method)(link_for(row)).status_code == 200
    row.refresh_from_db()
    assert row.muted == []


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "One-Click"}])
def test_one_click_ends_them_without_sign_in_or_cookie(row, body):
    client = Client(enforce_csrf_checks=True)
    for _ in range(2):
        assert client.post(link_for(row), body).status_code == 200
    row.refresh_from_db()
    assert row.muted == ["reminders"]
    events = Event.objects.filter(type__in=["customer.updated", "member.mails_chosen"])
    assert events.get().actor_kind == "link"


def test_it_ends_one_topic_only(row, client):
    row.muted = ["changes"]
    row.save()
    client.post(link_for(row))
    row.refresh_from_db()
    assert row.muted == ["changes", "reminders"]


@pytest.mark.parametrize("spoil", ["", "x", "{}x", "x{}", "{}:{}"])
def test_a_link_that_is_not_ours_ends_nothing(row, client, spoil):
    token = link_for(row).split("/")[2]
    path = f"/u/{spoil.format(token, token) or 'A' * 300}/"
    for method in ("get", "post"):
        assert getattr(client, method)(path).status_code == 404
    row.refresh_from_db()
    assert row.muted == []


def test_who_is_gone_is_told_the_same(client):
    member = make_member(make_tenant()).memberships.get()
    path = link_for(member)
    member.delete()
    assert client.post(path).status_code == 200


def test_the_page_is_kept_nowhere_and_told_to_nobody(row, client):
    answer = client.get(link_for(row))
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]


def test_no_topic_no_link():
    assert unsubscribe_address(Notice(), "") == ""
