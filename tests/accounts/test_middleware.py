import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.staff import make_staff

pytestmark = pytest.mark.django_db
ENROL = "/accounts/2fa/totp/activate/"


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def test_staff_without_a_second_factor_are_sent_to_set_one_up():
    answer = browser(make_staff(superuser=True, totp=False)).get("/admin/")
    assert (answer.status_code, answer["Location"]) == (302, ENROL)
    assert reverse("mfa_activate_totp") == ENROL


def test_no_page_of_the_admin_is_reached_past_it():
    client = browser(make_staff(superuser=True, totp=False))
    for path in ("/admin/accounts/user/", "/admin/licenses/license/add/", "/admin/jsi18n/"):
        assert client.post(path)["Location"] == ENROL


def test_staff_with_a_second_factor_come_in():
    assert browser(make_staff(superuser=True)).get("/admin/").status_code == 200


def test_whoever_signs_out_is_not_held_back():
    client = browser(make_staff(superuser=True, totp=False))
    assert client.post("/admin/logout/").status_code == 200


def test_the_rest_of_the_portal_asks_nothing_of_staff():
    client = browser(make_staff(totp=False))
    assert client.get("/healthz").status_code == 200


def test_while_trying_things_out_nobody_needs_one(settings):
    settings.DEBUG = True
    assert browser(make_staff(superuser=True, totp=False)).get("/admin/").status_code == 200


def test_a_customer_is_sent_to_the_sign_in_of_everybody():
    answer = browser(User.objects.create_user("m@brenner.example", "x")).get("/admin/", follow=True)
    assert ENROL not in [hop for hop, _ in answer.redirect_chain]
    assert answer.status_code in (200, 403)


def test_the_admins_own_sign_in_is_that_of_the_portal():
    answer = Client().get("/admin/login/?next=/admin/")
    assert answer["Location"].startswith(reverse("account_login"))
