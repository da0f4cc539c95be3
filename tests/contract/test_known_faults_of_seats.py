"""Faults around seats that other servers were found to have, by their number there."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import ApiKey
from events.models import Event
from licenses.models import Activation, License
from licenses.tasks import catch_up_statuses, flush_heartbeats
from tests import factories
from tests.contract.asking import issue, on_device, terms
from tests.contract.conftest import Caller
from tests.factories import activate
from tests.races.threads import at_once


@pytest.mark.django_db(transaction=True)
def test_fault_38_forty_devices_at_once_take_the_five_seats_that_were_sold():
    issued = factories.issue(max_activations=5, at=timezone.now())

    def asking(number):
        body = {"license_key": issued.key, "device_fingerprint": f"machine-{number}"}
        return lambda: Caller().post("/activations", body).status_code

    answers = at_once(*[asking(number) for number in range(40)])
    assert sorted(answers) == [201] * 5 + [409] * 35
    license = License.objects.get()
    assert license.current_activations == Activation.objects.live().count() == 5


@pytest.mark.django_db
def test_fault_40_the_database_itself_refuses_a_device_two_seats():
    issued = factories.issue()
    activate(issued.key)
    row = Activation.objects.get()
    # Whatever some future code may forget to ask.
    columns = [field.column for field in Activation._meta.concrete_fields]
    shared = ", ".join(f'"{name}"' for name in columns if name not in {"id", "token_digest"})
    new = "gen_random_uuid(), '\\x01'" if connection.vendor == "postgresql" else "'a', x'01'"
    twin = (
        f"INSERT INTO licenses_activation (id, token_digest, {shared})"
        f" SELECT {new}, {shared} FROM licenses_activation"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(twin)
    assert list(Activation.objects.all()) == [row]


@pytest.mark.django_db
def test_fault_48_a_barred_device_is_stored_signed_out_and_kept_out(
    vendor, world, django_capture_on_commit_callbacks
):
    sold = issue(vendor, world)
    body = {"license_key": sold["license_key"], "device_fingerprint": "stolen-laptop"}
    token = on_device("/activations", **body).json()["data"]["activation_token"]
    barred = {"device_fingerprint": "stolen-laptop", "reason": "Stolen."}
    with django_capture_on_commit_callbacks(execute=True):
        answer = vendor.post("/security/blacklist-device", barred)
    assert answer.json() == {"data": {"success": True}}
    [row] = vendor.get("/security/blacklist").json()["data"]
    assert (row["reason"], row["in_force"]) == ("Stolen.", True)
    assert on_device("/activations", **body).json()["code"] == "DEVICE_BLACKLISTED"
    verdict = on_device("/activations/validate", activation_token=token).json()["data"]
    assert (verdict["valid"], verdict["code"]) == (False, "DEVICE_BLACKLISTED")
    read = vendor.get(f"/licenses/{sold['id']}").json()["data"]
    assert read["current_activations"] == 0


@pytest.mark.django_db
def test_fault_21_durations_are_days(vendor, world):
    template = vendor.get(f"/templates/{world.template.pk}").json()["data"]
    body = {
        "template_id": template["id"],
        "issued_to": "Ada",
        "customer_id": str(world.customer.pk),
    }
    sold = vendor.post("/licenses", body).json()["data"]
    license = License.objects.get(pk=sold["id"])
    assert license.expiry_date - license.issued_date == timedelta(template["default_duration"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, set()),
        ({"expiry_date": timezone.now() - timedelta(days=90)}, {"not_expired"}),
        ({"max_activations": 1}, {"activation_limit_ok"}),
    ],
)
def test_fault_22_the_five_booleans_tell_what_is_wrong(change, wrong):
    issued = factories.issue(max_activations=2, at=timezone.now() - timedelta(days=200))
    for name in ("a1", "b2"):
        activate(issued.key, name, at=timezone.now() - timedelta(days=199))
    License.objects.update(
        **change, grace_ends_at=change.get("expiry_date", License.objects.get().grace_ends_at)
    )
    details = on_device("/validate", license_key=issued.key).json()["data"]["validation_details"]
    assert details == {
        name: name not in wrong
        for name in (
            "key_format_valid", "signature_valid", "not_expired", "activation_limit_ok",
            "restrictions_satisfied",
        )
    }  # fmt: skip


@pytest.mark.django_db
def test_stamped_8_dates_that_were_read_back_are_compared_with_the_clock():
    issued = factories.issue(at=timezone.now())
    answer = on_device("/validate", license_key=issued.key)
    assert (answer.status_code, answer.json()["data"]["valid"]) == (200, True)
    told = on_device("/status", license_key=issued.key).json()["data"]
    assert told["days_remaining"] == 365


@pytest.mark.django_db
def test_stamped_9_expiry_and_the_last_sign_of_life_are_written_down(vendor):
    issued = factories.issue(duration_days=1, at=timezone.now() - timedelta(days=2))
    seat = activate(issued.key, at=timezone.now() - timedelta(days=2))
    on_device("/activations/heartbeat", activation_token=seat.token)
    catch_up_statuses()
    flush_heartbeats()
    assert License.objects.get().status == "EXPIRED"
    row = vendor.get(f"/activations/{Activation.objects.get().pk}").json()["data"]
    assert row["last_heartbeat"] >= row["activated_at"]


@pytest.mark.django_db
def test_stamped_10_one_machine_takes_one_seat_and_gives_it_back(vendor, world):
    sold = issue(vendor, world, max_activations=1)
    body = {"license_key": sold["license_key"], "device_fingerprint": "one-machine"}
    answers = [on_device("/activations", **body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    token = answers[-1].json()["data"]["activation_token"]
    on_device("/activations/deactivate", activation_token=token)
    other = on_device("/activations", **body | {"device_fingerprint": "another-machine"})
    assert other.status_code == 201


@pytest.mark.django_db
def test_stamped_12_without_limit_is_said_and_not_a_large_number(vendor, world):
    sold = issue(vendor, world, overage="UNLIMITED", max_activations=1)
    assert (sold["unlimited"], sold["max_activations"]) == (True, 1)
    for name in ("one", "two", "three"):
        body = {"license_key": sold["license_key"], "device_fingerprint": f"machine-{name}"}
        assert on_device("/activations", **body).status_code == 201


@pytest.mark.django_db
def test_server_2_a_licence_that_ended_is_told_in_an_answer_and_not_as_a_fault(vendor, world):
    sold = issue(vendor, world)
    body = {"license_key": sold["license_key"], "device_fingerprint": "self-hosted"}
    token = on_device("/activations", **body).json()["data"]["activation_token"]
    vendor.post(f"/licenses/{sold['id']}/suspend", {"reason": "unpaid"})
    told = {
        path: on_device(path, activation_token=token)
        for path in ("/activations/validate", "/activations/heartbeat")
    }
    told["/validate"] = on_device("/validate", license_key=sold["license_key"])
    for path, answer in told.items():
        verdict = answer.json()["data"]
        found = (answer.status_code, verdict["valid"], verdict["code"])
        assert found == (200, False, "LICENSE_SUSPENDED"), path


@pytest.mark.django_db
def test_server_5_a_second_deployment_neither_takes_the_first_ones_place_nor_a_seat(vendor, world):
    sold = issue(vendor, world, max_activations=1)
    first = {"license_key": sold["license_key"], "device_fingerprint": "deployment-1"}
    token = on_device("/activations", **first).json()["data"]["activation_token"]
    second = on_device("/activations", **first | {"device_fingerprint": "deployment-2"})
    assert second.json()["code"] == "ACTIVATION_LIMIT_EXCEEDED"
    asked = {"license_key": sold["license_key"], "device_fingerprint": "deployment-2"}
    assert on_device("/validate", **asked).json()["data"]["code"] == "DEVICE_NOT_ACTIVATED"
    still = on_device("/activations/validate", activation_token=token).json()["data"]
    held = Activation.objects.filter(license_id=sold["id"])
    assert (still["valid"], held.count()) == (True, 1)


@pytest.mark.django_db
def test_server_14_a_refused_device_leaves_a_line_with_its_code(vendor, world):
    sold = issue(vendor, world)
    vendor.post(f"/licenses/{sold['id']}/suspend", {"reason": "unpaid"})
    on_device("/activations", license_key=sold["license_key"], device_fingerprint="late-comer")
    refused = Event.objects.get(type="activation.refused")
    assert (str(refused.license_id), refused.reason) == (sold["id"], "LICENSE_SUSPENDED")


@pytest.mark.django_db
def test_server_6_no_key_and_a_key_that_nobody_set_are_the_same_nobody(world):
    sent = [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer None"},
    ]
    sent += [{"X-Admin-Key": ""}, {"X-API-Key": ""}, {"Authorization": "Bearer undefined"}]
    for headers in sent:
        answer = Caller(**headers).post("/licenses", terms(world))
        assert (answer.status_code, License.objects.count()) == (401, 1), headers


@pytest.mark.django_db
def test_server_7_the_stored_form_of_an_api_key_opens_nothing(vendor):
    stored = [str(value) for row in ApiKey.objects.values() for value in row.values()]
    assert vendor.get("/licenses").status_code == 200
    for value in stored:
        assert Caller(value).get("/licenses").status_code == 401
    plain = vendor.headers["Authorization"].removeprefix("Bearer ")
    assert not any(plain in value or value == plain for value in stored)


@pytest.mark.django_db
def test_server_8_and_12_lists_answer_and_a_second_cause_keeps_a_licence_suspended(vendor, world):
    sold = issue(vendor, world)
    vendor.post(f"/licenses/{sold['id']}/suspend", {"reason": "misused"})
    renewed = vendor.post(f"/licenses/{sold['id']}/renew", {"duration_months": 12}).json()["data"]
    assert renewed["status"] == "SUSPENDED"
    listed = vendor.get("/licenses?sort=created_at&order=desc&status=SUSPENDED").json()["data"]
    assert [row["id"] for row in listed] == [sold["id"]]
