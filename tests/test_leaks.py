"""
What listens through the whole suite does hear.

The thirtieth attack on offline trust, secrets in logs, tracebacks, admin history and exports, is
tried here and by every other test.
"""

import json
import logging
from io import StringIO
from uuid import uuid4

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client, RequestFactory

from accounts.services.api_keys import create_api_key
from events import trail
from events.models import Event
from licenses.services import delivery, emergency, keyring
from licenses.services.key_links import make_link
from licensing_portal.middleware import RequestId
from tests import leaks
from tests.clock import NOW
from tests.contract.conftest import Caller
from tests.factories import STAFF, activate, issue, make_product, make_tenant
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
SCHEMES = ("GROUPED", "STAMPED", "SIGNED", "TOKEN", "OPAQUE")
log = logging.getLogger("tests.leaks")


def issued_by(scheme, **terms):
    """A licence with a key of that scheme; opaque ones come from other systems."""
    opaque = scheme == "OPAQUE"
    product = make_product(key_scheme="GROUPED" if opaque else scheme)
    issued = issue(product=product, **terms)
    if not opaque:
        return issued
    license, key = issued.license, f"elsewhere-{uuid4()}"
    license.key_scheme = scheme
    keyring.keep(license, key)
    license.save()
    return keyring.Issued(license, key)


def api_key(*scopes):
    _, plain = create_api_key(name="loud", scopes=scopes or ["*"], at=NOW, origin=STAFF)
    return plain


def link():
    issued = issue()
    notice = delivery.deliver_key(
        license_id=issued.license.pk, email="ada@brenner.example", at=NOW, origin=STAFF
    )
    return make_link(issued.license, notice, at=NOW)


def replace_token():
    issued = issue(max_activations=1, self_service="REPLACE")
    activate(issued.key, "device-1")
    told = Caller().post(
        "/activations", {"license_key": issued.key, "device_fingerprint": "device-2"}
    )
    return told.json()["error"]["details"]["devices"][0]["replace_token"]


def emergency_code(form):
    code = emergency.issue_code(license_id=issue().license.pk, reason="x", at=NOW, origin=STAFF)
    return getattr(code, form)


SECRETS = {
    **{f"{scheme} key": lambda scheme=scheme: issued_by(scheme).key for scheme in SCHEMES},
    "activation token": lambda: activate(issue().key).token,
    "API key": api_key,
    "link": link,
    "replace token": replace_token,
    "signed emergency code": lambda: emergency_code("signed"),
    "typed emergency code": lambda: emergency_code("typed"),
}


def crash(secret):
    try:
        raise RuntimeError(f"no such row: {secret}")
    except RuntimeError:
        log.exception("It failed")


WAYS = {
    "the log of": lambda secret: log.error("Looked for %s.", secret),
    "the log of tests": lambda secret: log.error("Looked", extra={"for": [secret]}),
    "the log of tests.leaks": crash,
    "the database: INSERT INTO \"django_admin_log\"": lambda secret: LogEntry.objects.create(
        user_id=signed_in(superuser=True).session["_auth_user_id"], action_flag=CHANGE,
        object_repr="a licence", change_message=json.dumps([{"changed": secret}]),
    ),
    "the database: INSERT INTO \"events_event\"": lambda secret: trail.record(
        "license.updated", at=NOW, origin=STAFF, changes={"notes": (None, f"was {secret}.")}
    ),
    "refusal 404": lambda secret: RequestId(
        lambda _request: HttpResponse(f"<p>No {secret}</p>", status=404)
    )(RequestFactory().get("/")),
}  # fmt: skip


@pytest.mark.parametrize("where", WAYS)
@pytest.mark.parametrize("what", SECRETS)
def test_a_secret_that_is_told_is_heard(what, where):
    secret = SECRETS[what]()
    with leaks.expected() as heard:
        WAYS[where](secret)
    assert any(f" in {where}" in line for line in heard), heard


def test_what_is_no_secret_is_not_heard():
    with leaks.expected() as heard:
        log.error("Looked for %s", "ABCD-EFGH-JKMN-PQRS-TVWX")
        log.error("Licence %s", issue().license.pk)
    assert heard == []


def test_attack_30_no_secret_stands_in_the_log_the_trail_admin_history_or_exports():
    """Each secret is made, used and asked for in wrong ways; then everything written is read."""
    tenant = make_tenant()
    issued = [issued_by(scheme, tenant=tenant) for scheme in SCHEMES]
    held = [activate(each.key).token for each in issued]
    bearer = api_key()
    staff, vendor = signed_in(superuser=True), Caller(bearer)
    with leaks.expected() as heard:
        for each, token in zip(issued, held, strict=True):
            wrong = {"license_key": each.key, "activation_token": token, "device_fingerprint": "0"}
            for path in ("activations", "activations/heartbeat", "validate", "usage/consume"):
                Caller().post(f"/{path}", wrong)
            vendor.put(f"/licenses/{each.license.pk}", {"license_key": each.key, "status": "NO"})
            vendor.get(f"/licenses?search={each.key}&sort=no")
            vendor.get(f"/nowhere/{each.key}")
            staff.get("/admin/licenses/license/", {"q": each.key})
            Client().get(f"/k/{token}/")
            Caller(each.key).get("/licenses")
        files = [vendor.get(f"/licenses/export?format={form}") for form in ("csv", "json")]
        written = StringIO()
        call_command("export_licenses", stdout=written)
    assert heard == []
    exported = written.getvalue() + "".join(file.getvalue().decode() for file in files)
    assert str(issued[0].license.pk) in exported
    kept = json.dumps([list(Event.objects.values()), list(LogEntry.objects.values())], default=str)
    for secret in (bearer, *held, *(each.key for each in issued)):
        assert secret not in exported
        assert secret not in kept
