"""What is changed behind the portal's back, by whoever has the database, is found."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from events import trail, vault
from events.models import Event
from licenses import keys
from licenses.models import Entitlement, License
from licenses.services import changing, keyring, lifecycle
from licenses.services.entitlements import FeatureGrant
from licenses.services.integrity import UNKNOWN_KEY, check_integrity
from tests.clock import NOW
from tests.engines import ENGINE
from tests.factories import STAFF, activate, issue, make_product
from tests.licenses.services.test_integrity import doing, found

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def behind_us(sql: str, *values: Any) -> None:
    """What somebody does who has the database and not the portal."""
    with connection.cursor() as cursor:
        if ENGINE == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        assert cursor.rowcount >= 1
        if ENGINE == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = origin")


LICENSE = "UPDATE licenses_license SET "
EVENTS = "UPDATE events_event SET "
FIRST_CHANGE = "sequence = (SELECT min(sequence) FROM events_event WHERE type = 'license.updated')"


def row(*fields: str) -> set[tuple[str, str]]:
    """The row says something else of these than the trail."""
    return {("ROW_NOT_AS_TOLD", name) for name in fields}


def broken(name: str) -> set[tuple[str, str]]:
    return {("TRAIL_BROKEN", name)}


HEARTBEAT = row("require_heartbeat")
STATUS = {("STATUS_IMPOSSIBLE", "status")}
HOLDS = {("HOLDS_DISAGREE", "hold_code")}
SEATS = {("SEATS_MISCOUNTED", "current_activations")}


def only(code: str) -> set[tuple[str, str]]:
    return {(code, "")}


TAMPERED: dict[str, tuple[str, tuple[Any, ...], set[tuple[str, str]]]] = {
    "more seats": (LICENSE + "max_activations = 900", (), row("max_activations")),
    "overage": (LICENSE + "overage = 'UNLIMITED'", (), row("overage")),
    "a later end": (
        LICENSE + "expiry_date = %s, grace_ends_at = %s",
        (NOW + 9000 * DAY, NOW + 9000 * DAY),
        row("expiry_date", "grace_ends_at"),
    ),
    "a longer grace": (LICENSE + "grace_period_days = 99", (), row("grace_period_days")),
    "maintenance": (LICENSE + "maintenance_expiry = %s", (NOW,), row("maintenance_expiry")),
    "another holder": (LICENSE + "issued_to = 'Fjord'", (), row("issued_to")),
    "another type": (LICENSE + "license_type = 'EVALUATION'", (), row("license_type")),
    "borrowing": (LICENSE + "max_borrow_days = 30", (), row("max_borrow_days")),
    "heartbeats": (LICENSE + "require_heartbeat = NOT require_heartbeat", (), HEARTBEAT),
    "a status": (LICENSE + "status = 'REVOKED'", (), STATUS | row("status")),
    "parked": (LICENSE + "parked = NOT parked", (), STATUS | row("parked")),
    "a hold without a row": (
        LICENSE + "hold_code = 'STAFF', status = 'SUSPENDED'",
        (),
        HOLDS | row("hold_code", "status"),
    ),
    "a counter": (LICENSE + "current_activations = 0", (), SEATS),
    "units": ("UPDATE licenses_activation SET units = 0", (), SEATS),
    "a digest": (LICENSE + "key_digest = %s", (b"x" * 32,), only("KEY_OF_ANOTHER")),
    "a sealed key": (LICENSE + "key_ciphertext = 'x'", (), only("KEY_UNREADABLE")),
    "a hint": (LICENSE + "key_hint = 'ZZZZ'", (), only("KEY_SHOWN_WRONGLY") | row("key_hint")),
    "a limit": ("UPDATE licenses_entitlement SET limit_value = 500", (), row("features")),
    "a feature": ("DELETE FROM licenses_entitlement", (), row("features")),
    "no restriction": ("DELETE FROM licenses_restriction", (), row("restrictions")),
    "an event taken out": (
        f"DELETE FROM events_event WHERE {FIRST_CHANGE}", (), broken("max_activations"),
    ),
    "the issue taken out": (
        "DELETE FROM events_event WHERE type = 'license.issued'", (), only("ISSUE_UNTOLD"),
    ),
    "the last event taken out": (
        "DELETE FROM events_event WHERE type = 'license.renewed'",
        (),
        row("expiry_date", "grace_ends_at"),
    ),
    "an event written anew": (
        EVENTS + """changes = '{"max_activations": {"before": 3, "after": 900}}' WHERE """
        + FIRST_CHANGE,
        (),
        broken("max_activations"),
    ),
    "a device that nobody let in": (
        "DELETE FROM events_event WHERE type = 'activation.created'", (), only("DEVICE_UNTOLD"),
    ),
}  # fmt: skip


def lived() -> License:
    """A licence with a device, a feature, a restriction and a history."""
    issued = issue(
        product=make_product("maps"),
        features=[FeatureGrant(feature_id="maps")],
        restrictions=[{"restriction_type": "DOMAIN", "operator": "DENY", "values": ["a.example"]}],
    )
    activate(issued.key)
    for seats in (5, 6):
        doing(changing.change_license, changes={"max_activations": seats})(issued.license)
    doing(lifecycle.renew_license, duration_months=1)(issued.license)
    return License.objects.get(pk=issued.license.pk)


@pytest.mark.parametrize("name", TAMPERED)
def test_what_is_changed_behind_us_is_found(name: str) -> None:
    sql, values, expected = TAMPERED[name]
    license = lived()
    assert found(license) == []
    behind_us(sql, *values)
    assert set(found(license)) == expected


def test_a_licence_that_was_revoked_stays_so() -> None:
    license = issue().license
    doing(lifecycle.revoke_license, reason="x")(license)
    behind_us(LICENSE + "revoked_at = NULL, status = 'ACTIVE'")
    assert set(found(license)) == {
        ("ROW_NOT_AS_TOLD", "revoked_at"), ("ROW_NOT_AS_TOLD", "status"),
    }  # fmt: skip
    trail.record(
        "license.reinstated",
        at=NOW,
        origin=STAFF,
        tenant_id=license.tenant_id,
        license_id=license.pk,
        changes={"status": ("REVOKED", "ACTIVE"), "revoked_at": (NOW, None)},
    )
    assert found(license) == [("TRAIL_AFTER_REVOCATION", "")]


def test_a_lifted_hold_and_the_key_of_another_are_found() -> None:
    license, other = issue().license, issue().license
    doing(lifecycle.suspend_license, reason="x")(license)
    behind_us("UPDATE licenses_hold SET lifted_at = %s", NOW)
    assert found(license) == [("HOLDS_DISAGREE", "hold_code")]
    License.objects.filter(pk=license.pk).update(key_ciphertext=other.key_ciphertext)
    assert ("KEY_OF_ANOTHER", "") in found(license)


@pytest.mark.parametrize("scheme", ["STAMPED", "SIGNED", "TOKEN"])
def test_a_key_that_was_not_made_here_is_found_though_it_was_put_in_with_every_secret(
    scheme: str,
) -> None:
    product = make_product(key_scheme=scheme)
    license = issue(product=product).license
    key = vault.decrypt(license.key_ciphertext)
    if scheme != "STAMPED":
        license.product.key_signing_keys.update(public_key=bytes(range(32)))
    else:
        forged = key[:-5] + ("0" if key[-5] != "0" else "1") + key[-4:]
        assert keys.parse(forged) == forged
        keyring.keep(license, forged)
        license.save()
    assert found(license) == [("KEY_NOT_GENUINE", "")]


def test_nothing_is_written_and_an_unknown_licence_is_said_to_be_one() -> None:
    license = lived()
    before = [License.objects.values().get(), Event.objects.count(), Entitlement.objects.count()]
    found(license, at=NOW + 4000 * DAY)
    assert before == [
        License.objects.values().get(), Event.objects.count(), Entitlement.objects.count(),
    ]  # fmt: skip
    assert check_integrity(license_id=license.tenant_id, at=NOW) == UNKNOWN_KEY
