"""Signing in, the second factor and a forgotten password, through the pages themselves."""

import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests import factories

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
FAILURE = "Check the e-mail and the password."


@pytest.fixture
def member():
    return factories.make_member(factories.make_tenant())


def sign_in(client, email, password=factories.PASSWORD):
    return client.post(LOGIN, {"login": email, "password": password})


def code_for(secret):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def enrol(client):
    """Turn the second factor on through its page, and return its secret."""
    client.post(
        "/accounts/reauthenticate/?next=/accounts/2fa/totp/activate/",
        {"password": factories.PASSWORD},
    )
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    # On a busy machine the code would else be of the half minute before.
    with time_machine.travel(timezone.now(), tick=False):
        answer = client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    assert answer.status_code == 302, answer.content.decode()
    return secret, page.content.decode()


def test_a_member_signs_in_and_lands_in_the_organisation(member):
    response = sign_in(Client(), member.email)
    assert (response.status_code, response.url) == (302, "/")


def test_the_address_is_known_in_any_case(member):
    assert sign_in(Client(), member.email.upper()).status_code == 302


def test_a_failure_names_no_account(member):
    known = sign_in(Client(), member.email, "wrong password")
    unknown = sign_in(Client(), "nobody@brenner.example", "wrong password")
    pages = [re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in (known, unknown)]
    assert known.status_code == unknown.status_code == 200
    assert pages[0] == pages[1]
    assert FAILURE in pages[0]


def test_five_failures_pause_even_the_right_password(member):
    client = Client()
    for _ in range(5):
        assert FAILURE in sign_in(client, member.email, "wrong").content.decode()
    response = sign_in(client, member.email)
    assert response.status_code == 200
    assert "sign-in is paused" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_closed_account_does_not_open(member):
    User.objects.filter(pk=member.pk).update(is_active=False)
    client = Client()
    sign_in(client, member.email)
    assert "_auth_user_id" not in client.session


def test_nobody_is_sent_to_another_site_after_signing_in(member):
    response = Client().post(
        f"{LOGIN}?next=https://evil.example/",
        {"login": member.email, "password": factories.PASSWORD, "next": "//evil.example/"},
    )
    assert response.url == "/"


def test_nobody_signs_up():
    fields = {"email": "new@brenner.example", "password1": "x" * 20, "password2": "x" * 20}
    response = Client().post("/accounts/signup/", fields)
    assert "made by invitation" in response.content.decode()
    assert not User.objects.exists()


def test_nobody_adds_an_address_to_an_account(member):
    client = Client()
    client.force_login(member)
    response = client.post("/accounts/email/", {"email": "mine@evil.example", "action_add": ""})
    assert response.url == "/accounts/2fa/"


def test_a_forgotten_password_is_chosen_anew_by_a_link_that_works_once(member):
    member.set_unusable_password()
    member.save()
    client = Client()
    assert client.post("/accounts/password/reset/", {"email": member.email}).status_code == 302
    link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    chosen = {"password1": "a longer secret than that", "password2": "a longer secret than that"}
    client.post(form.redirect_chain[-1][0], chosen)
    assert sign_in(Client(), member.email, chosen["password1"]).status_code == 302
    assert "no longer works" in Client().get(link, follow=True).content.decode()


def test_a_stranger_who_forgot_is_answered_alike_and_gets_no_mail(member):
    known = Client().post("/accounts/password/reset/", {"email": member.email}, follow=True)
    sent = len(mail.outbox)
    unknown = Client().post("/accounts/password/reset/", {"email": "x@y.example"}, follow=True)
    assert known.content == unknown.content
    assert (sent, len(mail.outbox)) == (1, 1)
    assert "example.com" not in mail.outbox[0].body
    assert "Choose your password" in mail.outbox[0].subject


def test_who_has_a_second_factor_is_not_in_without_it(member):
    client = Client()
    client.force_login(member)
    secret, page = enrol(client)
    assert "<svg" in page
    assert "data:" not in page
    assert "style=" not in page
    fresh = Client()
    assert sign_in(fresh, member.email).url.startswith("/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in fresh.session
    wrong = fresh.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    assert "_auth_user_id" not in fresh.session
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert fresh.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert "_auth_user_id" in fresh.session
    assert secret not in str(Authenticator.objects.get(type="totp").data)


def test_recovery_codes_are_shown_after_asking_again(member):
    client = Client()
    client.force_login(member)
    enrol(client)
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    page = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert all(code in page for code in codes)
    stranger = Client()
    stranger.force_login(member)
    page = stranger.get("/accounts/2fa/recovery-codes/", follow=True).content.decode()
    assert not any(code in page for code in codes)


PAGES = [
    "login/",
    "logout/",
    "inactive/",
    "signup/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/done/",
    "password/reset/key/abc-def/",
    "password/change/",
    "password/set/",
    "confirm-email/",
    "confirm-email/abc/",
    "login/code/confirm/",
    "email/",
    "reauthenticate/",
    "2fa/",
    "2fa/totp/activate/",
    "2fa/totp/deactivate/",
    "2fa/recovery-codes/",
    "2fa/recovery-codes/generate/",
]


@pytest.mark.parametrize("who", ["stranger", "member", "with a second factor"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_about_accounts_wears_the_portals_look(page, who, member):
    client = Client()
    if who != "stranger":
        client.force_login(member)
    if who == "with a second factor":
        enrol(client)
    response = client.get(f"/accounts/{page}", follow=True)
    text = response.content.decode()
    assert response.status_code in (200, 404)
    assert "portal.css" in text
    assert not [word for word in ("style=", "<style", "<script", "data:") if word in text]
