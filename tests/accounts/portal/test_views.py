import pytest
from django.test import Client

from accounts.models import Membership, User
from tests import factories

pytestmark = pytest.mark.django_db


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_a_stranger_is_asked_to_sign_in():
    assert Client().get("/").url == "/accounts/login/?next=/"
    assert Client().get("/t/").url == "/accounts/login/?next=/t/"


def test_a_member_of_one_organisation_lands_in_it():
    tenant = factories.make_tenant()
    assert signed_in(factories.make_member(tenant)).get("/").url == f"/t/{tenant.code}/"


def test_a_member_of_several_chooses():
    here, there = factories.make_tenant(name="Here"), factories.make_tenant(name="There")
    elsewhere = factories.make_tenant(name="Elsewhere")
    user = factories.make_member(here)
    Membership.objects.create(user=user, tenant=there, role="viewer")
    client = signed_in(user)
    assert client.get("/").url == "/t/"
    page = client.get("/t/").content.decode()
    assert f"/t/{here.code}/" in page
    assert f"/t/{there.code}/" in page
    assert elsewhere.name not in page


def test_a_closed_organisation_is_no_choice():
    open_one, closed = factories.make_tenant(), factories.make_tenant(active=False)
    user = factories.make_member(open_one)
    Membership.objects.create(user=user, tenant=closed, role="owner")
    assert signed_in(user).get("/").url == f"/t/{open_one.code}/"


def test_staff_who_belong_to_no_organisation_go_to_the_admin():
    user = User.objects.create_superuser("staff@tern-vale.example", factories.PASSWORD)
    assert signed_in(user).get("/").url == "/admin/"


def test_a_person_without_an_organisation_is_told_so():
    user = User.objects.create_user("alone@brenner.example", factories.PASSWORD)
    page = signed_in(user).get("/", follow=True).content.decode()
    assert "No organisation yet" in page
