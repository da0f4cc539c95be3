"""What every answer tells a browser, whichever door gave it."""

import json
import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.services.api_keys import create_api_key
from events.services import notices
from licenses.services import delivery
from tests import factories
from tests.staff import signed_in

STRICT = {
    "default-src 'self'", "base-uri 'self'", "form-action 'self'", "frame-ancestors 'none'",
    "object-src 'none'",
}  # fmt: skip
# Of every answer; a page of ours has the second ones besides.
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
OF_PAGES = {
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@pytest.fixture
def portal(world):
    """Every kind of answer, by name, each from the door and for the caller that it is for."""
    member = Client()
    member.force_login(factories.make_member(world.tenant))
    member.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    staff = signed_in(superuser=True)
    stranger = Client(raise_request_exception=False)
    bearer = {"Authorization": f"Bearer {_api_key()}"}
    home = f"/t/{world.tenant.code}/"
    license = f"licenses/{world.license.pk}/"
    device = {"license_key": world.key, "device_fingerprint": "device-9"}
    api = "/api/licensing"
    return {
        "overview": lambda: member.get(home),
        "licence": lambda: member.get(home + license),
        "key": lambda: member.get(f"{home}{license}key/"),
        "key shown": lambda: member.post(f"{home}{license}key/"),
        "foreign tenant": lambda: member.get("/t/NOBODY/"),
        "choice of tenants": lambda: member.get("/t/"),
        "entrance": lambda: member.get("/"),
        "second factor": lambda: member.get("/accounts/2fa/"),
        "sign-in": lambda: stranger.get("/accounts/login/"),
        "password lost": lambda: stranger.get("/accounts/password/reset/"),
        "key link": lambda: stranger.get(_key_link(world)),
        "nowhere": lambda: stranger.get("/nowhere/"),
        "admin": lambda: staff.get("/admin/"),
        "admin's list": lambda: staff.get("/admin/licenses/license/"),
        "admin's licence": lambda: staff.get(f"/admin/licenses/license/{world.license.pk}/change/"),
        "admin, to strangers": lambda: stranger.get("/admin/"),
        "API, list": lambda: stranger.get(f"{api}/licenses", headers=bearer),
        "API, key": lambda: stranger.get(f"{api}/licenses/by-key/{world.key}", headers=bearer),
        "API, refused": lambda: stranger.get(f"{api}/licenses"),
        "API, nowhere": lambda: stranger.get(f"{api}/nowhere"),
        "API, its page": lambda: stranger.get(f"{api}/docs/"),
        "device": lambda: _post(stranger, f"{api}/activations", device),
        "device, refused": lambda: _post(stranger, f"{api}/activations", {}),
        "alive": lambda: stranger.get("/healthz"),
        "ready": lambda: stranger.get("/readyz"),
    }


def _api_key():
    return create_api_key(
        name="headers", scopes=["*"], tenant=None, at=timezone.now(), origin=factories.STAFF
    )[1]


def _key_link(world):
    notice = delivery.deliver_key(
        license_id=world.license.pk, email="ada@brenner.example", at=timezone.now(),
        origin=factories.STAFF,
    )  # fmt: skip
    notices.send(notice_id=notice.pk, at=timezone.now())
    return re.search(r"/k/[^/]+/", mail.outbox[-1].body)[0]


def _post(client, path, body):
    return client.post(path, json.dumps(body), content_type="application/json")


def faults_of(kind, response):
    """What an answer lacks of what its kind must tell."""
    wanted = dict(ALWAYS)
    by_device = kind.startswith("device")
    if not by_device:
        wanted |= OF_PAGES
    if kind == "key link":
        wanted["Referrer-Policy"] = "strict-origin"
    found = [
        f"{name}: {response.headers.get(name)!r}"
        for name, value in wanted.items()
        if response.headers.get(name) != value
    ]
    if "no-store" not in response.headers.get("Cache-Control", ""):
        found.append("may be kept")
    policy = set(response.headers.get("Content-Security-Policy", "").split("; "))
    loose = kind.startswith("admin") or kind == "API, its page"
    if not by_device and not (policy > STRICT if loose else policy == STRICT):
        # The admin's own policy adds to the strict one and takes nothing from it.
        found.append(f"policy: {sorted(policy)}")
    if "Server" in response.headers or "X-Powered-By" in response.headers:
        found.append("names the software")
    return found


def test_every_kind_of_answer_tells_browsers_what_they_may_not(portal):
    answers = {kind: ask() for kind, ask in portal.items()}
    expected = {
        "foreign tenant": 404, "nowhere": 404, "API, refused": 401, "API, nowhere": 404,
        "device": 201, "device, refused": 400, "entrance": 302, "admin, to strangers": 302,
    }  # fmt: skip
    statuses = {kind: answer.status_code for kind, answer in answers.items()}
    assert statuses == {kind: expected.get(kind, 200) for kind in portal}
    told = {kind: faults_of(kind, answer) for kind, answer in answers.items()}
    assert {kind: faults for kind, faults in told.items() if faults} == {}


def test_over_https_answers_bind_browsers_to_it(db, settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    settings.SECURE_HSTS_PRELOAD = True
    client = Client()
    for path in ("/healthz", "/accounts/login/", "/api/licensing/nowhere"):
        told = client.get(path, secure=True)["Strict-Transport-Security"]
        assert told == "max-age=31536000; includeSubDomains; preload"
    assert "Strict-Transport-Security" not in client.get("/healthz")


def test_cookies_are_for_this_site_and_not_for_scripts(db, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    person = factories.make_member(factories.make_tenant())
    client = Client()
    client.get("/accounts/login/")
    sent = {"login": person.email, "password": factories.PASSWORD}
    cookies = client.post("/accounts/login/", sent).cookies
    assert cookies["sessionid"]["httponly"]
    for name in ("sessionid", "csrftoken"):
        assert cookies[name]["secure"]
        assert cookies[name]["samesite"] == "Lax"
