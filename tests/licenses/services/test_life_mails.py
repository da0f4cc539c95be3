"""What the mails of a licence's life say: the truth of the moment, in the reader's language."""

import re
import shutil
import subprocess
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import translation
from django.utils.translation import trans_real

from accounts.services import telling
from events.models import Notice
from events.notifications import kinds
from events.services import notices
from licenses.services import life_mails, lifecycle, reminding
from tests import mail as post
from tests.clock import NOW
from tests.factories import STAFF, issue, make_customer, make_member

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
END = NOW + timedelta(days=365)
LIFE = sorted(
    name for name, kind in kinds.items() if kind.compose.__module__ == life_mails.__name__
)


def sold(tenant_fields=None, **terms):
    customer = make_customer(email="ada@brenner.example")
    for name, value in (tenant_fields or {}).items():
        setattr(customer.tenant, name, value)
    customer.tenant.save()
    return issue(tenant=customer.tenant, customer_id=customer.pk, **terms)


def act(name):
    def do(license):
        getattr(lifecycle, f"{name}_license")(
            license_id=license.pk, reason="It is late.", at=NOW, origin=STAFF
        )

    return do


def renew(license):
    lifecycle.renew_license(license_id=license.pk, duration_months=1, at=NOW, origin=STAFF)


def suspend_and_reinstate(license):
    act("suspend")(license)
    act("reinstate")(license)


WAYS = {
    "license_ends": (lambda license: reminding.remind(at=END - 14 * DAY), END - 14 * DAY, {}),
    "trial_ends": (
        lambda license: reminding.remind(at=END - 7 * DAY),
        END - 7 * DAY,
        {"license_type": "TRIAL", "trial_period_days": 365, "expiry_basis": "ISSUE"},
    ),
    "license_expired": (lambda license: lifecycle.catch_up(at=END), END, {}),
    "license_suspended": (act("suspend"), NOW, {}),
    "license_revoked": (act("revoke"), NOW, {}),
    "license_reinstated": (suspend_and_reinstate, NOW, {}),
    "license_renewed": (renew, NOW, {}),
}


def sent(kind, tenant_fields=None):
    """Let a licence come to that and return it with the mail that the customer got."""
    occasion, at, terms = WAYS[kind]
    issued = sold(tenant_fields, **terms)
    occasion(issued.license)
    telling.tell_of_events(at=at)
    notices.send_due(at=at)
    assert Notice.objects.get(state="SENT").kind == kind
    (message,) = mail.outbox
    return issued, message


def test_every_kind_has_its_way():
    assert sorted(WAYS) == LIFE


@pytest.mark.parametrize("kind", LIFE)
def test_it_says_what_it_is_about_in_both_forms_and_holds_no_key(kind):
    issued, message = sent(kind)
    html = message.alternatives[0].content
    for said in (message.body, html):
        assert issued.license.product_name in said
        assert f"…-{issued.license.key_hint}" in said
        assert "Brenner Ingenieure" in said
        assert issued.key not in said
        assert "{{" not in said
        assert "{%" not in said
    assert not re.search(r"<img|<script|<link|url\(", html)
    assert "  " not in message.subject


@pytest.mark.parametrize("kind", LIFE)
def test_what_nobody_has_to_receive_can_be_ended_in_one_click(kind):
    _, message = sent(kind)
    address = message.extra_headers.get("List-Unsubscribe", "")
    assert bool(kinds[kind].topic) is bool(address)
    if address:
        assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert address.strip("<>") in message.body
        assert address.strip("<>") in message.alternatives[0].content


ESSENTIAL = {"license_suspended", "license_revoked", "license_key", "emergency_code"}


def test_what_must_be_said_has_no_topic():
    assert {name for name, kind in kinds.items() if not kind.topic} >= ESSENTIAL


def test_a_reminder_says_how_long_and_what_comes_then():
    _, message = sent("license_ends")
    assert "14 days left" in message.body
    assert "does not renew by itself" in message.body
    assert "If it is not renewed" in message.body
    assert "Grace ends and the licence is suspended" in message.body


def test_a_suspension_says_why():
    _, message = sent("license_suspended")
    assert "The reason given: “It is late.”" in message.body


def test_text_is_not_escaped_and_html_is():
    customer = make_customer()
    license = issue(
        tenant=customer.tenant, customer_id=customer.pk, issued_to="Tern & <Vale>"
    ).license
    act("revoke")(license)
    telling.tell_of_events(at=NOW)
    notices.send_due(at=NOW)
    assert "Tern & <Vale>" in mail.outbox[0].body
    assert "Tern &amp; &lt;Vale&gt;" in mail.outbox[0].alternatives[0].content


def test_dates_are_those_of_the_tenants_zone():
    sold({"time_zone": "Pacific/Kiritimati"}, expiry_date=END + timedelta(hours=2))
    reminding.remind(at=END - timedelta(hours=22))
    notices.send_due(at=END - timedelta(hours=22))
    assert f"ends on {END + DAY:%-d %b %Y}" in mail.outbox[0].subject


def test_a_member_is_led_into_the_portal_and_a_customer_is_not():
    issued = sold()
    make_member(issued.license.tenant, email="bo@brenner.example")
    act("suspend")(issued.license)
    telling.tell_of_events(at=NOW)
    notices.send_due(at=NOW)
    by_reader = {message.to[0]: message.body for message in mail.outbox}
    page = f"/t/{issued.license.tenant.code}/licenses/{issued.license.pk}/"
    assert page in by_reader["bo@brenner.example"]
    assert page not in by_reader["ada@brenner.example"]


@pytest.fixture
def norwegian(settings, tmp_path):
    """A second language, made from a catalogue of two sentences."""
    folder = tmp_path / "nb" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
        'msgid "%(product)s is revoked"\nmsgstr "%(product)s er trukket tilbake"\n'
        'msgid "Last day"\nmsgstr "Siste dag"\n',
        encoding="utf-8",
    )
    msgfmt = shutil.which("msgfmt")
    subprocess.run([msgfmt, "-o", folder / "django.mo", folder / "django.po"], check=True)
    settings.LANGUAGES = [*settings.LANGUAGES, ("nb", "Norsk")]
    settings.LOCALE_PATHS = [tmp_path]
    trans_real._translations.clear()
    yield
    trans_real._translations.clear()
    translation.deactivate()


@pytest.mark.usefixtures("norwegian")
def test_it_speaks_the_tenants_language():
    issued, message = sent("license_revoked", {"language": "nb"})
    assert message.subject == f"{issued.license.product_name} er trukket tilbake"
    assert "Siste dag:" in message.body
    assert '<html lang="nb"' in message.alternatives[0].content


def test_a_server_gets_it_whole_with_its_way_out(settings):
    issued = sold()
    renew(issued.license)
    telling.tell_of_events(at=NOW)
    with post.server() as server:
        post.sent_through(settings, server.port)
        notices.send_due(at=NOW)
    taken = server.only
    assert taken["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert taken["List-Unsubscribe"].strip().startswith("<http")
    assert taken["Subject"] == f"{issued.license.product_name} is renewed"
    assert taken.get_body(("html",)) is not None
