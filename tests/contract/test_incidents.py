"""Reporting suspicious activity by every credential, and what can be read of it."""

import pytest

from compliance.models import Incident
from events.models import Event
from licenses import hot
from licenses.models import License
from tests import factories
from tests.contract.asking import on_device
from tests.contract.conftest import Caller
from tests.contract.test_access import signed_in
from tests.contract.test_errors import assert_told
from tests.contract.world import World
from tests.factories import DEVICE, make_tenant
from tests.staff import make_staff

pytestmark = pytest.mark.django_db

PATH = "/security/report-activity"
SAYS = {"activity_type": "API_ABUSE", "description": "A thousand calls a second."}


@pytest.fixture
def token(world):
    return factories.activate(world.key, "device-9").token


def test_a_key_a_token_and_an_api_key_each_report(vendor, world, token):
    Incident.objects.all().delete()
    by_key = on_device(PATH, license_key=world.key, **SAYS)
    by_token = on_device(PATH, activation_token=token, **SAYS)
    both = on_device(PATH, license_key=world.key, activation_token=token, **SAYS)
    by_api_key = vendor.post(PATH, SAYS, X_Tenant_ID=world.tenant.code)
    of_license = vendor.post(PATH, SAYS | {"license_id": str(world.license.pk)})

    answers = [by_key, by_token, both, by_api_key, of_license]
    assert [answer.status_code for answer in answers] == [201, 201, 200, 201, 201]
    ids = [answer.json()["data"]["incident_id"] for answer in answers]
    assert ids[1] == ids[2]
    assert len(set(ids)) == 4
    rows = {str(row.pk): row for row in Incident.objects.all()}
    told = [rows[pk] for pk in ids]
    assert [row.reporter_kind for row in told] == ["device"] * 3 + ["api_key"] * 2
    assert {row.tenant_id for row in told} == {world.tenant.pk}
    licenses = [row.license_id for row in told]
    assert licenses == [world.license.pk] * 3 + [None, world.license.pk]
    assert [bool(row.activation_id) for row in told] == [False, True, True, False, False]


def test_a_key_in_the_body_outranks_authorization(caller_with, world, token):
    stranger = caller_with("catalog:read", tenant=make_tenant())
    assert stranger.post(PATH, SAYS | {"license_key": world.key}).status_code == 201
    assert stranger.post(PATH, SAYS | {"activation_token": token}).status_code == 201
    bearer = Caller(token).post(PATH, SAYS)
    assert bearer.status_code == 200


def test_who_shows_nothing_or_not_enough_reports_nothing(caller_with, nobody, world):
    before = Incident.objects.count(), Event.objects.count()
    own = caller_with("compliance:write", tenant=make_tenant())
    refused = assert_told(caller_with("compliance:read").post(PATH, SAYS), 403, "SCOPE_REQUIRED")
    assert refused["error"]["details"] == {"scope": "compliance:write"}
    assert_told(nobody.post(PATH, SAYS), 401, "AUTHENTICATION_REQUIRED")
    assert_told(nobody.post(PATH, b"{"), 401, "AUTHENTICATION_REQUIRED")
    foreign = SAYS | {"license_id": str(world.license.pk)}
    assert_told(own.post(PATH, foreign), 404, "LICENSE_NOT_FOUND")
    assert_told(own.post(PATH, SAYS, X_Tenant_ID=world.tenant.code), 403, "TENANT_FORBIDDEN")
    assert_told(nobody("GET", PATH), 405, "METHOD_NOT_ALLOWED")
    assert (Incident.objects.count(), Event.objects.count() - 2) == before


def test_a_wrong_key_or_token_is_charged_as_a_guess(settings, world):
    settings.RATE_LIMIT_FAILURES = "2/min"
    key = "0000-0000-0000-0000-0000"
    wrong = [
        on_device(PATH, license_key=key, **SAYS),
        on_device(PATH, activation_token="act_x", **SAYS),
        on_device(PATH, license_key=key, **SAYS),
    ]
    for answer, told in zip(wrong, [
        (404, "LICENSE_NOT_FOUND"), (401, "INVALID_ACTIVATION_TOKEN"), (429, "RATE_LIMITED"),
    ], strict=True):  # fmt: skip
        assert_told(answer, *told)
    assert Incident.objects.count() == 1  # the world's own
    hot.store().clear()
    assert_told(on_device(PATH, license_key="???", **SAYS), 400, "INVALID_LICENSE_KEY_FORMAT")


@pytest.mark.parametrize(("field", "value"), [
    ("activity_type", "BOREDOM"),
    ("activity_type", None),
    ("description", ""),
    ("description", "x" * 2001),
    ("description", "a\0b"),
    ("description", 5),
    ("evidence", []),
    ("evidence", {"a": "x" * 17_000}),
    ("evidence", {"a": {"b": {"c": {"d": {"e": {}}}}}}),
])  # fmt: skip
def test_what_cannot_be_is_refused_at_both_doors(vendor, world, field, value):
    sent = SAYS | {field: value}
    told = assert_told(on_device(PATH, license_key=world.key, **sent), 400, "VALIDATION_ERROR")
    assert set(told["error"]["details"]) <= {field, "body"}
    told = assert_told(vendor.post(PATH, sent), 400, "VALIDATION_ERROR")
    assert set(told["error"]["details"]) <= {field, "body"}
    assert Incident.objects.count() == 1


def test_a_body_too_large_is_refused_at_both_doors(vendor, world):
    large = SAYS | {"license_key": world.key, "evidence": {"a": "x" * 70_000}}
    assert_told(on_device(PATH, **large), 413, "BODY_TOO_LARGE")
    huge = SAYS | {"evidence": {"a": "x" * 1_100_000}}
    assert_told(vendor.post(PATH, huge), 413, "BODY_TOO_LARGE")


def test_a_device_that_its_licence_left_behind_reports_nothing_of_it(vendor, world, token):
    other = make_tenant()
    sent = {
        "new_customer_id": str(factories.make_customer(other).pk), "new_issued_to": "Bo",
        "transfer_reason": "Sold", "deactivate_existing": True,
    }  # fmt: skip
    moved = vendor.post(f"/licenses/{world.license.pk}/transfer", sent)
    assert moved.status_code == 200, moved.content
    refused = on_device(PATH, activation_token=token, **SAYS)
    assert_told(refused, 403, "ACTIVATION_DEACTIVATED")
    assert Incident.objects.count() == 1


def test_staff_report_with_their_session(world):
    client = signed_in(make_staff("compliance:write"))
    path = "/api/licensing" + PATH
    told = client.post(path, SAYS, content_type="application/json")
    assert told.status_code == 201
    row = Incident.objects.get(pk=told.json()["data"]["incident_id"])
    assert (row.reporter_kind, row.tenant_id) == ("staff", None)
    strict = signed_in(make_staff("compliance:write"), enforce_csrf_checks=True)
    refused = strict.post(path, SAYS, content_type="application/json")
    assert_told(refused, 403, "PERMISSION_DENIED")


def test_an_incident_shows_all_that_is_known(vendor, world):
    shown = vendor.get(f"/security/incidents/{world.incident.pk}").json()["data"]
    at = shown["reported_at"]
    assert shown == {
        "id": str(world.incident.pk),
        "tenant_id": str(world.tenant.pk),
        "license_id": str(world.license.pk),
        "activity_type": "TAMPERING_ATTEMPT",
        "description": "The binary was patched.",
        "reported_by": {"kind": "device", "ip_address": DEVICE.ip_address},
        "reported_at": at,
        "report_count": 1,
        "last_reported_at": at,
        "status": "OPEN",
    }
    assert_told(vendor.get("/security/incidents/x"), 404, "INCIDENT_NOT_FOUND")


def test_the_list_is_narrowed_by_everything_that_it_is_asked_for(vendor, world):
    other = World.make(world.license.issued_date)
    vendor.post(f"/security/incidents/{other.incident.pk}/close", {"notes": "A new laptop."})
    abuse = vendor.post(PATH, SAYS).json()["data"]["incident_id"]

    def found(query):
        answer = vendor.get(f"/security/incidents?{query}")
        return [row["id"] for row in answer.json()["data"]]

    mine, theirs = str(world.incident.pk), str(other.incident.pk)
    assert found("") == [abuse, theirs, mine]
    assert found("status=CLOSED") == [theirs]
    assert found("status=OPEN") == [abuse, mine]
    assert found("activity_type=API_ABUSE") == [abuse]
    assert found(f"license_id={world.license.pk}") == [mine]
    assert found(f"tenant_id={other.tenant.code}") == [theirs]
    assert found("to=2020-01-01") == found("from=2999-01-01") == []
    assert found("search=patched") == [theirs, mine]
    assert_told(vendor.get("/security/incidents?status=x"), 400, "VALIDATION_ERROR")


def test_closing_twice_is_once(vendor, world):
    path = f"/security/incidents/{world.incident.pk}/close"
    first = vendor.post(path, {"notes": "A new laptop."}).json()["data"]
    assert (first["status"], first["notes"]) == ("CLOSED", "A new laptop.")
    second = vendor.post(path, {"notes": "Something else."})
    assert (second.status_code, second.json()["data"]) == (200, first)
    assert_told(vendor.post(path, {}), 400, "VALIDATION_ERROR")
    event = Event.objects.get(type="incident.closed")
    assert (event.license_id, event.reason) == (world.license.pk, "A new laptop.")


def test_nothing_of_the_licence_changes_by_a_report(world):
    before = License.objects.values().get(pk=world.license.pk)
    on_device(PATH, license_key=world.key, **SAYS)
    assert License.objects.values().get(pk=world.license.pk) == before
