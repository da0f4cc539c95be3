"""The page behind the link in an e-mail: it asks first, shows once, and tells strangers nothing."""

import logging
import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from events import trail
from events.models import Event
from events.services import notices
from licenses.services import delivery, lifecycle
from tests.clock import NOW
from tests.factories import STAFF, issue

pytestmark = pytest.mark.django_db
UNKNOWN = "/k/" + "A" * 43 + "/"


@pytest.fixture
def issued():
    return issue()


@pytest.fixture
def url(issued):
    notice = delivery.deliver_key(
        license_id=issued.license.pk, email="ada@brenner.example", at=NOW, origin=STAFF
    )
    notices.send(notice_id=notice.pk, at=NOW)
    return re.search(r"/k/[^/]+/", mail.outbox[-1].body)[0]


def shown():
    return Event.objects.filter(type="license.key_revealed")


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_page_uses_nothing_up(method, url, issued, client):
    for _ in range(3):
        response = getattr(client, method)(url)
        assert response.status_code == 200
        assert issued.key not in response.content.decode()
    assert not shown().exists()
    assert issued.key in client.post(url).content.decode()


def test_the_button_shows_the_key_once_and_the_trail_tells(url, issued, client):
    assert issued.key in client.post(url, REMOTE_ADDR="192.0.2.44").content.decode()
    again = client.post(url)
    assert again.status_code == 410
    assert issued.key not in again.content.decode()
    event = shown().get()
    assert event.actor_kind == "link"
    opened = trail.unsealed(event, trail.salts_of([event]))
    assert (opened["actor_label"], opened["ip_address"]) == ("ada@brenner.example", "192.0.2.44")


def test_a_form_of_another_page_shows_nothing(url, issued, caplog):
    strict = Client(enforce_csrf_checks=True)
    with caplog.at_level(logging.DEBUG):
        assert strict.post(url).status_code == 403
    assert not shown().exists()
    page = strict.get(url).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    with caplog.at_level(logging.DEBUG):
        answered = strict.post(url, {"csrfmiddlewaretoken": token})
    assert issued.key in answered.content.decode()


def test_used_and_run_out_and_unknown_look_alike(url, issued, client):
    client.post(url)
    used = client.get(url)
    with time_machine.travel(NOW + timedelta(days=8), tick=False):
        run_out = client.get(url)
    unknown = client.get(UNKNOWN)
    assert (used.status_code, run_out.status_code, unknown.status_code) == (410, 410, 404)
    words = {response.content for response in (used, run_out, unknown)}
    assert len(words) == 1
    assert "we send a new link" in used.content.decode()
    assert issued.license.product_name not in used.content.decode()


def test_the_link_of_a_revoked_licence_shows_nothing(url, issued, client):
    lifecycle.revoke_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    assert client.get(url).status_code == 410
    assert client.post(url).status_code == 410
    assert not shown().exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_answer_is_kept_or_indexed_or_told_elsewhere(method, url, client):
    for address in (url, UNKNOWN):
        response = getattr(client, method)(address)
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "strict-origin"
        assert "noindex" in response["X-Robots-Tag"]
        assert "default-src 'self'" in response["Content-Security-Policy"]
        assert "unsafe-inline" not in response["Content-Security-Policy"]


def test_guessing_is_slowed_and_a_good_link_is_not(url, issued, client):
    answers = [client.post(f"/k/{number}{'A' * 40}/") for number in range(21)]
    assert [answer.status_code for answer in answers] == [404] * 20 + [429]
    assert int(answers[-1]["Retry-After"]) >= 1
    assert issued.key in client.post(url).content.decode()


@pytest.mark.parametrize("junk", ["x", "%00", "a" * 5000, "%ED%A0%80", "é"])
def test_junk_is_as_unknown_as_any(junk, client, db):
    assert client.get(f"/k/{junk}/").status_code == 404


@pytest.mark.parametrize("method", ["put", "delete", "options", "patch"])
def test_other_methods_are_not_taken(method, url, client):
    assert getattr(client, method)(url).status_code == 405


def test_no_log_line_holds_the_token(url, caplog):
    token = url.split("/")[2]
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    with caplog.at_level(logging.DEBUG):
        client.get(url)
        client.get(url.rstrip("/"))
        client.post(url)
        client.put(url)
        client.get(UNKNOWN)
    lines = [
        record.getMessage() for record in caplog.records if not record.name.startswith("django.db")
    ]
    assert any("key-link" in line for line in lines)
    assert not [line for line in lines if token in line]
