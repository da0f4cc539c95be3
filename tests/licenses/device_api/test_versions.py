"""Versions: what came out before maintenance ended may run, whatever else has come out since."""

from datetime import timedelta

import pytest

from events.models import Event
from licenses.models import Activation
from licenses.services import lifecycle, reaping
from licenses.services.releases import change_release
from tests.clock import NOW
from tests.factories import STAFF, activate, issue, make_product, release

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ENDED = NOW - 30 * DAY


@pytest.fixture
def product():
    made = make_product()
    release(made, "4.2", ENDED - DAY)
    release(made, "5.0", ENDED + DAY)
    return made


@pytest.fixture
def issued(product):
    """A licence for ever, whose maintenance has ended."""
    return issue(
        product=product,
        license_type="PERPETUAL",
        maintenance_expiry=ENDED,
        at=NOW - 400 * DAY,
    )


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("4.2", "VALID"),
        (" 4.2 ", "VALID"),
        ("5.0", "VERSION_NOT_COVERED"),
        ("4.2.9", "VERSION_NOT_COVERED"),
        ("4" * 5000, "VERSION_NOT_COVERED"),
        ("ä:/\n", "VERSION_NOT_COVERED"),
        ("", "VALID"),
        ("  ", "VALID"),
    ],
)
def test_a_key_is_asked_about_a_version(call, issued, version, code) -> None:
    data = call("validate", {"license_key": issued.key, "product_version": version}).json()["data"]

    assert (data["code"], data["valid"]) == (code, code == "VALID")
    assert data["next_action"] == ("none" if code == "VALID" else "renew")
    told = [check for check in data["checks"] if check["name"] == "version"]
    assert [check["passed"] for check in told] == ([code == "VALID"] if version.strip() else [])


def test_what_is_said_about_a_version_names_both_dates(call, issued) -> None:
    body = {"license_key": issued.key, "product_version": "5.0"}

    (check,) = [
        check
        for check in call("validate", body).json()["data"]["checks"]
        if check["name"] == "version"
    ]

    assert check == {
        "name": "version",
        "passed": False,
        "code": "VERSION_NOT_COVERED",
        "detail": "5.0 was released 2026-02-13T09:26:53Z;"
        " covered is what was released before 2026-02-12T09:26:53Z",
    }


def test_an_unknown_version_is_covered_while_maintenance_runs(call, product) -> None:
    issued = issue(product=product, maintenance_expiry=NOW + DAY)
    body = {"license_key": issued.key, "product_version": "7-nightly"}

    assert call("validate", body).json()["data"]["code"] == "VALID"
    later = call("validate", body, at=NOW + DAY).json()["data"]
    assert later["code"] == "VERSION_NOT_COVERED"


def test_a_licence_without_maintenance_covers_every_version(call, product) -> None:
    issued = issue(product=product)
    body = {"license_key": issued.key, "product_version": "5.0"}

    assert call("validate", body).json()["data"]["code"] == "VALID"


def test_a_version_of_another_product_says_nothing(call, issued) -> None:
    release(make_product(), "6.0", ENDED - DAY)

    data = call("validate", {"license_key": issued.key, "product_version": "6.0"}).json()["data"]

    assert data["code"] == "VERSION_NOT_COVERED"


@pytest.mark.parametrize("route", ["activations/validate", "activations/heartbeat"])
def test_a_device_is_judged_by_the_version_it_last_said_it_runs(call, issued, route) -> None:
    token = activate(issued.key, application_version="4.2").token
    body = {"activation_token": token}
    assert call(route, body).json()["data"]["code"] == "VALID"

    updated = call(route, body | {"application_version": "5.0"}).json()["data"]
    assert (updated["valid"], updated["code"]) == (False, "VERSION_NOT_COVERED")

    again = call(route, body).json()["data"]
    # A heartbeat writes down what the device runs, a validation only answers.
    noted = route == "activations/heartbeat"
    assert again["code"] == ("VERSION_NOT_COVERED" if noted else "VALID")
    assert call(route, body | {"application_version": "4.2"}).json()["data"]["code"] == "VALID"


def test_a_lapsed_lease_is_taken_again_by_a_covered_version_and_by_no_other(call, product) -> None:
    issued = issue(
        product=product,
        license_type="CONCURRENT",
        lease_seconds=60,
        max_activations=1,
        maintenance_expiry=ENDED,
        at=NOW - 400 * DAY,
    )
    token = activate(issued.key, application_version="4.2").token
    late = NOW + timedelta(minutes=5)
    reaping.reap(at=late)
    body = {"activation_token": token}

    newer = call("activations/heartbeat", body | {"application_version": "5.0"}, at=late)
    assert newer.json()["data"]["code"] == "VERSION_NOT_COVERED"
    assert Activation.objects.get().units == 0

    covered = call("activations/heartbeat", body | {"application_version": "4.2"}, at=late)
    assert (covered.json()["data"]["status"], Activation.objects.get().units) == ("SUCCESS", 1)
    assert call("activations/validate", body, at=late).json()["data"]["code"] == "VALID"


def test_a_heartbeat_of_a_version_beyond_maintenance_is_heard_and_refused(call, issued) -> None:
    token = activate(issued.key, application_version="4.2").token
    body = {"activation_token": token, "application_version": "5.0"}

    data = call("activations/heartbeat", body).json()["data"]

    assert (data["status"], data["next_action"]) == ("REFUSED", "renew")
    assert Activation.objects.get().application_version == "5.0"


def test_a_device_with_a_version_beyond_maintenance_gets_no_seat(call, issued) -> None:
    body = {"license_key": issued.key, "device_fingerprint": "pc-7", "application_version": "5.0"}

    answer = call("activations", body)

    assert (answer.status_code, answer.json()["code"]) == (403, "VERSION_NOT_COVERED")
    details = answer.json()["error"]["details"]
    assert details["next_action"] == "renew"
    assert details["detail"].startswith("5.0 was released 2026-02-13T09:26:53Z;")
    assert not Activation.objects.exists()
    assert list(Event.objects.filter(type="activation.refused").values_list("reason", flat=True))

    covered = call("activations", body | {"application_version": "4.2"})
    assert covered.status_code == 201
    # The existing client names no version; what it runs is judged once it says so.
    silent = {"license_key": issued.key, "device_fingerprint": "pc-8"}
    assert call("activations", silent).status_code == 201


def test_a_known_device_is_told_too_and_keeps_its_seat(call, issued) -> None:
    activate(issued.key, "pc-7", application_version="4.2")
    body = {"license_key": issued.key, "device_fingerprint": "pc-7", "application_version": "5.0"}

    assert call("activations", body).json()["code"] == "VERSION_NOT_COVERED"
    assert Activation.objects.get().live


def test_status_comes_before_the_version_and_the_version_before_restrictions(call, product) -> None:
    only = [{"restriction_type": "DOMAIN", "operator": "ALLOW", "values": ["a.example"]}]
    issued = issue(product=product, maintenance_expiry=ENDED, restrictions=only, at=NOW - 60 * DAY)
    body = {"license_key": issued.key, "device_fingerprint": "pc-7", "application_version": "5.0"}
    assert call("activations", body).json()["code"] == "VERSION_NOT_COVERED"

    lifecycle.suspend_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)

    assert call("activations", body).json()["code"] == "LICENSE_SUSPENDED"


def test_a_patch_dated_back_reaches_whose_maintenance_ended(call, issued, product) -> None:
    body = {"license_key": issued.key, "product_version": "4.2.9"}
    patch = release(product, "4.2.9", NOW)
    assert call("validate", body).json()["data"]["code"] == "VERSION_NOT_COVERED"

    change_release(pk=patch.pk, fields={"released_at": ENDED - DAY}, at=NOW, origin=STAFF)

    assert call("validate", body).json()["data"]["code"] == "VALID"


def test_extending_maintenance_covers_what_came_out_meanwhile(call, issued) -> None:
    body = {"license_key": issued.key, "product_version": "5.0"}

    lifecycle.renew_license(
        license_id=issued.license.pk,
        duration_months=12,
        extend_maintenance=True,
        at=NOW,
        origin=STAFF,
    )

    assert call("validate", body).json()["data"]["code"] == "VALID"


@pytest.mark.parametrize("route", ["usage/consume", "status"])
def test_only_who_asks_about_a_version_is_told_of_it(call, issued, route) -> None:
    token = activate(issued.key, application_version="4.2").token
    call("activations/heartbeat", {"activation_token": token, "application_version": "5.0"})

    answer = call(route, {"activation_token": token, "feature_id": "export"}).json()

    assert "VERSION_NOT_COVERED" not in str(answer)
